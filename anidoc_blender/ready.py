"""Whether an engine can run on this computer: its environment, and for AniDoc its models."""

from ..backend.contracts.errors import AniDocError
from .models import state
from .setup import environment


def require_engine(engine: str) -> None:
    """Look now. Raises ``AniDocError`` with all that is missing."""
    if environment.kind_for(engine) is environment.ANIDOC:
        state.require()
    else:
        environment.backend_interpreter()


def why_greyed(engine: str) -> AniDocError | None:
    """Why the engine cannot run, from what was last looked at: one reason for one line, or None. For draw functions."""
    if environment.kind_for(engine) is not environment.ANIDOC:
        return None
    reasons = state.why_not()
    return reasons[0] if reasons else None
