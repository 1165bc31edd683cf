"""Stop a run before its time and keep the texture as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from ..runtime.processes import Group
from .preparation import Run
from .progress import Moment


class _Enough(Exception):
    """What there is shall do: it leaves the step that is being made."""


class Stopping:
    """Ends the steps of a run as soon as what there is shall do.

    Args:
        wanted: Says whether it shall; it is asked often.
        group: Processes that make the run together; each has a ``wanted`` of its own, and one is
            enough. They can agree only between two steps, for each waits for the others in one.

    Attributes:
        stopped: Whether steps are left that were not made.
    """

    def __init__(self, wanted: Callable[[], bool], group: Group | None = None) -> None:
        self._wanted, self._group = wanted, group
        self._begun = False
        self.stopped = False

    def check(self) -> None:
        """Leave the step being made if what there is shall do; to be called within steps.

        An optimiser's point is the best it has come to, so that half a step changes nothing.
        """
        if self._begun and self._group is None and self._wanted():
            raise _Enough

    def follow(self, moments: Iterator[Moment]) -> Iterator[Moment]:
        """Yield the moments of a run until what there is shall do."""
        try:
            for moment in moments:
                self._begun = moment.step.whole
                keepable = moment.step.whole and moment.step.fraction < 1
                yield replace(moment, keepable=keepable)
                if keepable and self._agree():
                    self.stopped = True
                    break
        except _Enough:
            self.stopped = True
        finally:
            self._begun = False  # what is made of the canvas now is made to its end

    def describe(self, run: Run) -> list[str]:
        """Say what the user should know of a run that was stopped."""
        if not self.stopped:
            return []
        planned = sum(level.evaluations for level in run.levels)
        return [
            f"Stopped after {run.evaluations} of {planned} evaluations; its recipe makes the "
            "finished texture."
        ]

    def _agree(self) -> bool:
        wanted = self._wanted()
        return self._group.any(wanted) if self._group else wanted
