"""The documents say what is true: their examples run, and name every field there is."""

import argparse
import json
import re
from dataclasses import fields
from pathlib import Path

import cv2
import numpy as np
import pytest

from backend.cli import colorize
from backend.cli.main import VERBS
from backend.contracts.drawing import Strokes
from backend.contracts.job import DrawingFile, Job, KeyFile, Movie, ReferenceFile, from_json
from backend.contracts.jobfolder import load_job
from backend.contracts.messages import (
    PROTOCOL,
    Cancel,
    Doubt,
    Finished,
    FrameReady,
    Hello,
    Problem,
    Progress,
    Submit,
    decode,
)
from backend.contracts.options import Diffusion, Options
from backend.contracts.report import Coloured, Failed, Report
from backend.contracts.shot import Exposure, Material
from backend.runner.run import run_job
from backend.runner.standin import StandIn

DOCS = Path(__file__).parents[2] / "docs"
JOB_FOLDER = (DOCS / "job-folder.md").read_text(encoding="utf-8")
PROTOCOL_PAGE = (DOCS / "protocol.md").read_text(encoding="utf-8")


def test_the_documented_job_is_one_and_a_stranger_can_run_it(tmp_path):
    """Every step as the page says: the JSON as printed, pictures of the job's size."""
    match = re.search(r"```json\n(.*?)```", JOB_FOLDER, re.DOTALL)
    assert match
    (tmp_path / "job.json").write_text(match[1], encoding="utf-8")
    job = load_job(tmp_path)
    for n, entry in enumerate([*job.drawings, *job.keys]):
        page = np.full((job.height, job.width, 3), 255, np.uint8)
        cv2.circle(page, (900 + 20 * n, 500), 300, (0, 0, 0), 5)
        (tmp_path / entry.file).parent.mkdir(exist_ok=True)
        cv2.imwrite(str(tmp_path / entry.file), page)
    report = run_job(tmp_path, engines={"cel": StandIn})
    assert [c.file for c in report.coloured] == ["frames/00000001.png", "frames/00000002.png"]
    assert report.exposures == job.exposures


def test_what_is_said_to_have_a_default_may_be_left_out():
    least = {"format": "anidoc-job", "version": 1, "name": "", "width": 9, "height": 9, "fps": 24, "engine": "cel"}
    job = from_json(json.dumps(least))
    assert job == Job("", 9, 9)


def test_the_documented_lines_are_messages():
    lines = re.findall(r"^[←→] (\{.*\})$", PROTOCOL_PAGE, re.MULTILINE)
    kinds = [type(decode(line)) for line in lines]
    assert kinds == [Hello, Submit, Progress, FrameReady, Problem, Finished]
    assert f"protocol {PROTOCOL}" in PROTOCOL_PAGE


def test_the_documented_command_line_is_the_one_there_is():
    page = (DOCS / "command-line.md").read_text(encoding="utf-8")
    for verb, (_, line) in VERBS.items():
        assert (f"`{verb}" in page) == bool(line)
    parser = argparse.ArgumentParser()
    colorize.declare(parser)
    for option in parser._option_string_actions:
        assert option in page or option in ("-h", "--help")
    match = re.search(r"```json\n(.*?)```", page, re.DOTALL)
    assert match
    told = json.loads(match[1])
    ours = json.loads(colorize.summary_line(Finished("colorize", "done"), Path("OUT"), [], []))
    assert told.keys() == ours.keys()


@pytest.mark.parametrize(
    ("page", "kinds"),
    [
        (
            JOB_FOLDER,
            [Job, Options, Diffusion, Material, DrawingFile, Exposure, ReferenceFile, KeyFile, Movie, Strokes, Report,
             Coloured, Failed],
        ),
        (PROTOCOL_PAGE, [Hello, Submit, Cancel, Progress, FrameReady, Problem, Doubt, Finished]),
    ],
)  # fmt: skip
def test_every_field_is_described(page, kinds):
    missing = [f"{k.__name__}.{f.name}" for k in kinds for f in fields(k) if f"`{f.name}`" not in page]
    assert not missing
