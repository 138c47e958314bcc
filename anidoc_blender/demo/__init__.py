"""The demo shot in Blender: our own character as Grease Pencil strokes."""
