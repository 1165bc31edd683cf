"""Questions about paths that users give; standard library only."""

from __future__ import annotations

from collections.abc import Callable


def safely(test: Callable[[], bool]) -> bool:
    """The answer of such as `Path.is_file`, False where that raises.

    It does for a name that is too long and in a folder that may not be looked into.
    """
    try:
        return test()
    except OSError:
        return False
