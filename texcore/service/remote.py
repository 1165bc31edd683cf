"""The engine for a client on another computer: files come and go in frames on the same pipes.

Each job has a folder of its own here, named by the client after all that decides the result. When a
connection breaks the process ends, and the folder stays, if there is a checkpoint in it: the same
job, asked for again, goes on from there. However else a job ends, its folder goes.

The client says every two seconds that it lives. One that says nothing at all has gone, though the
network may not have told, and the process ends.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, NoReturn

from ..contract import frames, messages
from ..contract.errors import Unavailable
from ..contract.files import name_beside
from ..contract.frames import Begin, Begun, Frame, Got, Receiver
from ..contract.jobs import Job, Made
from ..contract.messages import ErrorCode, ProtocolError
from ..contract.user_folders import cache_dir
from ..runtime.file_locks import Held, hold
from .server import Service, serve

SILENCE_SECONDS = 30.0  #: without a word of the client, after which it has gone
END_SECONDS = 10.0  #: that a step may take, once the client has gone, before the process is ended
KEPT_SECONDS = 24 * 3600.0  #: for which a broken job's folder is kept
_OWNER = ".owner"  #: the file that is locked as long as a process is at a job


def serve_remote(silence: float = SILENCE_SECONDS) -> NoReturn:
    """Serve a client on another computer on stdin and stdout, and end the process.

    Args:
        silence: Seconds without a word of the client after which it has gone.
    """
    status = serve(lambda answers: RemoteService(answers, silence))
    sys.stderr.flush()
    # The thread that reads may be waiting for a client that has gone, and Python would wait for it.
    os._exit(status)


class RemoteService(Service):
    """Requests and files in, answers and files out.

    Args:
        answers: Where lines are written.
        silence: Seconds without a word of the client after which it has gone.
    """

    def __init__(self, answers: IO[bytes], silence: float = SILENCE_SECONDS) -> None:
        super().__init__(answers)
        self._silence = silence
        self._heard = time.monotonic()
        self._folder: Path | None = None  # of the job that has begun
        self._leaving = False  # whether the client has said that it goes
        self._lock = contextlib.ExitStack()
        self._receiver = Receiver(self._find_place)
        self._courier: _Courier | None = None
        threading.Thread(target=self._watch, name="texcore-silence", daemon=True).start()

    def work(self) -> int:
        """Answer requests in turn until the input has ended; a folder is left only to go on."""
        clear_jobs(jobs_folder())
        try:
            return super().work()
        finally:
            self._leave(keep=not self._leaving)

    def _watch(self) -> None:
        """End the process once its client has gone, however long a step takes."""
        while not self._closed.wait(min(1.0, self._silence)):
            if time.monotonic() - self._heard > self._silence:
                self._closed.set()
                self._requests.put(None)
        threading.Event().wait(END_SECONDS)
        os._exit(1)  # the main thread is deep in a step, or waits to write into a dead pipe

    def _notice(self, message: dict[str, Any]) -> bool:
        self._heard = time.monotonic()
        method, params = message.get("method"), message.get("params")
        if method == "frame":
            try:
                self._receiver.take(messages.read(Frame, params))
            except OSError as e:
                text = f"A picture cannot be written there ({e.strerror or e}): make room."
                self._send(messages.error(None, ErrorCode.FAILED, text))
        elif method == "got":
            got = messages.read(Got, params)
            if self._courier is not None:
                self._courier.take_receipt(got.name)
        elif method == "bye":
            self._leaving = True
        return method in ("frame", "got", "bye", "alive")

    def _dispatch(self, id: int, method: Any, params: Any) -> Any:
        if method == "begin" and self._greeted:
            return self._begin(messages.read(Begin, params))
        return super()._dispatch(id, method, params)

    def _begin(self, begin: Begin) -> Begun:
        """Make the folder of a job, or find it, and say what is missing in it."""
        if not begin.word.isalnum() or not begin.word.isascii() or len(begin.word) != 32:
            raise ProtocolError("a job's word has 32 letters and figures")
        self._leave(keep=False)
        folder = jobs_folder() / begin.word
        try:
            self._wait_for(folder)
        except OSError as e:
            raise Unavailable(
                f"The other computer has no room for a job ({e.strerror or e}): make some there."
            ) from None
        self._folder = folder
        return Begun([name for name, sum in begin.files.items() if not _has(folder, name, sum)])

    def _wait_for(self, folder: Path) -> None:
        """Hold a folder; a process that has lost the same client may not have noticed yet."""
        deadline = time.monotonic() + self._silence + 2 * END_SECONDS
        while True:
            try:
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._lock.enter_context(hold(folder / _OWNER))
                if (folder / _OWNER).exists():
                    os.utime(folder / _OWNER)  # its time says when somebody was at the job last
                    return
                self._lock.close()  # whoever had it before has just cleared the folder
            except Held:
                if time.monotonic() > deadline or self._closed.wait(0.5):
                    raise Unavailable(
                        "Another connection is at the same texture: wait until it is done."
                    ) from None

    def _find_place(self, name: str) -> Path:
        if self._folder is None:
            raise ProtocolError("say begin first", ErrorCode.INVALID_REQUEST)
        return self._folder / name

    def _synthesize(self, id: int, job: Job) -> Made:
        folder = self._folder
        if folder is None:
            raise ProtocolError("say begin first", ErrorCode.INVALID_REQUEST)
        outputs, previews = dict[str, Path](), dict[str, Path]()

        def there(path: Path) -> Path:
            return folder / frames.name_of(path)

        def noted(path: Path, kept: dict[str, Path]) -> Path:
            place = kept[frames.name_of(path)] = there(path)
            place.parent.mkdir(exist_ok=True)
            return place

        placed = frames.place_files(
            job, there, lambda path: noted(path, outputs), lambda path: noted(path, previews)
        )
        if "/" in placed.weights:
            placed = replace(placed, weights=str(there(Path(placed.weights))))
        checkpoint = folder / "run"
        resume = name_beside(checkpoint, ".checkpoint").is_file()
        placed = replace(placed, checkpoint=checkpoint, resume=resume)
        self._courier = _Courier(self, previews)
        try:
            made = super()._synthesize(id, placed)
            self._courier.close()
            self._send_outputs(id, outputs, made)
        finally:
            self._courier.close()
            self._courier = None
            # A client that has gone without a word may come again; one that has cancelled will not.
            if id in self._cancelled or not self._closed.is_set():
                self._leave(keep=False)
        return made

    def _send_outputs(self, id: int, outputs: dict[str, Path], made: Made) -> None:
        written = {entry.output for entry in made.maps.values()}
        files = {name: path for name, path in outputs.items() if path in written}
        whole = sum(path.stat().st_size for path in files.values()) or 1
        sent, told = 0, -1
        for name, path in files.items():
            for frame in frames.cut(path, name):
                self._stop_if_cancelled(id)
                self.send_frame(frame)
                percent = 100 * (sent + frame.at) // whole
                if percent // 10 != told:
                    told = percent // 10
                    stage = f"Fetching the texture ({percent} %)"
                    self._notify(messages.Progress(id, self._fraction, stage))
            sent += path.stat().st_size

    def send_frame(self, frame: Frame) -> None:
        """Send a piece of a file."""
        self._send(messages.notification("frame", frame))

    def _notify(self, progress: messages.Progress) -> None:
        if progress.previewed and self._courier is not None:
            # The client is told of a preview once it has it.
            self._courier.offer(progress)
            progress = replace(progress, previewed=False)
        super()._notify(progress)

    def tell_of_preview(self, progress: messages.Progress) -> None:
        """Say that the newest previews have been sent."""
        stage, fraction = progress.stage, max(progress.fraction, self._fraction)
        super()._notify(replace(progress, fraction=fraction, stage=stage))

    def _leave(self, keep: bool) -> None:
        """Leave the job's folder; it stays only if there is something to go on from."""
        self._receiver.close()
        folder, self._folder = self._folder, None
        self._lock.close()
        if folder is None:
            return
        if not keep or not name_beside(folder / "run", ".checkpoint").is_file():
            shutil.rmtree(folder, ignore_errors=True)


