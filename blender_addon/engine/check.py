"""Ask the engine whether everything it needs is there."""

from __future__ import annotations

from typing import Any

from ..bundled.texcore.contract import messages
from ..bundled.texcore.contract.messages import Doctor


class Check:
    """Asking the engine whether everything it needs is there: the task of a job.

    Attributes:
        ready: Whether it is; False before the answer.
        lines: What is there and what to do, in the engine's words.
    """

    method = "doctor"
    params = None
    is_of_file = False
    is_resumable = False
    title = "the engine"
    expected: float | None = None

    def __init__(self) -> None:
        self.ready = False
        self.lines: list[str] = []

    def finish(self, result: Any) -> str:
        """Take the engine's answer; returns it in one sentence.

        Raises:
            ProtocolError: It is not an answer to ``doctor``.
        """
        doctor = messages.read(Doctor, result)
        self.ready, self.lines = doctor.ready, doctor.lines
        return "The engine is ready." if doctor.ready else "The engine is not ready yet."

    def close(self) -> None:
        """Do nothing: a check of the engine has no temporary files."""

    def go_on(self) -> None:
        """Do nothing: a check that was stopped is simply asked for again."""
