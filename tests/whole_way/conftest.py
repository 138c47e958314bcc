"""Every test here runs inside a real Blender; see tests/support/blender.py."""

from tests.support.blender import backend_python, empty_file, leave

__all__ = ["backend_python", "empty_file"]


def pytest_sessionfinish() -> None:
    """Switch the add-on off while the interpreter is whole."""
    leave()
