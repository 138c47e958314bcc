"""The panels drawn on a layout that checks what it is given: properties, operators and icons must exist in this Blender."""

import re
from types import SimpleNamespace
from typing import Any

import bpy
import pytest
from bl_ext.user_default.anidoc.anidoc_blender import folders, messages, preferences, task
from bl_ext.user_default.anidoc.anidoc_blender.messages import Notice
from bl_ext.user_default.anidoc.anidoc_blender.panels import parts, shot
from bl_ext.user_default.anidoc.anidoc_blender.setup import environment

from tests.support.shots import make_shot

ICONS = {i.identifier for i in bpy.types.UILayout.bl_rna.functions["label"].parameters["icon"].enum_items_static}


class Layout:
    """Stands in for UILayout: remembers texts, checks names."""

    def __init__(self, said: list[str] | None = None) -> None:
        self.__dict__["said"] = [] if said is None else said

    def __setattr__(self, name: str, value: Any) -> None:
        assert name in bpy.types.UILayout.bl_rna.properties, f"a layout has no {name}"

    def _note(self, text: Any, icon: str = "NONE", **_: Any) -> None:
        assert icon in ICONS, f"no icon {icon}"
        if text:
            self.said.append(str(text))

    def row(self, **_: Any) -> "Layout":
        return Layout(self.said)

    column = box = row

    def label(self, text: str = "", **options: Any) -> None:
        self._note(text, **options)

    def prop(self, data: Any, name: str, text: str | None = None, **options: Any) -> None:
        rna = data.bl_rna.properties[name]
        assert rna.description, f"{name} has no tooltip"
        for word in ("expand", "toggle", "placeholder"):
            options.pop(word, None)
        self._note(rna.name if text is None else text, **options)

    def prop_search(self, data: Any, name: str, where: Any, what: str, text: str = "", icon: str = "NONE") -> None:
        assert data.bl_rna.properties[name] and where.bl_rna.properties[what]
        self._note(text, icon)

    def operator(self, name: str, text: str | None = None, icon: str = "NONE", emboss: bool = True) -> Any:
        operator = getattr(getattr(bpy.ops, name.split(".")[0]), name.split(".")[1])
        rna = operator.get_rna_type()
        assert rna.description, f"{name} has no tooltip"
        self._note(rna.name if text is None else text, icon)
        return SimpleNamespace()

    def template_ID(self, data: Any, name: str, open: str = "") -> None:  # noqa: N802
        assert data.bl_rna.properties[name]

    def template_icon(self, icon_value: int, scale: float) -> None:
        assert icon_value > 0

    def icon(self, data: Any) -> int:
        return 1

    def progress(self, factor: float, type: str, text: str) -> None:
        assert 0 <= factor <= 1
        assert type in ("BAR", "RING")
        self.said.append(text)


def drawn(panel: type) -> str:
    """All a panel says."""
    layout = Layout()
    panel.draw(SimpleNamespace(layout=layout), bpy.context)
    return " ".join(layout.said)


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    """Nothing goes on and nothing was said."""
    messages.show()
    yield
    task.stop()
    messages.show()
    monkeypatch.undo()
    environment.look()


@pytest.fixture
def ready(monkeypatch, backend_python):
    """There is an environment."""
    monkeypatch.setenv("ANIDOC_PYTHON", backend_python)
    environment.look()


PANELS = [c for c in shot.CLASSES if c is not shot.ANIDOC_PT_material]


def test_the_tab_is_in_the_3d_view_and_in_the_sequencer():
    spaces = {(c.bl_space_type, c.bl_label) for c in PANELS}
    labels = {"Colorize Shot", "References", "Shot", "Result"}
    assert spaces == {(s, n) for s in ("VIEW_3D", "SEQUENCE_EDITOR") for n in labels}
    assert {c.bl_category for c in PANELS} == {"AniDoc"}


def test_at_first_it_says_how_to_begin(monkeypatch):
    monkeypatch.delenv("ANIDOC_PYTHON", raising=False)
    environment.look()
    said = drawn(PANELS[0])
    assert "not set up yet" in said and "Downloads 140 MB" in said
    assert "stay offline" in said and "Open Preferences" in said
    assert "Set up" in said and "Colorize Shot" in said


def test_without_references_it_offers_the_demo(ready):
    said = drawn(PANELS[0])
    assert "fill one drawing and use it" in said and "Add Demo Shot" in said


