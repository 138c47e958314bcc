"""The environment the backend runs in, seen from Blender: which interpreter, what state, the set-up button's work."""
