"""The colour half of In-between: Cel colours the shot, as Colorize Shot does; AniDoc paints from key to key, in its sparse mode."""

from collections.abc import Generator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import bpy

from ...backend.contracts.errors import AniDocError
from ..colorize import Ended, shot_work
from ..folders import shot_name
from ..messages import Notice, Refusal, Refusals
from ..ready import require_engine
from ..request import request_of
from ..shot_request import ShotRequest
from ..task import Status
from .invent import Stretch, invent
from .keys import Plan, between


@dataclass(frozen=True)
class Colour:
    """What is to be coloured, as the strip ``name``: the whole shot, or each of ``stretches`` by itself."""

    request: ShotRequest
    name: str
    stretches: tuple[Stretch, ...] = ()


def colour_of(scene: bpy.types.Scene, plan: Plan | None, drawings: bool) -> Colour | None:
    """What is to be coloured between the plan's keys; ``drawings``: after they were put in. Raises ``Refusal`` with all
    that is missing; None where there is no plan either."""
    settings: Any = scene.anidoc  # pyright: ignore[reportAttributeAccessIssue]
    refusals = Refusals()
    refusals.gather(require_engine, settings.engine)
    request = refusals.gather(request_of, scene)
    stretches = None
    if request is not None and plan is not None:
        refusals.gather(_require_in_shot, request, plan)
        stretches = refusals.gather(_stretches, request, plan, drawings)
    refusals.speak()
    return None if request is None or stretches is None else Colour(request, shot_name(scene), stretches)


def _require_in_shot(request: ShotRequest, plan: Plan) -> None:
    if request.source is not None:
        raise Refusal(
            "Colorize Shot is set to scanned drawings; in-betweens are Grease Pencil.",
            "Choose Grease Pencil under Shot, or leave Colorize off.",
        )
    if request.objects and plan.chosen.object not in request.objects:
        raise Refusal(
            f"Colorize Shot leaves {plan.chosen.object} out.", "Add it to the chosen objects under Shot, or choose all."
        )


def _stretches(request: ShotRequest, plan: Plan, drawings: bool) -> tuple[Stretch, ...]:
    """The ways that AniDoc paints; none for an engine that colours what is drawn."""
    there = {frame for _, frame in between(plan.chosen)}
    asked = request.options.anidoc
    if asked is None:
        if not drawings and not there:
            raise Refusal(
                f"No drawing stands between frame {plan.chosen.frames[0]} and frame {plan.chosen.frames[-1]}.",
                "Have Drawings made too, or choose AniDoc, which paints without them.",
            )
        return ()
    found = []
    for (a, b), frames, times in zip(plan.chosen.pairs, plan.frames, plan.times, strict=True):
        drawn = () if drawings else tuple(sorted(frame for frame in there if a < frame < b))
        if drawn and drawn != frames:
            frames, times = drawn, ()
        if len(frames) + 2 > asked.length:
            raise Refusal(
                f"Frames {a} and {b} are too far apart: AniDoc paints {asked.length - 2} in-betweens in one pass, "
                f"and there {'are' if drawn else 'would be'} {len(frames)}.",
                "Ask for fewer, draw a key between, or set more Frames per Pass (the published model knows 14).",
            )
        found.append(Stretch(a, b, frames, times, invented=not (drawings or drawn)))
    return tuple(found)


def colouring(colour: Colour) -> Generator[Status, bool | None, list[Notice]]:
    """Colour it and place the strip. Raises ``AniDocError``."""
    if not colour.stretches:
        return (yield from shot_work(colour.request, colour.name)).notices
    said: list[Notice] = []
    for stretch in colour.stretches:
        where = "" if len(colour.stretches) == 1 else f"frames {stretch.first} to {stretch.last}: "
        prepare = partial(invent, stretch) if stretch.invented and stretch.frames else None
        ended = yield from _named(shot_work(_request(colour.request, stretch), colour.name, prepare), where)
        if ended.finished is None or ended.finished.outcome == "cancelled":
            return [*ended.notices, *said]
        said += ended.notices[1:] if where else ended.notices
    if len(colour.stretches) > 1:
        first, last = colour.stretches[0].first, colour.stretches[-1].last
        words = f"Painted from frame {first} to frame {last}, {len(colour.stretches)} times from key to key; see the sequencer."
        said.insert(0, Notice(words))
    return list(dict.fromkeys(said))


def _request(request: ShotRequest, stretch: Stretch) -> ShotRequest:
    """The job of one stretch: its drawings only, of which the model is shown the first and the last."""
    asked = request.options.anidoc
    if asked is None:
        raise AniDocError("The engine was changed meanwhile.", "Press In-between again.")
    spacing = tuple(zip(stretch.frames, stretch.times, strict=False))
    options = replace(request.options, anidoc=replace(asked, drawn="ends", spacing=spacing))
    return replace(request, first=stretch.first, last=stretch.last, hold=True, options=options)


def _named(work: Generator[Status, bool | None, Ended], where: str) -> Generator[Status, bool | None, Ended]:
    """The same work, saying where it is."""
    try:
        status = next(work)
        while True:
            status = work.send((yield replace(status, doing=f"{where}{status.doing}")))
    except StopIteration as end:
        return end.value
    finally:
        work.close()
