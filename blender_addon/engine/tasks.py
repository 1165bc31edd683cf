"""What a job wants of its task, and of whoever looks at its previews."""

from __future__ import annotations

from typing import Any, Protocol


class Task(Protocol):
    """What a job is about."""

    method: str  #: the request's
    params: Any  #: the request's
    title: str  #: of what the work is on
    expected: float | None  #: seconds that it will take, before it begins; None if nobody knows
    is_of_file: bool  #: whether what became of it says nothing once another file is loaded
    is_resumable: bool  #: whether a job that was cancelled can be gone on with by another

    def finish(self, result: Any) -> str:
        """Use the engine's answer; returns what was done in one sentence."""

    def close(self) -> None:
        """Clean up, however the job ended; one that is suspended is cleaned up later."""

    def go_on(self) -> None:
        """Have the next request begin where the one before was cancelled."""


class Watch(Protocol):
    """Who looks at the previews of a job."""

    def update(self) -> None:
        """Look at their files, which are new."""

    def make_room(self) -> None:
        """Leave alone what the artist works on by now; called several times a second."""

    def withdraw(self) -> None:
        """Leave Blender as it was before the first."""

    def keep(self) -> str:
        """Make the last one a result; returns what was done in one sentence, or nothing."""
