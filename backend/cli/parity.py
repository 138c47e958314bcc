"""``anidoc parity``: is the loaded model the released one? Holds every stage against recorded arrays.

Prints a line for each stage: its difference beside its limit. Exit code 1 if one is over.
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from ..contracts.errors import AniDocError


def declare(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="fixtures: index.json and the .npz files it names")
    parser.add_argument(
        "--weights", required=True, type=Path, metavar="DIR", help="holds the folders of the SVD and the AniDoc weights"
    )
    parser.add_argument(
        "--order",
        choices=("release", "diffusers"),
        default="release",
        help="which context time attention sees: the release's (default) or that of later diffusers",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")


def run(chosen: argparse.Namespace) -> int:
    """Compare all cases."""
    from ..anidoc.folders import find_folders
    from ..anidoc.parity import compare, read_cases
    from ..anidoc.pipeline import AniDocPipeline
    from ..anidoc.weights import load_networks

    pipeline = AniDocPipeline.of(load_networks(find_folders(chosen.weights)), chosen.order)
    stages = over = 0
    for case in read_cases(chosen.folder):
        if not chosen.json:
            frames, height, width = case.size
            print(f"{case.name}: {frames} frames of {width} x {height}")
        for stage in compare(case, pipeline):
            stages += 1
            over += not stage.passed
            if chosen.json:
                print(json.dumps({"type": "stage", **_plain(asdict(stage)), "passed": stage.passed}), flush=True)
            else:
                verdict = "ok" if stage.passed else "OVER"
                print(
                    f"  {verdict:5}{stage.kind:6}{stage.name:42}{stage.difference:10.3g} of {stage.limit:<10.3g}"
                    f" largest {stage.magnitude:.4g}",
                    flush=True,
                )
    if not stages:
        raise AniDocError(f"The folder {chosen.folder} holds no arrays to compare with.")
    if chosen.json:
        print(json.dumps({"type": "summary", "stages": stages, "over": over, "passed": not over}))
    else:
        print(f"{stages} stages, {over} over their limit")
    return 1 if over else 0


def _plain(values: dict) -> dict:
    """JSON knows no infinity: a shape that differs is null."""
    return {k: None if isinstance(v, float) and (v != v or v == float("inf")) else v for k, v in values.items()}
