"""What the engine has said, on its way from the thread that reads it to Blender's main thread.

Blender may have no time for minutes, and an engine gone wrong may talk without end. So news of how
far a job is takes the place of older news, a sign of life is only counted, and of everything else
so many messages wait that no memory is filled by them.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Any

from ..bundled.texcore.contract import messages

MOST_WAITING = 256
WAIT_SECONDS = 0.1


class Nothing(Exception):
    """No message from the engine is waiting in the mailbox."""


class Mailbox:
    """Messages in the order in which they came, and None at their end.

    Attributes:
        heard: How many messages have come, signs of life among them.
    """

    def __init__(self) -> None:
        self.heard = 0
        self._waiting: deque[dict[str, Any] | None] = deque()
        self._changed = threading.Condition()
        self._closed = False

    def put(self, message: dict[str, Any] | None) -> None:
        """Add a message; where too many wait, wait until one is taken or nobody wants any."""
        with self._changed:
            self.heard += 1
            if message is not None and message.get("method") == "alive":
                return
            before = self._waiting[-1] if self._waiting else None
            if message is not None and before is not None and _follows(message, before):
                self._waiting[-1] = _merge(message, before)
                return
            while message is not None and len(self._waiting) >= MOST_WAITING and not self._closed:
                self._changed.wait(WAIT_SECONDS)
            if not self._closed:
                self._waiting.append(message)
                self._changed.notify_all()

    def take(self, wait: float = 0.0) -> dict[str, Any] | None:
        """Return the oldest message, and None at the end of all.

        Args:
            wait: Seconds to wait for one.

        Raises:
            Nothing: None has come.
        """
        with self._changed:
            if not self._waiting and wait > 0:
                self._changed.wait(wait)
            if not self._waiting:
                raise Nothing
            self._changed.notify_all()
            return self._waiting.popleft()

    def close(self) -> None:
        """Want no more: what comes is thrown away, and nobody waits to add it."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            self._changed.notify_all()


def _follows(news: dict[str, Any], before: dict[str, Any]) -> bool:
    """Return whether news of a job makes the news before it worthless."""
    if not news.get("method") == before.get("method") == "progress":
        return False
    new, old = news.get("params"), before.get("params")
    if not isinstance(new, dict) or not isinstance(old, dict):
        return False
    # That a job will be kept as it is is said once.
    return new.get("job") == old.get("job") and old.get("stage") != messages.KEEPING


def _merge(news: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """Return a notification of progress that takes the place of an earlier one.

    If the earlier one told of a new preview, so does the later: nobody has looked at it yet.
    """
    previewed = news["params"].get("previewed") or before["params"].get("previewed") or False
    return {**news, "params": {**news["params"], "previewed": previewed}}
