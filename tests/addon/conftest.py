"""Every test here runs inside a real Blender; see tests/support/blender.py."""

import pytest

from tests.support.blender import backend_python, empty_file, end

__all__ = ["backend_python", "empty_file"]

_status = 0


def pytest_sessionfinish(exitstatus: int) -> None:
    """Keep how it went."""
    global _status
    _status = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Everything is reported."""
    end(_status)
