"""The add-on: everything that imports bpy."""


def register() -> None:
    """Make the add-on's classes known to Blender."""


def unregister() -> None:
    """Take them away again."""
