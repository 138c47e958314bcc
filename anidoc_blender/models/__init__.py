"""The AniDoc engine's models, seen from Blender: which are here, fetching and checking them in a process of its own."""
