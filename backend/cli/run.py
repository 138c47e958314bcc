"""``anidoc run JOB...``: the job Blender would run, without Blender."""

import argparse
import signal
from pathlib import Path

from ..contracts.errors import JobError
from ..contracts.messages import Finished
from .jobs import job_folder
from .main import ALL_DONE, CANCELLED, COULD_NOT_RUN, SOME_FAILED, complain
from .show import Show


def declare(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument("jobs", nargs="+", type=Path, metavar="JOB", help="a job folder (it holds job.json)")
    parser.epilog = "A run may be stopped at any moment; the same command goes on where it stopped."


def run(chosen: argparse.Namespace) -> int:
    """Run the jobs one after the other; the worst exit code counts."""
    from ..runner.run import run_and_tell

    end_politely()
    worst = ALL_DONE
    for job in chosen.jobs:
        show = Show(verbose=chosen.verbose)
        if len(chosen.jobs) > 1:
            print(f"{job}:", flush=True)
        try:
            code = exit_code(run_and_tell(job_folder(job, "run"), show, name=str(job)), show.broke_off)
        except JobError as error:
            code = complain(error, chosen.verbose)
        if code == CANCELLED:
            return code
        worst = max(worst, code)
    return worst


def exit_code(end: Finished, broke_off: bool) -> int:
    """0 all drawings coloured, 1 some not, 2 the run could not go on, 130 cancelled."""
    if end.outcome == "cancelled":
        return CANCELLED
    if broke_off:
        return COULD_NOT_RUN
    return ALL_DONE if end.outcome == "done" and not end.failed else SOME_FAILED


def end_politely() -> None:
    """Let a request to end (a farm's, a service manager's) do what Ctrl-C does: keep what is finished and say so."""
    signal.signal(signal.SIGTERM, lambda number, frame: signal.raise_signal(signal.SIGINT))
