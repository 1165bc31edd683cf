"""A job on its way to another computer: its files here, how far it is, what is still to be sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..contract import frames
from ..contract.frames import Begin, Cargo, Receiver
from ..contract.jobs import Job
from ..contract.messages import Progress, ProtocolError
from ..contract.plain import to_plain


@dataclass
class Work:
    """A job on its way.

    Attributes:
        id: Of the client's request.
        cargo: The job as the other side knows it, and its files on this one.
        begin: What the other side is asked first.
        receiver: Puts together what comes.
        begin_id: Of the request that asks it; each has another.
        asked: Whether the engine at the end of this connection has been asked for the job.
        sending: What is still to be sent before it can be, with what is then to be told.
        tries: Connections that have been lost since it came any further.
        fraction: Share of the work that was done, as far as it ever came.
        keepable: Whether there was a texture to keep when something was heard last.
        finishing: The client's line that asks for the texture as it is; empty if it has not.
    """

    id: int
    cargo: Cargo
    begin: Begin
    receiver: Receiver
    begin_id: int
    asked: bool = False
    sending: Iterator[tuple[frames.Frame, int]] | None = None
    tries: int = 0
    fraction: float = 0.0
    keepable: bool = False
    finishing: bytes = field(default=b"", repr=False)

    def take_progress(self, progress: Progress) -> Progress:
        """Return what the client is told of the engine's progress."""
        if progress.fraction > self.fraction:
            self.fraction, self.tries = progress.fraction, 0
        self.keepable = progress.keepable
        return replace(progress, job=self.id, fraction=self.fraction)

    def describe(self, stage: str) -> Progress:
        """Return progress of this side's own."""
        return Progress(self.id, self.fraction, stage, keepable=self.keepable)

    def cut_files(self, missing: list[str]) -> Iterator[tuple[frames.Frame, int]]:
        """Yield the files that are missing there in frames, and how many per cent were sent before.

        Raises:
            OSError: One cannot be read; it names the file.
        """
        files = {name: path for name, path in self.cargo.inputs.items() if name in missing}
        whole = sum(path.stat().st_size for path in files.values()) or 1
        sent = 0
        for name, path in files.items():
            try:
                for frame in frames.cut(path, name):
                    yield frame, 100 * (sent + frame.at) // whole
            except OSError as e:
                raise OSError(e.errno, e.strerror, str(path)) from None
            sent += path.stat().st_size

    def name_files(self, message: dict[str, Any]) -> dict[str, Any]:
        """Return an answer with the client's own paths in the places of the engine's."""
        result = message.get("result")
        if not isinstance(result, dict) or not isinstance(result.get("maps"), dict):
            return message
        job, outputs = self.cargo.job, self.cargo.outputs
        names = {kind: files.output for kind, files in job.maps.items()} | job.derive
        maps = {
            kind: {**entry, "output": str(outputs[frames.name_of(names[kind])])}
            for kind, entry in result["maps"].items()
            if kind in names and isinstance(entry, dict)
        }
        return {**message, "result": {**result, "maps": maps}}


def load(id: int, job: Job, version: str, begin_id: int) -> Work:
    """Give the files of a job names for another computer, and the job one by all that decides it.

    Args:
        id: Of the client's request.
        job: What it asks for.
        version: Of the code that makes it.
        begin_id: For the request that asks the other side first.

    Raises:
        BadInput: It is none for another computer.
        OSError: A file cannot be read.
    """
    cargo = frames.load(job)
    sums = {name: frames.find_checksum(path) for name, path in cargo.inputs.items()}
    asked = json.dumps([to_plain(cargo.job), sums, version], sort_keys=True)
    word = hashlib.sha256(asked.encode(errors="surrogatepass")).hexdigest()[:32]
    places = cargo.outputs | cargo.previews

    def find_place(name: str) -> Path:
        if name not in places:
            raise ProtocolError(f"{name!r:.80} was not asked for")
        return places[name]

    return Work(id, cargo, Begin(word, sums), Receiver(find_place), begin_id)
