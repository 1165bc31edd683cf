"""Set the engine up on another computer, by the same program as on this one.

What that writes about how far it is comes over ssh, and is written into files here, where Blender
reads it as it does that of a set-up on this computer.
"""

from __future__ import annotations

import json
import queue
import time
from pathlib import Path

from ..contract.errors import TexcoreError
from ..contract.file_locks import Held, hold
from ..contract.files import write_whole
from . import far_side
from .connection import Connection, means

LOOK_SECONDS = 0.5
LOCK_SECONDS = 3.0
LOST = "The connection was lost: set the engine up again, it goes on from what is there."
STOPPED = "Set-up stopped; what was downloaded is kept for the next time."


def set_up(host: str, brought: dict[str, Path], folder: Path) -> int:
    """Set the engine up; returns 0 when it is ready, 3 when another set-up is at work here.

    Args:
        host: The other computer.
        brought: What is sent: the package ``engine_setup`` and ``requirements.txt``, by name.
        folder: Where to tell of it, in the files that Blender looks at, of a set-up of whatever
            computer: ``setup.json`` says how far it is, ``setup.log`` what its programs said;
            ``setup.lock`` is held meanwhile; ``setup.cancel`` is there once somebody wants it to
            stop.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # Blender holds the lock for an instant when it looks whether anybody does.
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            with hold(folder / "setup.lock"):
                return _SettingUp(host, folder).run(brought)
        except Held:
            if time.monotonic() > deadline:
                return 3
            time.sleep(0.05)


class _SettingUp:
    def __init__(self, host: str, folder: Path) -> None:
        self._host = host
        self._state, self._log, self._cancel = (
            folder / f"setup.{ending}" for ending in ("json", "log", "cancel")
        )
        self._progress: dict[str, object] = {"status": "running", "fraction": 0.0}

    def run(self, brought: dict[str, Path]) -> int:
        """Follow it to its end."""
        self._log.unlink(missing_ok=True)
        package = Path(__file__).parents[1]
        archive, digest = far_side.pack({package.name: package, **brought})
        inbox: queue.Queue[bytes | None] = queue.Queue()
        self._tell(stage="", detail=self._host)
        try:
            far = Connection(self._host, far_side.compose_set_up(digest), archive, inbox.put)
        except TexcoreError as e:
            return self._fail(str(e))
        begun = False
        while True:
            if self._cancel.exists():
                # Told first: whoever has asked for it may have no patience.
                self._tell(status="cancelled", message=STOPPED, detail="")
                self._cancel.unlink(missing_ok=True)
                far.close()
                return 130
            try:
                line = inbox.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                continue
            if line is None:
                break
            if means(line, far_side.NO_CODE):
                far.send_code()
            elif means(line, far_side.READY):
                begun = True
            elif begun and line.lstrip().startswith(b"{"):
                self._take(line)
        why = far.explain_end()
        far.close()
        if self._progress["status"] == "running":
            return self._fail(LOST if begun else str(why))
        return 0 if self._progress["status"] == "done" else 1

    def _take(self, line: bytes) -> None:
        """Take what the other side says: a piece of its log, or how far it is."""
        try:
            said = json.loads(line)
        except ValueError:
            return
        if not isinstance(said, dict):
            return
        if isinstance(said.get("failed"), str):
            self._fail(self._explain(said["failed"], str(said.get("what"))))
        elif isinstance(said.get("log"), str):
            with self._log.open("a", encoding="utf-8") as log:
                log.write(said["log"])
        elif isinstance(said.get("status"), str):
            # Without its processes, which are none here.
            self._tell(**{name: said[name] for name in said if name not in ("pid", "started")})

    def _explain(self, why: str, what: str) -> str:
        if why == far_side.OLD:
            return f"The python3 of {self._host} is {what}: install Python 3.10 or newer there."
        if why == far_side.BUSY:
            return f"The engine is being set up on {self._host} already: wait until that is done."
        return (
            f"The set-up on {self._host} ended unexpectedly (exit code {what}): set the engine up "
            "again."
        )

    def _fail(self, sentence: str) -> int:
        self._tell(status="failed", message=sentence, detail="", fix="retry")
        return 1

    def _tell(self, **said: object) -> None:
        self._progress = {**self._progress, **said, "host": self._host}
        write_whole(self._state, json.dumps(self._progress).encode())
