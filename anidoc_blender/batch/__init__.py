"""Colorize All: the ticked scenes of a file one after the other, with a line each; and the same for whole files."""
