"""Where the files of jobs for other computers lie, how long they stay, whose they are meanwhile.

Each job has a folder of its own, named by the client after all that decides the result. A process
holds the one that it is at. What there is to go on from, a checkpoint or a texture that is done and
was not fetched, has it stay for a day.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from ..contract import frames, messages
from ..contract.errors import Unavailable
from ..contract.file_locks import Held, hold
from ..contract.files import name_beside, write_whole
from ..contract.jobs import Made
from ..contract.messages import ProtocolError
from ..contract.plain import WrongShape, parse_json, to_plain
from ..contract.user_folders import cache_dir

KEPT_SECONDS = 24 * 3600.0  #: for which a broken job's folder is kept
LOOK_SECONDS = 0.5
_OWNER = ".owner"  #: the file that is locked as long as a process is at a job
_RUN = "run"
_MADE = ".made.json"  #: tells what was made, until the client has it
_WORD_LETTERS = 32


class JobFolder:
    """The folder of a job, held from here on until it is left.

    Args:
        word: The job's, of 32 letters and figures.
        seconds: To wait for another process that holds it.
        stop: Called while it waits; what it raises ends that.

    Raises:
        ProtocolError: It is no such word.
        Unavailable: Another process is at the job, or there is no room for it.

    Attributes:
        path: Of the folder.
        checkpoint: What the state of the run lies beside.
    """

    def __init__(self, word: str, seconds: float, stop: Callable[[], object]) -> None:
        if not word.isalnum() or not word.isascii() or len(word) != _WORD_LETTERS:
            raise ProtocolError(f"a job's word has {_WORD_LETTERS} letters and figures")
        self.path = jobs_folder() / word
        self.checkpoint = self.path / _RUN
        self._lock = contextlib.ExitStack()
        try:
            self._hold(seconds, stop)
        except OSError as e:
            raise Unavailable(
                f"The other computer has no room for a job ({e.strerror or e}): make some there."
            ) from None

    @property
    def has_state(self) -> bool:
        """Whether there is a state of the run to go on from."""
        return _has_state(self.path)

    @property
    def has_more(self) -> bool:
        """Whether there is anything to go on from."""
        return _has_more(self.path)

    def has(self, name: str, checksum: str) -> bool:
        """Return whether a file of the job is there, just so."""
        try:
            return frames.find_checksum(self.path / frames.check_name(name)) == checksum
        except OSError:
            return False

    def note(self, made: Made) -> None:
        """Write down what was made, until the client has it."""
        with contextlib.suppress(OSError):  # then it is made again, if the connection breaks now
            write_whole(self.path / _MADE, json.dumps(to_plain(made)).encode())

    def recall(self) -> Made | None:
        """Return what was made by a process before; None if nothing was."""
        try:
            made = messages.read(Made, parse_json((self.path / _MADE).read_bytes()))
        except (OSError, WrongShape, ProtocolError):
            return None
        return made if all(map.output.is_file() for map in made.maps.values()) else None

    def leave(self, keep: bool) -> bool:
        """Hold it no more; it stays only if there is something to go on from.

        Args:
            keep: Whether anybody may come to go on.

        Returns:
            Whether it stays.
        """
        keep = keep and self.has_more
        if not keep:
            shutil.rmtree(self.path, ignore_errors=True)
        self._lock.close()
        return keep

    def _hold(self, seconds: float, stop: Callable[[], object]) -> None:
        """Lock the job's folder, waiting for a process that has lost the same client."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._lock.enter_context(hold(self.path / _OWNER))
                if (self.path / _OWNER).exists():
                    os.utime(self.path / _OWNER)  # tells when somebody was at the job last
                    return
                self._lock.close()  # whoever had it before has just cleared the folder
            except Held:
                stop()
                if time.monotonic() > deadline:
                    raise Unavailable(
                        "Another connection is at the same texture: wait until it is done."
                    ) from None
                time.sleep(LOOK_SECONDS)


def jobs_folder() -> Path:
    """Return where the folders of jobs for other computers are."""
    return cache_dir() / "remote-jobs"


def clear_jobs(root: Path, kept: float = KEPT_SECONDS) -> None:
    """Delete the folders of jobs that no process is at and that nobody has gone on with for long.

    Where no file can be held, nobody knows which those are, and all stay.

    Args:
        root: Where they are.
        kept: Seconds for which one is kept.
    """
    for folder in _list_folders(root):
        with contextlib.suppress(Held, OSError), hold(folder / _OWNER) as held:
            age = time.time() - (folder / _OWNER).stat().st_mtime
            if held and (age > kept or not _has_more(folder)):
                shutil.rmtree(folder, ignore_errors=True)


def clear_job(folder: Path) -> None:
    """Delete the folder of a job, unless a process is at it."""
    with contextlib.suppress(Held, OSError), hold(folder / _OWNER) as held:
        if held:
            shutil.rmtree(folder, ignore_errors=True)


def _has_state(folder: Path) -> bool:
    return name_beside(folder / _RUN, ".checkpoint").is_file()


def _has_more(folder: Path) -> bool:
    return _has_state(folder) or (folder / _MADE).is_file()


def _list_folders(root: Path) -> Iterator[Path]:
    with contextlib.suppress(OSError):
        yield from [path for path in root.iterdir() if path.is_dir() and not path.is_symlink()]
