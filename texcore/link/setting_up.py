"""Set the engine up on another computer, by the same program as on this one.

What that writes about how far it is comes over ssh, and is written into a file here, where Blender
reads it as it does that of a set-up on this computer.
"""

from __future__ import annotations

import json
import queue
from pathlib import Path

from ..contract.errors import TexcoreError
from ..contract.files import write_whole
from . import far_side
from .connection import Connection, means

LOOK_SECONDS = 0.5
LOST = "The connection was lost: set the engine up again, it goes on from what is there."


def set_up(host: str, brought: dict[str, Path], state: Path, cancel: Path) -> int:
    """Set the engine up; returns 0 when it is ready.

    Args:
        host: The other computer.
        brought: What is sent: the package ``engine_setup`` and ``requirements.txt``, by name.
        state: The file to keep up to date about how far it is.
        cancel: A file that is there once somebody wants the set-up to stop.
    """
    package = Path(__file__).parents[1]
    archive, digest = far_side.pack({package.name: package, **brought})
    inbox: queue.Queue[bytes | None] = queue.Queue()
    progress = {"status": "running", "stage": f"Connecting to {host}", "fraction": 0.0}
    _tell(state, progress)
    try:
        far = Connection(host, far_side.compose_set_up(digest), archive, inbox.put)
    except TexcoreError as e:
        return _fail(state, progress, str(e))
    begun = False
    while True:
        if cancel.exists():
            far.close()
            _tell(state, {**progress, "status": "cancelled", "message": "Set-up stopped."})
            cancel.unlink(missing_ok=True)
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
            progress = _read(line) or progress
            _tell(state, progress)
    why = far.explain_end()
    far.close()
    if progress["status"] == "running":
        return _fail(state, progress, LOST if begun else str(why))
    return 0 if progress["status"] == "done" else 1


def _read(line: bytes) -> dict[str, object] | None:
    """Return what the other side says, without its processes, which are none here."""
    try:
        said = json.loads(line)
    except ValueError:
        return None
    if not isinstance(said, dict) or not isinstance(said.get("status"), str):
        return None
    return {name: value for name, value in said.items() if name not in ("pid", "started")}


def _fail(state: Path, progress: dict[str, object], sentence: str) -> int:
    _tell(state, {**progress, "status": "failed", "message": sentence, "fix": "retry"})
    return 1


def _tell(state: Path, progress: dict[str, object]) -> None:
    write_whole(state, json.dumps(progress).encode())
