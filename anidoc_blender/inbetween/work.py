"""In-between as work that a timer turns: read the keys, have the backend make the drawings, show or write them."""

import json
import os
import shutil
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ...backend.contracts import spacing
from ...backend.contracts.errors import AniDocError
from ...backend.contracts.files import write_bytes
from ...backend.contracts.tween import TweenRequest, load_between, save_request
from .. import folders
from ..colorize import push_undo
from ..messages import Notice, Refusal
from ..task import Status, Work
from . import preview
from .child import breakdowns
from .colour import Colour, colouring
from .flat import Source, read_keys
from .keys import OURS, Chosen, Plan, key_at
from .plane import Plane
from .write import write_between

PLAN_FILE = "plan.json"

FILL_ONE = "Where limbs cross, fill one drawing first: its areas then lead the lines."

GONE = "The object {} or its keys are not as they were when the in-betweens were made."


def plan_of(scene: bpy.types.Scene, chosen: Chosen, needed: bool = True) -> Plan:
    """Frames and times from the scene's settings. Raises ``AniDocError`` where there is no room and some are ``needed``."""
    settings: Any = scene.anidoc_inbetween  # pyright: ignore[reportAttributeAccessIssue]
    frames, times, pins = [], [], []
    for a, b in chosen.pairs:
        some, when = _timing(settings, a, b, whole=len(chosen.pairs) > 1 or not needed)
        frames.append(some)
        times.append(when)
        pins.append(tuple((tuple(p.first), tuple(p.last)) for p in settings.pins if p.frame == a))
    if needed and not any(frames):
        raise Refusal("There is no room between the keys.", "Move the keys apart, or ask for fewer in-betweens.")
    return Plan(scene.name, chosen, tuple(frames), tuple(times), tuple(pins))


def _timing(settings: Any, a: int, b: int, whole: bool) -> tuple[tuple[int, ...], tuple[float, ...]]:
    chart = spacing.read_chart(settings.chart) if settings.spacing == "chart" else ()
    try:
        if settings.timing == "STEP" and not chart:
            frames = spacing.frames_between(a, b, step=int(settings.step))
            return frames, tuple(spacing.eased((f - a) / (b - a), settings.spacing) for f in frames)
        count = len(chart) or settings.count
        frames = spacing.frames_between(a, b, count=count)
        return frames, chart or spacing.fractions(count, settings.spacing)
    except AniDocError:
        if whole:  # keys that stand side by side are left as they are
            return (), ()
        raise


def folder_of(scene: bpy.types.Scene) -> Path:
    """Where the work lies: in the user's folder, because nothing of it is needed afterwards."""
    return folders.user_folder("inbetween") / folders.safe_name(f"{os.getpid()} {scene.name}")


def make(plan: Plan, show: bool, replaces: bool, colour: Colour | None = None) -> Work:
    """Make the in-betweens, then show them over the keys (``show``) or put them in, coloured where asked for."""
    scene = _scene(plan)
    folder = folder_of(scene)
    preview.forget(scene)
    yield Status("Reading the keys", more=True)
    shutil.rmtree(folder, ignore_errors=True)
    ob = _object(plan)
    keys = read_keys(ob, plan.chosen)
    yield Status("Reading the keys", more=True)
    pins = tuple(tuple((_pin(keys.plane, a), _pin(keys.plane, b)) for a, b in pair) for pair in plan.pins)
    flat = keys.plane
    request = TweenRequest(flat.height, flat.width, plan.chosen.frames, plan.times, pins, keys.colours, keys.further)
    save_request(folder, request, keys.drawings)
    _keep_plan(folder, plan, flat, keys.sources)
    yield Status("Starting", more=True)
    cancelled = yield from breakdowns(folder, plan.count)
    if cancelled:
        shutil.rmtree(folder, ignore_errors=True)
        return [Notice("Cancelled; nothing was changed.")]
    if show:
        yield Status("Showing the in-betweens", 1, 1, more=True)
        preview.show(_scene(plan), _object(plan), folder, *load_plan(folder))
        push_undo("Preview In-betweens")
        words = f"{_drawings(plan.count)} between the keys, shown over them in blue."
        remedy = "Press Apply to put them in, or Discard." + ("" if keys.led else f" {FILL_ONE}")
        return [Notice(words, remedy, "anidoc.inbetween_apply")]
    yield Status("Writing the in-betweens", 1, 1, more=True)
    notices = commit(folder, replaces)
    push_undo("In-between")
    return notices if colour is None else [*notices, *(yield from colouring(colour))]


