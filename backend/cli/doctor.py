"""``anidoc doctor``: what this installation has and lacks, for people and (``--json``) for programs and reports."""

import argparse
import json
from dataclasses import asdict

_MARKS = {"good": "ok     ", "warning": "warning", "bad": "BAD    "}


def declare(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument("--json", action="store_true", help="print one JSON object, for programs")


def run(chosen: argparse.Namespace) -> int:
    """Print the findings; exit code 1 where something that colouring needs is missing."""
    from ..runner.stdio import claim_stdout
    from ..setup.doctor import examine

    out = claim_stdout() if chosen.json else None
    findings = list(examine())
    good = all(f.grade != "bad" for f in findings)
    if out is not None:
        data = {"good": good, "findings": [asdict(f) for f in findings]}
        out.write((json.dumps(data, indent=1) + "\n").encode())
        return 0 if good else 1
    width = max(len(f.name) for f in findings)
    for f in findings:
        print(f"{_MARKS[f.grade]}  {f.name:<{width}}  {f.value}")
        if f.remedy:
            print(" " * (width + 11) + f.remedy)
    print("Ready to colour." if good else "Not ready to colour: see BAD above.")
    return 0 if good else 1
