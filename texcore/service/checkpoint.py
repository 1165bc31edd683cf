"""A long run's state in a file beside its output, so that it can go on after a crash.

The file is a safetensors file: tensors, and a line of JSON that says whose they are. It is written
whole or not at all, and without a second copy of the tensors in memory.
"""

from __future__ import annotations

import contextlib
import json
import struct
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from .. import __version__
from ..contract.errors import BadInput, Cancelled
from ..contract.files import replacing, safely
from ..contract.recipe import Recipe
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


class Checkpoint:
    """The file of one run.

    Args:
        output: Of the run; the file is beside it.
        recipe: Complete, with network and exemplar.
        now: A monotonic clock in seconds.
    """

    INTERVAL = 60.0  #: seconds between writings, at least

    def __init__(
        self, output: Path, recipe: Recipe, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.path = output.with_name(f"{output.name}.checkpoint")
        self._whose = {"version": __version__, "recipe": recipe.dumps()}
        self._interval, self._now = self.INTERVAL, now
        self._last = now()

    def keep(self, state: Callable[[], State]) -> bool:
        """Write the state if it is time to; whether it was written.

        Raises:
            BadInput: The file cannot be written.
        """
        begun = self._now()
        if begun - self._last < self._interval:
            return False
        self._write(state())
        self._last = self._now()
        self._interval = max(self._interval, (self._last - begun) / _LARGEST_SHARE)
        return True

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
                        "settings or another version: delete it, or start without --resume."
                    )
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
                return State(**json.loads(said["place"]), tensors=tensors)
        except (SafetensorError, KeyError, TypeError, ValueError, OSError):
            raise self.damaged() from None

    def damaged(self) -> BadInput:
        """The error for a file that cannot be gone on from."""
        return BadInput(f"“{self.path.name}” is damaged: delete it, or start without --resume.")

    def remove(self) -> None:
        """Delete the file, if there is one: the run is done."""
        self.path.unlink(missing_ok=True)

    def _write(self, state: State) -> None:
        place = {name: getattr(state, name) for name in ("level", "evaluations", "in_level")}
        said = {**self._whose, "place": json.dumps(place)}
        try:
            with replacing(self.path) as unfinished:
                _write_tensors(unfinished, state.tensors, said)
        except OSError as e:
            raise BadInput(f"“{self.path}” cannot be written: {e.strerror}.") from e


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
            f"Stopped; “{checkpoint.path.name}” keeps what was done: go on with --resume."
        ) from None


def _write_tensors(path: Path, tensors: Mapping[str, Tensor], said: Mapping[str, str]) -> None:
    """A safetensors file, one tensor after the other; the library would first copy them all."""
    header: dict[str, Any] = {"__metadata__": dict(said)}
    offset = 0
    for name, tensor in tensors.items():
        ends = [offset, offset + tensor.nbytes]
        header[name] = {
            "dtype": _TYPES[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": ends,
        }
        offset = ends[1]
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for tensor in tensors.values():
            flat = tensor.detach().cpu().contiguous().flatten().view(torch.uint8)
            file.write(flat.numpy().data)
