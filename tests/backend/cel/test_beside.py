"""What a process beside the run does for it: the same evidence, the same pictures, whoever made them."""

from collections.abc import Callable, Sequence

import numpy as np

from backend.cel.beside import to_lay
from backend.cel.engine import AWAY, CelEngine
from backend.contracts.engine import Frame, Order
from backend.contracts.options import Options
from backend.contracts.shot import Key, Shot
from tests.support.memory import Memory

from .test_engine import doll, drawn, shot_of


class Helped(Memory):
    """A store whose helper is as quick as thought: what is ordered is done before the run goes on."""

    def __init__(self) -> None:
        super().__init__()
        self.obey: Callable[[Order], None] = lambda order: None
        self.done: list[Order] = []
        self.left: dict[str, tuple[np.ndarray, np.ndarray]] = {}

    def ahead(self, orders: Sequence[Order], where: str = "only") -> bool:
        for order in orders:
            self.obey(order)
            self.done.append(order)
        return True

    def leave(self, recipe: str, picture: np.ndarray, sketch: np.ndarray) -> None:
        self.left[recipe] = picture, sketch

    def is_left(self, recipe: str) -> bool:
        return recipe in self.left


class Lazy(Helped):
    """A store whose helper says yes and never does anything."""

    def ahead(self, orders: Sequence[Order], where: str = "only") -> bool:
        return True


def walk() -> Shot:
    drawings = [drawn(step) for step in range(0, 40, 5)]
    return shot_of(drawings, [Key(drawings[0].id, "first", picture=doll(0, True))])


def test_drawings_are_laid_from_the_last_on_and_begun_on_a_key_that_is_not_beside_them():
    ids = ["a", "b", "c", "d", "e", "f"]
    assert to_lay(ids, ["a", "d"]) == [
        ("lay", "f", "e", "d"),
        ("lay", "e", "d"),
        ("lay", "c", "b", "a"),
        ("lay", "b", "a"),
    ]


def test_what_comes_before_the_first_key_is_laid_on_no_key():
    assert to_lay(["a", "b", "c"], ["c"]) == [("lay", "b", "a")]


def frames_with(store: Memory, shot: Shot) -> dict[str, Frame]:
    events = CelEngine().frames(shot, Options(), store)
    return {e.drawing: e for e in events if isinstance(e, Frame)}


def test_a_helper_changes_no_recipe_no_picture_and_no_evidence():
    shot, alone, store = walk(), Memory(), Helped()
    store.obey = CelEngine().assistant(shot, Options(), store)
    mine, theirs = frames_with(alone, shot), frames_with(store, shot)
    assert {order[0] for order in store.done} == {"lay", "lay some", "finish", "paint"}
    assert {d: f.recipe for d, f in mine.items()} == {d: f.recipe for d, f in theirs.items()}
    for key, arrays in alone.items():
        assert all(np.array_equal(store[key][name], array) for name, array in arrays.items()), key
    # What is begun for a drawing that turns out to ask no key is not missed.
    assert any(key.startswith("begun") for key in store)
    painted = [f for f in mine.values() if f.recipe in store.left]
    assert len(painted) >= len(shot.ids) - 2  # all but the key
    for frame in painted:
        picture, sketch = store.left[frame.recipe]
        assert np.array_equal(picture, frame.paint())
        assert frame.sketch is not None and np.array_equal(sketch, frame.sketch())


def test_a_helper_that_does_nothing_keeps_no_frame_back():
    shot = walk()
    frames = frames_with(Lazy(), shot)
    assert set(frames) == set(shot.ids)
    # What was given away comes last.
    assert len(frames) > AWAY and frames[shot.ids[0]].final
