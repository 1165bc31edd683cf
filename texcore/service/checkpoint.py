"""A long run's state in a file beside its output, so that it can go on after a crash.

The file is a safetensors file: tensors, and a line of JSON that says whose they are. It is written
whole or not at all, and without a second copy of the tensors in memory.
"""

from __future__ import annotations

import contextlib
import json
import struct
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from .. import __version__
from ..contract.errors import BadInput, Cancelled
from ..contract.files import explain, name_beside, replacing, safely
from ..contract.plain import WrongShape, from_plain, parse_json
from ..contract.recipe import Recipe
from ..optimisers.base import NoState
from ..synthesis.state import State

# Of the time, at most, for writing.
_LARGEST_SHARE = 1 / 20
_TYPES = {
    torch.float64: "F64",
    torch.float32: "F32",
    torch.bfloat16: "BF16",
    torch.int64: "I64",
    torch.uint8: "U8",
    torch.bool: "BOOL",
}
_NO_CHECKSUM = "0" * 8


@dataclass(frozen=True)
class _Place:
    """Where a run is, in numbers; see `State`."""

    level: int
    evaluations: int
    in_level: int

    def __post_init__(self) -> None:
        if min(self.level, self.evaluations - self.in_level, self.in_level) < 0:
            raise WrongShape(f"{self} is nowhere in a run")


class Checkpoint:
    """The file of one run.

    Args:
        output: Of the run; the file is beside it.
        recipe: Complete, with network and exemplar.
        now: A monotonic clock in seconds.

    Attributes:
        notes: What the user should know, a sentence each. The file is a help: that it cannot be
            written is told here, and is no reason for a run to end.
    """

    INTERVAL = 60.0  #: seconds between writings, at least

    def __init__(
        self, output: Path, recipe: Recipe, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.path = name_beside(output, ".checkpoint")
        self.notes: list[str] = []
        self._whose = {"version": __version__, "recipe": recipe.dumps()}
        self._interval, self._now = self.INTERVAL, now
        self._last = now()

    def keep(self, state: Callable[[], State]) -> bool:
        """Write the state if it is time to; whether it was written."""
        begun = self._now()
        if begun - self._last < self._interval:
            return False
        try:
            self._write(state())
        except OSError as e:
            self.notes = [
                f"The checkpoint could not be written ({explain(e)}): the run went on without."
            ]
            return False
        finally:
            self._last = self._now()
            self._interval = max(self._interval, (self._last - begun) / _LARGEST_SHARE)
        return True

    def keep_now(self, state: Callable[[], State]) -> None:
        """Write the state whatever the time is, if there is one: the run is being left."""
        with contextlib.suppress(NoState, OSError):  # a run that cannot be gone on with begins anew
            self._write(state())

    def load(self) -> State | None:
        """The state to go on from, on the CPU; None if there is no file.

        Raises:
            BadInput: The file belongs to another run, or is damaged.
        """
        if not safely(self.path.is_file):
            return None
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(self.path, framework="pt") as file:
                said = file.metadata() or {}
                if any(said.get(name) != value for name, value in self._whose.items()):
                    raise BadInput(
                        f"“{self.path.name}” belongs to a run with another exemplar, other "
                        "settings or another version: delete it, or start anew.",
                        "resume",
                    )
                place = from_plain(_Place, parse_json(said["place"]))
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        except (SafetensorError, KeyError, WrongShape, OSError):
            raise self.damaged() from None
        if _find_checksum(said, tensors) != said.get("checksum") or not _are_numbers(tensors):
            raise self.damaged()
        return State(**asdict(place), tensors=tensors)

    def damaged(self) -> BadInput:
        """The error for a file that cannot be gone on from."""
        return BadInput(f"“{self.path.name}” is damaged: delete it, or start anew.", "resume")

    def remove(self) -> None:
        """Delete the file, if there is one: the run is done."""
        try:
            self.path.unlink(missing_ok=True)
        except OSError as e:
            if safely(self.path.exists):
                self.notes.append(f"“{self.path}” could not be deleted: {explain(e)}.")

    def _write(self, state: State) -> None:
        place = asdict(_Place(state.level, state.evaluations, state.in_level))
        with replacing(self.path) as unfinished:
            _write_tensors(unfinished, state.tensors, {**self._whose, "place": json.dumps(place)})


@contextlib.contextmanager
def resumable(checkpoint: Checkpoint | None) -> Iterator[None]:
    """Tell whoever interrupts a run of the checkpoint that there is.

    Raises:
        Cancelled: In place of `KeyboardInterrupt`.
    """
    try:
        yield
    except KeyboardInterrupt:
        if checkpoint is None or not checkpoint.path.is_file():
            raise
        raise Cancelled(
            f"Stopped; “{checkpoint.path.name}” keeps what was done: go on from there.", "resume"
        ) from None


@contextlib.contextmanager
def pausable(checkpoint: Checkpoint | None, state: Callable[[], State]) -> Iterator[None]:
    """Keep the state of a run whose generator is closed between two steps.

    Args:
        checkpoint: Where; None to keep nothing.
        state: Gives it.
    """
    try:
        yield
    except GeneratorExit:
        if checkpoint is not None:
            checkpoint.keep_now(state)
        raise


def _write_tensors(path: Path, tensors: Mapping[str, Tensor], said: Mapping[str, str]) -> None:
    """A safetensors file, one tensor after the other; the library would first copy them all.

    Its checksum is known when all is written, and goes where room was left for it.
    """
    header: dict[str, Any] = {"__metadata__": {"checksum": _NO_CHECKSUM, **said}}
    offset = 0
    for name in sorted(tensors):
        tensor = tensors[name]
        ends = [offset, offset + tensor.nbytes]
        header[name] = {
            "dtype": _TYPES[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": ends,
        }
        offset = ends[1]
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    checksum = _begin_checksum(said, tensors)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for name in sorted(tensors):
            content = _bytes_of(tensors[name])
            checksum = zlib.crc32(content, checksum)
            file.write(content)
        file.seek(8 + text.index(_NO_CHECKSUM.encode()))
        file.write(_to_text(checksum).encode())


def _find_checksum(said: Mapping[str, str], tensors: Mapping[str, Tensor]) -> str:
    """Find the checksum of a file's place and tensors."""
    checksum = _begin_checksum(said, tensors)
    for name in sorted(tensors):
        checksum = zlib.crc32(_bytes_of(tensors[name]), checksum)
    return _to_text(checksum)


def _begin_checksum(said: Mapping[str, str], tensors: Mapping[str, Tensor]) -> int:
    """Begin a checksum with everything but the tensors' own bytes.

    It tells damage. A hash against malice would take four times as long, and anybody could make it
    anew.
    """
    kinds = [(name, _TYPES.get(t.dtype), list(t.shape)) for name, t in sorted(tensors.items())]
    about = json.dumps([said["place"], kinds]).encode()
    return zlib.crc32(about)


def _to_text(checksum: int) -> str:
    return f"{checksum:0{len(_NO_CHECKSUM)}x}"


def _bytes_of(tensor: Tensor) -> memoryview:
    flat = tensor.detach().cpu().contiguous().flatten().view(torch.uint8)
    return flat.numpy().data


def _are_numbers(tensors: Mapping[str, Tensor]) -> bool:
    """Whether nothing is infinite or no number: what such a state goes on to is no picture."""
    return all(bool(torch.isfinite(t).all()) for t in tensors.values() if t.is_floating_point())