def _pin(plane: Plane, place: tuple[float, ...]) -> tuple[float, float]:
    x, y, _ = plane.lay(np.array([place]))[0]
    return float(x), float(y)


def commit(folder: Path, replaces: bool) -> list[Notice]:
    """Put the in-betweens of a folder on their layers. Raises ``AniDocError``; then nothing was changed."""
    plan, plane, sources = load_plan(folder)
    data = _object(plan).data
    for n, name in ((n, name) for n, source in enumerate(sources) for name in source.layers):
        layer = data.layers.get(name)
        if layer is None or key_at(layer, plan.chosen.frames[n]) is None:
            raise Refusal(GONE.format(plan.chosen.object), "Press In-between again.")
    drawings = [[load_between(folder, pair, m) for m in range(len(frames))] for pair, frames in enumerate(plan.frames)]
    for pair, (a, b) in enumerate(plan.chosen.pairs):
        if not plan.frames[pair]:
            continue
        _make_room(data, plan.chosen, a, b, replaces)
        keys = (a, sources[pair]), (b, sources[pair + 1])
        for frame, between in zip(plan.frames[pair], drawings[pair], strict=True):
            write_between(data, between, plane, keys, lambda name, frame=frame: _fresh(data.layers[name], frame))
    shutil.rmtree(folder, ignore_errors=True)
    where = f"frames {plan.chosen.frames[0]} and {plan.chosen.frames[-1]}"
    return [Notice(f"{_drawings(plan.count)} between {where}, as breakdowns on {len(plan.chosen.layers)} layers.")]


def _make_room(data: Any, chosen: Chosen, a: int, b: int, replaces: bool) -> None:
    for name in chosen.layers:
        layer = data.layers[name]
        if key_at(layer, a) is None or key_at(layer, b) is None:
            continue
        there = [f.frame_number for f in layer.frames if a < f.frame_number < b]
        if there and not replaces:
            raise already(there[0])
        for number in there:
            layer.frames.remove(number)


def already(frame: int) -> Refusal:
    """What is said where drawings stand between the keys."""
    return Refusal(
        f"There is a drawing between the keys already, at frame {frame}.",
        "Press In-between again and confirm to replace it, or choose other keys.",
    )


def _fresh(layer: Any, frame: int) -> Any:
    if key_at(layer, frame) is not None:
        return None
    made = layer.frames.new(frame)
    made.keyframe_type = OURS
    return made.drawing


def _scene(plan: Plan) -> bpy.types.Scene:
    scene = bpy.data.scenes.get(plan.scene)
    if scene is None:
        raise AniDocError(f"The scene {plan.scene} is gone.")
    return scene


def _object(plan: Plan) -> Any:
    ob = bpy.data.objects.get(plan.chosen.object)
    if ob is None or ob.type != "GREASEPENCIL":
        raise Refusal(GONE.format(plan.chosen.object), "Press In-between again.")
    return ob


def _drawings(count: int) -> str:
    return "1 in-between" if count == 1 else f"{count} in-betweens"


def _keep_plan(folder: Path, plan: Plan, plane: Plane, sources: list[Source]) -> None:
    data = {
        "plan": asdict(plan),
        "plane": {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in asdict(plane).items()},
        "sources": [asdict(s) for s in sources],
    }
    write_bytes(folder / PLAN_FILE, json.dumps(data).encode(), durable=False)


def load_plan(folder: Path) -> tuple[Plan, Plane, list[Source]]:
    """What was asked for in this folder. Raises ``Refusal`` where it is gone."""
    try:
        data = json.loads((folder / PLAN_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise Refusal("No in-betweens wait to be applied.", "Press In-between first.", detail=str(problem)) from problem
    given, plane = data["plan"], data["plane"]
    chosen = Chosen(given["chosen"]["object"], tuple(given["chosen"]["layers"]), tuple(given["chosen"]["frames"]))
    plan = Plan(given["scene"], chosen, tuple(map(tuple, given["frames"])), tuple(map(tuple, given["times"])))
    arrays = {k: np.array(plane[k]) for k in ("origin", "axes", "shift")}
    sources = [Source(tuple(s["layers"]), tuple(s["strokes"]), tuple(s["points"])) for s in data["sources"]]
    return plan, replace(Plane(**{**plane, **arrays})), sources
