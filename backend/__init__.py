"""AniDoc's backend: everything that works without Blender."""
