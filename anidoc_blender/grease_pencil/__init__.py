"""Grease Pencil: drawings are read here."""
