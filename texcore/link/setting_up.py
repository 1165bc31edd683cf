"""Set the engine up on another computer, by the same program as on this one.

What that writes about how far it is comes over ssh, and is written into files here, where Blender
reads it as it does that of a set-up on this computer.
"""

from __future__ import annotations

import json
import queue
import time
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Place:
    """The files here that Blender knows, of a set-up of whatever computer.

    Attributes:
        folder: Where they are.
    """

    folder: Path

    @property
    def state(self) -> Path:
        """How far it is."""
        return self.folder / "setup.json"

    @property
    def log(self) -> Path:
        """What its programs said."""
        return self.folder / "setup.log"

    @property
    def lock(self) -> Path:
        """Locked as long as it runs."""
        return self.folder / "setup.lock"

    @property
    def cancel(self) -> Path:
        """There once somebody wants it to stop."""
        return self.folder / "setup.cancel"


def set_up(host: str, brought: dict[str, Path], place: Place) -> int:
    """Set the engine up; returns 0 when it is ready, 3 when another set-up is at work here.

    Args:
        host: The other computer.
        brought: What is sent: the package ``engine_setup`` and ``requirements.txt``, by name.
        place: Where to tell of it.
    """
    place.folder.mkdir(parents=True, exist_ok=True)
    # Blender holds the lock for an instant when it looks whether anybody does.
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            with hold(place.lock):
                place.log.unlink(missing_ok=True)
                return _SettingUp(host, place).run(brought)
        except Held:
            if time.monotonic() > deadline:
                return 3
            time.sleep(0.05)


class _SettingUp:
    def __init__(self, host: str, place: Place) -> None:
        self._host = host
        self._place = place
        self._progress: dict[str, object] = {"status": "running", "fraction": 0.0}

    def run(self, brought: dict[str, Path]) -> int:
        """Follow it to its end."""
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
            if self._place.cancel.exists():
                # Told first: whoever has asked for it may have no patience.
                self._tell(status="cancelled", message=STOPPED, detail="")
                self._place.cancel.unlink(missing_ok=True)
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
            with self._place.log.open("a", encoding="utf-8") as log:
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
        write_whole(self._place.state, json.dumps(self._progress).encode())
