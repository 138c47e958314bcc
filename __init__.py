"""The extension's face: Blender calls register and unregister here; the work is in anidoc_blender.

bpy is imported only inside the two functions, so that tools without Blender can look at this folder.
"""


def register() -> None:
    """Switch the add-on on."""
    from . import anidoc_blender

    anidoc_blender.register()


def unregister() -> None:
    """Switch the add-on off, leaving nothing behind."""
    from . import anidoc_blender

    anidoc_blender.unregister()
