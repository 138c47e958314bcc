"""Cel, the default engine: palette-exact flat colour on a CPU."""
