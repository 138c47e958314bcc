"""In-betweens are made by a real process, which must not outlive its test."""

import pytest
from bl_ext.user_default.anidoc.anidoc_blender import messages, task
from bl_ext.user_default.anidoc.anidoc_blender.client import life

from tests.support.shots import children, wait_until


@pytest.fixture
def real_backend(monkeypatch, backend_python):
    """The checkout's own backend does the work, and nothing of it stays."""
    monkeypatch.setenv("ANIDOC_PYTHON", backend_python)
    yield
    life.leave_nothing()
    assert task.current() is None
    assert wait_until(lambda: not children()), children()
    messages.show()
