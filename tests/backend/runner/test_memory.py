"""Memory that a run keeps from picture to picture."""

import subprocess
import sys

import pytest

FAULTS = """
import resource, sys
import numpy as np
from backend.runner.memory import keep_memory
if sys.argv[1] == "keep":
    keep_memory()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(50):
    pictures = [np.ones(side * 1_000_000, np.uint8) for side in (1, 2, 3)]
    del pictures
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def page_faults(how: str) -> int:
    said = subprocess.run([sys.executable, "-c", FAULTS, how], capture_output=True, text=True, check=True, timeout=60)
    return int(said.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux's C library is told")
def test_pictures_one_after_another_lie_in_the_same_memory():
    # 6 MB are 1,500 pages, once or fifty times.
    assert page_faults("keep") < 3_000 < page_faults("leave")
