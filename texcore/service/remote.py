"""The engine for a client on another computer: files come and go in frames on the same pipes.

Each job has a folder of its own here (`remote_folders`). When a connection breaks the process
ends, after it has kept the state of the run; the same job, asked for again, goes on from there. A
job that was cancelled leaves its state likewise, if the client wants that. However else a job ends,
its folder goes, once the client has said that it has what was made.

The client says every two seconds that it lives. One that says nothing at all has gone, though the
network may not have told, and the process ends.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, NoReturn

from ..contract import frames, messages
from ..contract.frames import Begin, Begun, Frame, Got, Receiver
from ..contract.jobs import Job, Made
from ..contract.messages import ErrorCode, ProtocolError
from .remote_folders import JobFolder, clear_job, clear_jobs, jobs_folder
from .server import Service, serve

SILENCE_SECONDS = 30.0  #: without a word of the client, after which it has gone
END_SECONDS = 20.0  #: that keeping the state may take, once the client has gone, before the end


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
        self._folder: JobFolder | None = None  # of the job that has begun
        self._suspended: Path | None = None  # folder of the job that was cancelled last, if kept
        self._leaving = False  # whether the client has said that it goes
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
            if self._leaving:
                self._forget_suspended()

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
            return self._begin(id, messages.read(Begin, params))
        if method == "done" and self._greeted:
            self._leave(keep=False)
            self._forget_suspended()  # whoever has a texture has gone another way
            return None
        return super()._dispatch(id, method, params)

    def _begin(self, id: int, begin: Begin) -> Begun:
        """Make the folder of a job, or find it, and say what is missing in it."""
        self._leave(keep=True)
        # One that is held is so by a process that has lost the same client: soon it will notice.
        patience = self._silence + 2 * END_SECONDS
        folder = JobFolder(begin.word, patience, lambda: self._stop_if_cancelled(id))
        self._folder = folder
        missing = [name for name, sum in begin.files.items() if not folder.has(name, sum)]
        return Begun(missing, folder.has_more)

    def _find_place(self, name: str) -> Path:
        if self._folder is None:
            raise ProtocolError("say begin first", ErrorCode.INVALID_REQUEST)
        return self._folder.path / name

    def _is_deserted(self) -> bool:
        # A connection that is lost comes back.
        return self._closed.is_set() and self._leaving

    def _synthesize(self, id: int, job: Job) -> Made:
        folder = self._folder
        if folder is None:
            raise ProtocolError("say begin first", ErrorCode.INVALID_REQUEST)
        outputs, previews = dict[str, Path](), dict[str, Path]()

        def there(path: Path) -> Path:
            return folder.path / frames.name_of(path)

        def noted(path: Path, kept: dict[str, Path]) -> Path:
            place = kept[frames.name_of(path)] = there(path)
            place.parent.mkdir(exist_ok=True)
            return place

        placed = frames.place_files(
            job, there, lambda path: noted(path, outputs), lambda path: noted(path, previews)
        )
        if "/" in placed.weights:
            placed = replace(placed, weights=str(there(Path(placed.weights))))
        placed = replace(
            placed,
            checkpoint=folder.checkpoint,
            resume=folder.has_state,
            # Whatever the client wants: the connection may be lost at any time.
            now_and_then=True,
            pausable=True,
        )
        is_made = False
        self._courier = _Courier(self, previews)
        try:
            made = folder.recall() or super()._synthesize(id, placed)
            self._courier.close()
            folder.note(made)
            self._send_outputs(id, outputs, made)
            is_made = True
        finally:
            self._courier.close()
            self._courier = None
            if id in self._cancelled:
                self._suspend(keep=job.pausable)
            elif not is_made and not self._closed.is_set():
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

    def _suspend(self, keep: bool) -> None:
        """Leave the job's folder for a client that may go on; of those one is enough."""
        if self._folder is None:
            return
        path = self._folder.path
        if not self._leave(keep):
            return
        if self._suspended != path:
            self._forget_suspended()
        self._suspended = path

    def _forget_suspended(self) -> None:
        if self._suspended is not None:
            clear_job(self._suspended)
        self._suspended = None

    def _leave(self, keep: bool) -> bool:
        """Leave the job's folder; it stays, if it shall, where there is something to go on from."""
        self._receiver.close()
        folder, self._folder = self._folder, None
        return folder is not None and folder.leave(keep)


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
