"""Packages of the system itself: installed only for the superuser of a Debian-like machine, named to everyone else."""

import os
import shutil

from . import processes


def install(packages: list[str]) -> bool:
    """Whether the packages could be installed. Containers and CI run as root; nobody else's system is changed."""
    if os.name != "posix" or os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    print(f"== installing what this system lacks: {' '.join(packages)}", flush=True)
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    processes.run(["apt-get", "-qq", "update"], processes.ROOT, 600, quiet)
    command = ["apt-get", "-qq", "-y", "--no-install-recommends", "install", *packages]
    return processes.run(command, processes.ROOT, 1200, quiet)[0] == 0
