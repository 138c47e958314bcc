"""Errors as sentences an animator understands, each with what to do next."""


class AniDocError(Exception):
    """Something a person can put right.

    ``sentence`` says what is wrong in the animator's words; ``remedy`` what to do next (may be empty when
    the sentence already says it); ``detail`` is for the log only. ``kind`` is for programs, mostly empty.
    """

    kind = ""

    def __init__(self, sentence: str, remedy: str = "", detail: str = "") -> None:
        super().__init__(f"{sentence} {remedy}".strip())
        self.sentence = sentence
        self.remedy = remedy
        self.detail = detail


class JobError(AniDocError):
    """The job folder is not one that can be run: broken, hostile, or written by another version."""


class JobBusy(JobError):
    """Another run is at work in the job folder: the job may be tried again later."""

    kind = "busy"


class DrawingError(AniDocError):
    """One drawing cannot be used; the others of the shot are still coloured."""


class PictureError(AniDocError):
    """A picture file cannot be read or is not what it claims to be."""
