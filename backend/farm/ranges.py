"""Placeholder until ranges are cut."""

from .local import errands, run_local


def run_cut(jobs, told, *, cut, workers, threads, wait, log):
    """Run the jobs."""
    return run_local(errands(jobs), told, workers=workers, threads=threads, wait=wait, log=log)
