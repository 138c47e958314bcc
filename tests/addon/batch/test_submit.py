"""Submit to Flamenco: the ticked scenes' jobs are written and handed to a Manager by the real backend."""

import http.server
import json
import threading
from pathlib import Path

import bpy
import pytest
from bl_ext.user_default.anidoc.anidoc_blender import folders, messages
from bl_ext.user_default.anidoc.anidoc_blender.batch import panel, state, steps, submit
from bl_ext.user_default.anidoc.anidoc_blender.task import Status
from bl_ext.user_default.anidoc.backend.contracts.errors import AniDocError
from bl_ext.user_default.anidoc.backend.contracts.jobfolder import load_job

from tests.addon.batch.conftest import saved, several
from tests.addon.panels.test_draw import Layout


class Manager(http.server.BaseHTTPRequestHandler):
    """A Flamenco Manager as far as submitting needs one."""

    jobs: list[dict] = []
    knows = "anidoc-colorize"

    def do_GET(self):
        self.say({"job_types": [{"name": self.knows}]})

    def do_POST(self):
        self.jobs.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.say({"id": "job-7"})

    def say(self, data):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(data).encode())

    def log_message(self, format, *args):
        pass


@pytest.fixture
def manager(monkeypatch, backend_python):
    """Its address, configured in the preferences of a Blender that may go online."""
    server = http.server.HTTPServer(("127.0.0.1", 0), Manager)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("ANIDOC_PYTHON", backend_python)
    monkeypatch.setattr(submit, "why_not", lambda: None)  # the module Blender never allows online access
    preferences = bpy.context.preferences.addons[folders.ADDON].preferences
    preferences.flamenco = f"127.0.0.1:{server.server_port}"
    Manager.jobs.clear()
    monkeypatch.setattr(Manager, "knows", "anidoc-colorize")
    yield Manager
    preferences.flamenco = ""
    server.shutdown()
    server.server_close()


def test_ticked_scenes_become_a_job_of_the_farm(tmp_path, manager):
    several(3)[1].anidoc_batch.use = False
    saved(tmp_path / "reel.blend")
    assert bpy.ops.anidoc.batch_submit() == {"FINISHED"}
    (job,) = manager.jobs
    listed = Path(job["settings"]["list"]).read_text().splitlines()
    assert [Path(p).name for p in listed] == ["Scene A", "Scene C"] and job["name"] == "reel"
    assert all(len(load_job(Path(p)).drawings) == 2 for p in listed)
    assert "job-7" in messages.board[0].sentence


def test_what_the_manager_says_no_to_stands_in_the_panel(tmp_path, manager, monkeypatch):
    several(1)
    saved(tmp_path / "reel.blend")
    monkeypatch.setattr(manager, "knows", "simple-blender-render")
    with pytest.raises(RuntimeError, match=r"Copy anidoc_colorize\.js"):
        bpy.ops.anidoc.batch_submit()


def test_the_button_is_there_only_with_a_manager(tmp_path, manager):
    def drawn():
        layout = Layout()
        type("Shown", (panel._Batch,), {"layout": layout})().draw(bpy.context)
        return layout.said

    assert "Submit to Flamenco" in drawn()
    bpy.context.preferences.addons[folders.ADDON].preferences.flamenco = ""
    assert "Submit to Flamenco" not in drawn()


def test_offline_is_respected_in_a_sentence():
    preferences = bpy.context.preferences.addons[folders.ADDON].preferences
    refusal = submit.why_not()
    assert refusal is not None and "No Flamenco Manager is configured" in refusal.sentence
    preferences.flamenco = "farm"
    try:
        refusal = submit.why_not()
        assert refusal is not None and not bpy.app.online_access and refusal.button == "anidoc.allow_online"
    finally:
        preferences.flamenco = ""


def test_in_betweens_are_made_first_where_a_scene_asks_for_them(tmp_path, use):
    use("colour")
    a, b = several(2)
    b.anidoc_batch.inbetween = True
    b.frame_end = 4
    layer = b.objects["Character.001"].data.layers["Lines"]
    saved(tmp_path / "a.blend")
    assert bpy.ops.anidoc.colorize_all() == {"FINISHED"}, state.current().lines
    assert [line.words() for line in state.current().lines] == ["done", "done"]
    assert [line.result.coloured for line in state.current().lines] == [2, 3]
    assert [f.frame_number for f in layer.frames] == [1, 2, 3]
    bpy.ops.anidoc.colorize_all()
    assert [f.frame_number for f in layer.frames] == [1, 2, 3], "what stands between the keys is left as it is"
    assert a.name == "Scene A"


def test_other_rooms_work_comes_before_a_scene_is_coloured(tmp_path, use):
    use("colour")
    several(3)
    saved(tmp_path / "a.blend")
    asked = []

    def work_for(scene):
        asked.append(scene.name)
        return None if scene.name == "Scene A" else work(scene.name)

    def work(name):
        yield Status("In-betweening", 1, 2)
        if name == "Scene C":
            raise AniDocError("The two drawings have nothing in common.", "Choose others.")

    steps.add("In-between", work_for)
    try:
        bpy.ops.anidoc.colorize_all()
    finally:
        steps.remove("In-between")
    said = [line.words() for line in state.current().lines]
    assert asked == ["Scene A", "Scene B", "Scene C"]
    assert said == ["done", "done", "The two drawings have nothing in common. Choose others."]
