"""The operators and panels, registered together."""

import importlib.util

import bpy

from .batch import operators as batch_operators
from .batch import panel as batch_panel
from .inbetween import operators as inbetween_operators
from .inbetween import panel as inbetween_panel
from .models import operators as model_operators
from .operators import colorize, environment, help, references
from .panels import anidoc, shot


def _demo() -> list[type]:
    """The demo shot's operator, which comes with the extension but not with every checkout."""
    if importlib.util.find_spec(".demo.operator", __package__) is None:
        return []
    from .demo import operator

    return list(operator.CLASSES)


def _all() -> list[type]:
    operators = (*colorize.CLASSES, *environment.CLASSES, *references.CLASSES, *help.CLASSES)
    return [
        *operators,
        *model_operators.CLASSES,
        *batch_operators.CLASSES,
        *inbetween_operators.CLASSES,
        *_demo(),
        *shot.CLASSES,
        *anidoc.CLASSES,
        *inbetween_panel.CLASSES,
        *batch_panel.CLASSES,
    ]


def register() -> None:
    """Make them known to Blender."""
    for cls in _all():
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Take them away again."""
    for cls in reversed(_all()):
        bpy.utils.unregister_class(cls)
