"""The anidoc command."""
