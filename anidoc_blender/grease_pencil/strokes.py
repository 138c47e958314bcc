"""One layer's drawing as strokes in pixels: attributes read, curves evaluated, projected, and what is not seen left out."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...backend.contracts.drawing import FILL, LINE, SEPARATION, Strokes
from ..compat import FILL_BY_STROKE
from .attributes import has, stroke_offsets, values
from .curves import CATMULL_ROM, ORDER, POLY, RESOLUTION, Controls, evaluate
from .materials import Slots
from .projection import View

RADIUS = 0.01
"""Blender units, where a drawing has no radius of its own."""

MARGIN = 64.0
"""px around the frame. A stroke wholly beyond it changes nothing that is seen and is left out."""

FURTHEST = 1e9
"""Blender units. A coordinate beyond it comes from a division by nothing, as infinity does (which Blender clamps)."""

LINES = LINE | SEPARATION


@dataclass(frozen=True)
class Local:
    """A layer's strokes in the layer's own space: as ``Strokes``, but points (N, 3) and radius in Blender units.

    fill_opacity  (S,) float32;  group (S,) int32: strokes of the same number > 0 are one filled shape with holes
    """

    points: np.ndarray
    radius: np.ndarray
    opacity: np.ndarray
    offsets: np.ndarray
    material: np.ndarray
    cyclic: np.ndarray
    role: np.ndarray
    ids: np.ndarray
    fill_opacity: np.ndarray
    group: np.ndarray

    def of(self, keep: np.ndarray) -> "Local":
        """Only the strokes for which ``keep`` (S,) bool holds."""
        if keep.all():
            return self
        sizes = np.diff(self.offsets)
        points = np.repeat(keep, sizes)
        strokes = ("material", "cyclic", "role", "ids", "fill_opacity", "group")
        return Local(
            **{n: getattr(self, n)[points] for n in ("points", "radius", "opacity")},
            **{n: getattr(self, n)[keep] for n in strokes},
            offsets=_offsets(sizes[keep]),
        )


def roles_of(drawing: Any, slots: Slots, count: int) -> np.ndarray:
    """(S,) uint8: what each of the drawing's ``count`` strokes is, bits LINE | FILL | SEPARATION; 0 where it is not drawn."""
    role = slots.role[slots.of(values(drawing, "material_index", count, 0).astype(np.int64))]
    if FILL_BY_STROKE:
        unfilled = values(drawing, "fill_id", count, 0) == 0
        role = role & ~np.where(unfilled, FILL, 0).astype(np.uint8)
        role = role & ~np.where(values(drawing, "hide_stroke", count, False), LINES, 0).astype(np.uint8)
    return role


def read_local(drawing: Any, slots: Slots, identity: int, radius_offset: float = 0.0) -> tuple[Local, int]:
    """The strokes of a drawing, and how many were left out because their material cuts (holdout) instead of painting."""
    offsets = stroke_offsets(drawing)
    s, n = len(offsets) - 1, int(offsets[-1])
    material = values(drawing, "material_index", s, 0).astype(np.int64)
    cyclic = values(drawing, "cyclic", s, False).astype(np.bool_)
    ids = _identities(identity, np.diff(offsets), material, cyclic)
    slot = slots.of(material)
    role, group = roles_of(drawing, slots, s), np.zeros(s, np.int32)
    if FILL_BY_STROKE:
        group = values(drawing, "fill_id", s, 0).astype(np.int32)
    index = slots.index[slot]
    if has(drawing, "vertex_color") or has(drawing, "fill_color"):
        index = slots.table.painted(index, *_paint(drawing, offsets, role))
    points = values(drawing, "position", n, (0.0, 0.0, 0.0))
    radius = values(drawing, "radius", n, RADIUS)
    opacity = values(drawing, "opacity", n, 1.0)
    kind = values(drawing, "curve_type", s, CATMULL_ROM)
    if (kind != POLY).any():
        controls = Controls(
            offsets=offsets,
            curve_type=kind,
            cyclic=cyclic,
            resolution=values(drawing, "resolution", s, RESOLUTION),
            order=values(drawing, "nurbs_order", s, ORDER),
            knots=values(drawing, "knots_mode", s, 0),
            left=values(drawing, "handle_left", n, 0.0) if has(drawing, "handle_left") else points,
            right=values(drawing, "handle_right", n, 0.0) if has(drawing, "handle_right") else points,
            weight=values(drawing, "nurbs_weight", n, 1.0),
        )
        points, carried, offsets = evaluate(controls, points, np.stack([radius, opacity], 1))
        radius, opacity = carried[:, 0], carried[:, 1]
    local = Local(
        points=points,
        radius=np.maximum(radius + radius_offset, 0),
        opacity=opacity,
        offsets=offsets,
        material=index,
        cyclic=cyclic,
        role=role,
        ids=ids,
        fill_opacity=values(drawing, "fill_opacity", s, 1.0),
        group=group,
    )
    cut = slots.holdout[slot] & (role != 0)
    return local.of((role != 0) & ~slots.holdout[slot] & (np.diff(offsets) > 0)), int(cut.sum())


