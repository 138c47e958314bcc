"""The AniDoc engine's options on the command line."""

import argparse
import os
import sys
from importlib.util import find_spec
from pathlib import Path

from ..contracts.errors import AniDocError
from ..contracts.options import Diffusion
from ..setup.models_table import OWN_WEIGHTS


def engine_group(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """Where the engine's options stand in a verb's help: below all others, which most people never pass."""
    return parser.add_argument_group(
        "the AniDoc engine", "the paper's model: needs its own environment and weights, and in practice an NVIDIA card"
    )


def declare_anidoc(group: argparse._ArgumentGroup, ends: bool = False) -> None:
    """The arguments. ``ends``: the model is always shown two drawings only, and need not be asked to."""
    add, usual = group.add_argument, Diffusion()
    add("--weights", type=Path, metavar="DIR", help=f"holds the SVD and AniDoc weights (default: ${OWN_WEIGHTS})")
    add("--seed", type=int, metavar="N", help=f"the same seed gives the same pictures (default: {usual.seed})")
    add("--steps", type=int, metavar="N", help=f"quality: more is finer and slower (default: {usual.steps})")
    add("--guidance", type=float, metavar="X", help=f"how strongly to follow the reference (default: {usual.guidance})")
    add("--length", type=int, metavar="N", help=f"frames in a pass (default: {usual.length})")
    add("--size", metavar="WxH", help=f"the box of the model's picture, px (default: {usual.width}x{usual.height})")
    add("--background", choices=("keep", "cut"), help="keep the model's background, or cut it away (default: keep)")
    add("--finish", action="store_true", help="make crisp flats of the result")
    shown = argparse.SUPPRESS if ends else "show the model the first and the last sketch only (sparse mode)"
    add("--ends", action="store_true", help=shown)
    add(
        "--point-maps",
        action="store_true",
        help="points as single pixels instead of the paper's heat maps" + ("" if ends else " (sparse mode)"),
    )
    add(
        "--reference-background",
        choices=("keep", "cut", "matte"),
        help="take the reference's background off first: paper at its edge (cut), or all but the figure by U-2-Net (matte)",
    )
    add("--like-release", action="store_true", help="choose points and sizes as the released program does")


def anidoc_options(chosen: argparse.Namespace) -> Diffusion | None:
    """The options asked for; None where the engine is another. Sets the weights' folder for this process."""
    if chosen.weights is not None:
        os.environ[OWN_WEIGHTS] = str(chosen.weights.absolute())
    if chosen.engine != "anidoc":
        _idle_options(chosen)
        return None
    _require_libraries()
    usual = Diffusion()
    width, height = _size(chosen.size) if chosen.size else (usual.width, usual.height)
    options = Diffusion(
        seed=usual.seed if chosen.seed is None else chosen.seed,
        steps=usual.steps if chosen.steps is None else chosen.steps,
        guidance=usual.guidance if chosen.guidance is None else chosen.guidance,
        length=usual.length if chosen.length is None else chosen.length,
        width=width,
        height=height,
        background=chosen.background or usual.background,
        drawn="ends" if chosen.ends else "all",
        finish=chosen.finish,
        like_release=chosen.like_release,
        reference_background=chosen.reference_background or usual.reference_background,
        heat=not chosen.point_maps,
    )
    low = options.steps < 1 or options.length < 2 or options.guidance < 1 or options.seed < 0
    if low or min(width, height) < 64:
        raise AniDocError(
            "The AniDoc engine cannot work with these numbers.",
            "Give at least 1 step, 2 frames a pass, guidance 1, a seed from 0 on and a size from 64x64 on.",
        )
    return options


def _idle_options(chosen: argparse.Namespace) -> None:
    """Say which options change nothing with another engine."""
    names = ("seed", "steps", "guidance", "length", "size", "background", "finish", "ends", "point_maps")
    names += ("reference_background", "like_release")
    if idle := [
        f"--{name.replace('_', '-')}"
        for name in names
        if not (getattr(chosen, name) is None or getattr(chosen, name) is False)
    ]:
        change = "changes" if len(idle) == 1 else "change"
        print(f"anidoc: without --engine anidoc {', '.join(idle)} {change} nothing.", file=sys.stderr)


def _require_libraries() -> None:
    """Raise ``AniDocError`` where this Python cannot run the engine, naming one that can if it is known."""
    if find_spec("torch"):
        return
    from ..setup.doctor_anidoc import find_python

    python = find_python(dict(os.environ), sys.prefix)
    raise AniDocError(
        "This environment cannot run the AniDoc engine: it has no torch.",
        "Set up the AniDoc environment, and run the command with its Python: PYTHON -m backend ..."
        if python is None
        else f"Run the command with the AniDoc environment's Python: {python} -m backend ...",
    )


def _size(text: str) -> tuple[int, int]:
    width, x, height = text.lower().partition("x")
    if not (x and width.isdecimal() and height.isdecimal()):
        raise AniDocError(f"--size {text} is not of the form WxH.", "For example: --size 768x448")
    return int(width), int(height)