class _Courier:
    """Sends previews beside the work, one at a time; the newest wins, none waits in a row."""

    def __init__(self, service: RemoteService, previews: dict[str, Path]) -> None:
        self._service = service
        self._previews = previews
        self._changed = threading.Condition()
        self._offered: messages.Progress | None = None
        self._received: set[str] = set()
        self._closed = False
        self._thread = threading.Thread(target=self._send, name="texcore-previews", daemon=True)
        self._thread.start()

    def offer(self, progress: messages.Progress) -> None:
        """Have the previews that were just written sent, once those before them have come."""
        with self._changed:
            self._offered = progress
            self._changed.notify_all()

    def take_receipt(self, name: str) -> None:
        """Note that the client has a file."""
        with self._changed:
            self._received.add(name)
            self._changed.notify_all()

    def close(self) -> None:
        """Send no more, and wait until what is being sent is."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join()

    def _send(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._offered is not None)
                if self._closed or self._offered is None:
                    return
                progress, self._offered = self._offered, None
                self._received.clear()
            sent = set()
            for name, path in self._previews.items():
                with contextlib.suppress(OSError):  # it is being replaced: there will be another
                    for frame in frames.cut(path, name):
                        self._service.send_frame(frame)
                    sent.add(name)
            if sent:
                self._service.tell_of_preview(progress)
            with self._changed:
                self._changed.wait_for(lambda: self._closed or sent <= self._received)  # noqa: B023


def jobs_folder() -> Path:
    """Return where the folders of jobs for other computers are."""
    return cache_dir() / "remote-jobs"


def clear_jobs(root: Path, kept: float = KEPT_SECONDS) -> None:
    """Delete the folders of jobs that no process is at and that nobody has gone on with for long.

    Args:
        root: Where they are.
        kept: Seconds for which one is kept.
    """
    for folder in _list_folders(root):
        with contextlib.suppress(Held, OSError), hold(folder / _OWNER):
            has_more = name_beside(folder / "run", ".checkpoint").is_file()
            if not has_more or time.time() - (folder / _OWNER).stat().st_mtime > kept:
                shutil.rmtree(folder, ignore_errors=True)


def _list_folders(root: Path) -> Iterator[Path]:
    with contextlib.suppress(OSError):
        yield from [path for path in root.iterdir() if path.is_dir() and not path.is_symlink()]


def _has(folder: Path, name: str, checksum: str) -> bool:
    """Return whether a file of a job is there, just so."""
    try:
        return frames.find_checksum(folder / frames.check_name(name)) == checksum
    except OSError:
        return False