def _paint(drawing: Any, offsets: np.ndarray, role: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(S, 4) and (S, 4) linear colours painted over lines (a line's points taken together) and over fills."""
    s, n = len(role), int(offsets[-1])
    fill = values(drawing, "fill_color", s, (0.0,) * 4) * ((role & FILL) != 0)[:, None]
    line = np.zeros((s, 4))
    if n and has(drawing, "vertex_color"):
        filled = np.flatnonzero(np.diff(offsets))
        painted = np.add.reduceat(values(drawing, "vertex_color", n, (0.0,) * 4), offsets[filled], axis=0)
        line[filled] = painted / np.diff(offsets)[filled, None]
    return np.nan_to_num(line * ((role & LINES) != 0)[:, None]), np.nan_to_num(fill)


def lines_of(local: Local) -> Local:
    """The strokes that are drawn as lines; those that are only filled are not line art."""
    return local.of((local.role & LINES) != 0)


def fills_of(local: Local) -> Local:
    """The filled shapes, each as one closed stroke; a shape with holes runs along a seam into each hole and back."""
    local = local.of((local.role & FILL) != 0)
    s = len(local.offsets) - 1
    opacity = np.repeat(local.fill_opacity, np.diff(local.offsets))
    local = replace(local, role=np.full(s, FILL, np.uint8), opacity=opacity, cyclic=np.ones(s, np.bool_))
    number, first, count = np.unique(local.group[local.group != 0], return_index=True, return_counts=True)
    if not (count > 1).any():
        return local
    first = np.flatnonzero(local.group != 0)[first]
    members = {int(f): np.flatnonzero(local.group == g) for g, f, c in zip(number, first, count, strict=True) if c > 1}
    inside = {int(m) for group in members.values() for m in group[1:]}
    paths, kept = [], []
    for stroke in range(s):
        if stroke in inside:
            continue
        start, end = int(local.offsets[stroke]), int(local.offsets[stroke + 1])
        path = [np.arange(start, end)]
        for hole in members.get(stroke, ())[1:]:
            ring = np.arange(int(local.offsets[hole]), int(local.offsets[hole + 1]))
            path += [np.array([start]), ring, ring[:1]]
        paths.append(np.concatenate(path).astype(np.int64))
        kept.append(stroke)
    order, kept = np.concatenate(paths), np.array(kept)
    return Local(
        **{n: getattr(local, n)[order] for n in ("points", "radius", "opacity")},
        **{n: getattr(local, n)[kept] for n in ("material", "cyclic", "role", "ids", "fill_opacity", "group")},
        offsets=_offsets(np.array([len(p) for p in paths])),
    )


def project(
    local: Local, world: np.ndarray, scale: float, view: View, layer: int, opacity: float
) -> tuple[Strokes, int]:
    """The strokes in pixels, and how many points were no numbers.

    world    (4, 4) layer to world;  scale: what radius is multiplied by;  layer: index in the shot's layers
    """
    points3 = np.asarray(local.points, np.float64)
    finite = (np.abs(points3) < FURTHEST).all(1) & np.isfinite(local.radius) & np.isfinite(local.opacity)
    with np.errstate(all="ignore"):
        px, radius, ok = view.project(points3 @ world[:3, :3].T + world[:3, 3], np.float64(scale) * local.radius)
    ok &= finite
    strokes = Strokes(
        points=px.astype(np.float32),
        radius=radius.astype(np.float32),
        opacity=np.clip(np.where(finite, local.opacity, 0) * opacity, 0, 1).astype(np.float32),
        offsets=local.offsets.astype(np.int32),
        layer=np.full(len(local.role), layer, np.int32),
        material=local.material.astype(np.int32),
        cyclic=local.cyclic,
        role=local.role,
        ids=local.ids,
    )
    if not ok.all():
        strokes = _without(strokes, ok)
    return _seen(strokes, view), int((~finite).sum())


def joined(parts: list[Strokes]) -> Strokes:
    """Several layers' strokes as one drawing, in the given order (bottom to top)."""
    sizes = np.concatenate([np.diff(p.offsets) for p in parts])
    names = ("points", "radius", "opacity", "layer", "material", "cyclic", "role", "ids")
    return Strokes(**{n: np.concatenate([getattr(p, n) for p in parts]) for n in names}, offsets=_offsets(sizes))


def _offsets(sizes: np.ndarray) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)


def _pick(strokes: Strokes, points: np.ndarray, stroke_of: np.ndarray, starts: np.ndarray) -> Strokes:
    """The given points; new strokes begin where ``starts`` (P,) holds and inherit from ``stroke_of`` (P,)."""
    first = np.flatnonzero(starts)
    source = stroke_of[first]
    return Strokes(
        points=strokes.points[points],
        radius=strokes.radius[points],
        opacity=strokes.opacity[points],
        offsets=np.concatenate([first, [len(points)]]).astype(np.int32),
        **{n: getattr(strokes, n)[source] for n in ("layer", "material", "cyclic", "role", "ids")},
    )


def _without(strokes: Strokes, ok: np.ndarray) -> Strokes:
    """Without the points that have no place in the picture: a line breaks there, a filled shape closes over them."""
    stroke_of = np.repeat(np.arange(len(strokes)), np.diff(strokes.offsets))
    points = np.flatnonzero(ok)
    owner = stroke_of[points]
    if not len(points):
        starts = np.zeros(0, np.bool_)
        return _pick(strokes, points, owner, starts)
    new_stroke = np.concatenate([[True], owner[1:] != owner[:-1]])
    gap = np.concatenate([[False], points[1:] != points[:-1] + 1])
    only_fill = (strokes.role[owner] & LINES) == 0
    whole = np.ones(len(strokes), np.bool_)
    whole[stroke_of[~ok]] = False
    closed = strokes.cyclic & (whole | ((strokes.role & LINES) == 0))
    return _pick(replace(strokes, cyclic=closed), points, owner, new_stroke | (gap & ~only_fill))


def _seen(strokes: Strokes, view: View) -> Strokes:
    """Without the strokes that are invisible or wholly beyond the margin around the frame."""
    if len(strokes) == 0:
        return strokes
    starts = strokes.offsets[:-1]
    thick = strokes.radius[:, None]
    low = np.minimum.reduceat(strokes.points - thick, starts, axis=0)
    high = np.maximum.reduceat(strokes.points + thick, starts, axis=0)
    keep = (high > -MARGIN).all(1) & (low < np.array([view.width, view.height]) + MARGIN).all(1)
    keep &= np.maximum.reduceat(strokes.opacity, starts) > 0
    if keep.all():
        return strokes
    points = np.flatnonzero(np.repeat(keep, np.diff(strokes.offsets)))
    owner = np.repeat(np.arange(len(strokes)), np.diff(strokes.offsets))[points]
    return _pick(strokes, points, owner, np.concatenate([[True], owner[1:] != owner[:-1]])[: len(owner)])


def _identities(identity: int, sizes: np.ndarray, material: np.ndarray, cyclic: np.ndarray) -> np.ndarray:
    """(S,) int64 that stay with a stroke from drawing to drawing, as far as that can be told without looking.

    Made of the layer, the number of points, the material, cyclic, and the how-manieth of such strokes it is. So a
    stroke that only moves (a copied key, an animated object or camera) keeps its id, also when others are drawn
    before it; one that was drawn anew has another number of points and with it another id.
    """
    kind = _mix(sizes.astype(np.uint64) * np.uint64(2) + cyclic) ^ _mix(material.astype(np.uint64) + np.uint64(1))
    order = np.argsort(kind, kind="stable")
    ranked = kind[order]
    first = np.concatenate([[True], ranked[1:] != ranked[:-1]])[: len(ranked)]
    place = np.arange(len(ranked))
    rank = np.empty(len(ranked), np.uint64)
    rank[order] = place - np.maximum.accumulate(np.where(first, place, 0))
    mixed = _mix(kind ^ _mix(rank + np.uint64(identity % 2**63)))
    return (mixed >> np.uint64(1)).astype(np.int64)


def _mix(x: np.ndarray) -> np.ndarray:
    """The finalizer of SplitMix64: spreads neighbouring numbers over all 64 bits."""
    with np.errstate(over="ignore"):
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return x ^ (x >> np.uint64(31))
