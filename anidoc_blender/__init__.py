"""The add-on: everything that imports bpy. Importing this file alone does not."""


def _modules() -> list:
    """What is registered, in order."""
    from . import classes, commands, preferences, previews, properties, task
    from .batch import properties as batch_properties
    from .batch import state as batch_state
    from .client import life
    from .inbetween import properties as inbetween_properties

    return [
        properties,
        batch_properties,
        inbetween_properties,
        preferences,
        previews,
        task,
        life,
        batch_state,
        classes,
        commands,
    ]


def register() -> None:
    """Make the add-on known to Blender; when a part fails, what was registered before it is taken back."""
    done = []
    try:
        for module in _modules():
            module.register()
            done.append(module)
    except Exception:
        for module in reversed(done):
            module.unregister()
        raise


def unregister() -> None:
    """Take it away again: no class, property, handler, timer or process stays."""
    for module in reversed(_modules()):
        module.unregister()