def test_work_in_progress_shows_how_far_it_is_and_cancel(ready):
    make_shot()

    def work():
        yield task.Status("Colouring", 3, 12, seconds_left=75)
        yield task.Status("Colouring", 4, 12)

    task.start("Colorize Shot", work())
    task._tick()
    said = drawn(PANELS[0])
    assert "Colouring: 3 of 12 1 min left Cancel" in said
    task.cancel()
    assert "Cancelling: 3 of 12" in drawn(PANELS[0])


def test_messages_come_with_their_button(ready):
    make_shot()
    messages.show(
        Notice("Renders will not show these exact colours.", "Press Fix View Transform.", "anidoc.fix_view_transform"),
        Notice("It went wrong.", "Try again.", "", "ERROR", "the whole story"),
    )
    said = drawn(PANELS[0])
    assert "Fix View Transform" in said and "Show Log" in said and "Copy Diagnostics" in said


def test_the_first_message_leaves_room_for_the_cross_that_dismisses_it(ready):
    messages.show(Notice("One in-between between the keys, shown over them in blue."), Notice("word " * 20))
    layout = Layout()
    parts.notices(layout, bpy.context)
    first = [text for text in layout.said if "word" not in text]
    later = [text for text in layout.said if "word" in text]
    room = parts.letters(bpy.context) - parts.ICON
    assert max(map(len, first)) <= room - parts.ICON < max(map(len, later)) <= room


def test_every_button_a_message_can_carry_exists():
    source = "\n".join(p.read_text() for p in (folders.ROOT / "anidoc_blender").rglob("*.py"))
    named = set(re.findall(r'"((?:anidoc|wm)\.[a-z_]+)"', source))
    assert len(named) > 10
    for name in named:
        assert getattr(getattr(bpy.ops, name.split(".")[0]), name.split(".")[1]).get_rna_type(), name


@pytest.mark.parametrize("source", ["GREASE_PENCIL", "STRIP", "FOLDER"])
@pytest.mark.parametrize("which", ["VISIBLE", "CHOSEN"])
def test_every_state_of_the_settings_can_be_drawn(ready, source, which):
    scene = make_shot()
    settings = scene.anidoc
    settings.source, settings.which, settings.range = source, which, "CUSTOM"
    settings.auto_gap = False
    settings.chosen.add().object = bpy.data.objects["Character"]
    settings.chosen.add()
    image = settings.references.add()
    image.kind, image.image = "IMAGE", bpy.data.images.new("sheet", 8, 8)
    file = settings.references.add()
    file.kind, file.path, file.is_key = "FILE", "//sheet.png", True
    if which == "CHOSEN":
        scene.sequence_editor_create()
    for panel in PANELS:
        assert drawn(panel)


def test_the_material_panel_has_the_one_switch():
    make_shot()
    context = SimpleNamespace(material=bpy.data.materials["Line"])
    layout = Layout()
    assert shot.ANIDOC_PT_material.poll(context)
    shot.ANIDOC_PT_material.draw(SimpleNamespace(layout=layout), context)
    assert layout.said == ["Colour separation"]
    assert not shot.ANIDOC_PT_material.poll(SimpleNamespace(material=None))


def test_the_preferences_tell_the_state(monkeypatch):
    monkeypatch.delenv("ANIDOC_PYTHON", raising=False)
    environment.look()
    layout = Layout()
    page = bpy.context.preferences.addons[folders.ADDON].preferences
    bound = SimpleNamespace(layout=layout, bl_rna=page.bl_rna, interpreter="")
    preferences.ANIDOC_AP_preferences.draw(bound, bpy.context)
    said = " ".join(layout.said)
    assert "Not set up yet" in said and "370 MB on disk" in said and "Own Python" in said


def test_drawing_reads_nothing_from_the_disk(ready, monkeypatch):
    make_shot()
    parts_seen = environment.seen()
    monkeypatch.setattr(environment, "look", lambda *_: pytest.fail("a draw function looked at the disk"))
    for panel in PANELS:
        drawn(panel)
    assert environment.seen() is parts_seen


def test_words_for_time_and_counts():
    assert [parts.spoken_time(s) for s in (None, 0.2, 59, 61, 3599, 3700)] == [
        "",
        "1 s left",
        "59 s left",
        "1 min left",
        "60 min left",
        "1 h 1 min left",
    ]
    assert parts.spoken_count(task.Status("x", 3, 12)) == ": 3 of 12"
    assert parts.spoken_count(task.Status("x", 5_000_000, 436_000_000)) == ": 5 of 436 MB"
    assert parts.spoken_count(task.Status("x")) == ""
