"""From a folder of photos to a network's file: what the command line runs."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from ..contract.errors import BadInput, OutOfMemory
from ..contract.files import check_name, explain, safely, write_whole
from ..contract.leftovers import clear_leftovers
from ..features import autoencoder
from ..runtime import devices
from . import figures
from .patches import Patches, held_out
from .photos import look_into
from .trainer import Settings, Trainer, restored

PATCH = 512
_SMALLEST_PATCH, _LARGEST_PATCH = 32, 1024
# Patches in a step and steps, by device. A processor sees in its steps what it can in about an
# hour; a graphics card much more in the same time.
_BATCHES = {"cuda": 16, "mps": 8, "cpu": 2}
_STEPS = {"cuda": 20_000, "mps": 8_000, "cpu": 3_000}
_JUDGED_EVERY = 50


@dataclass(frozen=True)
class TrainingJob:
    """What to train on which photos into which file.

    Attributes:
        photos: A folder.
        output: The network, ``.safetensors``. Beside it, under its name, go the state to resume
            from, the contact sheet and the loss curve.
        patch: Side of the patches in pixels, a multiple of the network's stride.
        batch: Patches in a step; None for what suits the device.
        steps: When to end; None, with no ``minutes`` either, for what suits the device.
        minutes: When to end at the latest, counted from the start of this run.
        seed: 0...2³²−1.
        device: See `devices.choose`.
        resume: Go on with the training of that output.
    """

    photos: Path
    output: Path
    patch: int | None = None
    batch: int | None = None
    steps: int | None = None
    minutes: float | None = None
    seed: int | None = None
    device: str = "auto"
    resume: bool = False

    def beside(self, ending: str) -> Path:
        """A file that goes with the network."""
        return self.output.with_suffix(ending)


@dataclass(frozen=True)
class Moment:
    """A step has been made: its number, the share of the work done, and the errors by then.

    Attributes:
        step: From 1, over all runs of this training.
        fraction: 0...1, of steps or minutes, whichever is further.
        loss: Mean squared error of the step's patches.
        held_out: That of the last judgement; infinite before the first.
    """

    step: int
    fraction: float
    loss: float
    held_out: float


@dataclass
class Trained:
    """What came out: where the network is, its least held-out error, and notes for the user."""

    output: Path
    steps: int
    seconds: float
    best: float
    stopped: bool = False
    notes: list[str] = field(default_factory=list)

    @property
    def psnr(self) -> float:
        """Peak signal-to-noise ratio of held-out patches in dB."""
        return -10 * math.log10(max(self.best, 1e-12))


def run(
    job: TrainingJob,
    stop: Callable[[], bool] = lambda: False,
    now: Callable[[], float] = time.monotonic,
) -> Generator[Moment, None, Trained]:
    """Train; a moment for each step, and at the end what came out.

    The best network is in its file as soon as it is found, and the state every `_JUDGED_EVERY`
    steps and at the end, so that at any time what is there can be used and gone on with.

    Args:
        job: See there.
        stop: Asked after each step whether to end, as if the time were over.
        now: A monotonic clock in seconds.

    Raises:
        BadInput: The photos, the output or a number cannot be used.
        Unavailable: The device is not there.
        OutOfMemory: The device's memory does not hold a step.
    """
    _check(job)
    device = devices.choose(job.device)
    trainer = _trainer(job, device)
    settings = trainer.settings
    folder = look_into(job.photos, settings.patch)
    # A photo of many visits is complained of once.
    notes = dict.fromkeys(folder.notes)
    patches = Patches(
        folder.training, settings.patch, settings.batch, settings.seed, notes.setdefault
    )
    judges = held_out(folder.held_out, settings.patch, settings.seed, notes.setdefault)
    steps = job.steps if job.steps or job.minutes else _STEPS[device.type]
    started, before = now(), trainer.seconds
    stopped = False
    fraction = _fraction(trainer.step, steps, 0.0, job.minutes)
    with patches:
        try:
            while fraction < 1 and not stopped:
                loss = trainer.learn(patches.batch(trainer.step, device), fraction)
                elapsed = now() - started
                trainer.seconds = before + elapsed
                fraction = _fraction(trainer.step, steps, elapsed, job.minutes)
                stopped = stop()
                if trainer.step % _JUDGED_EVERY == 0 or fraction >= 1:
                    _judge(job, trainer, judges)
                held = trainer.history[-1].held_out if trainer.history else math.inf
                yield Moment(trainer.step, fraction, loss, held)
        except (MemoryError, RuntimeError) as e:
            if not devices.says_no_memory(e):
                raise
            raise OutOfMemory(
                f"The memory of {devices.describe(device)} does not hold a step: "
                "choose a smaller --batch or --patch."
            ) from e
    if stopped and (not trainer.history or trainer.history[-1].step != trainer.step):
        _judge(job, trainer, judges)
    return Trained(job.output, trainer.step, trainer.seconds, trainer.best, stopped, list(notes))


def _check(job: TrainingJob) -> None:
    """Find out before the work whether it can be done.

    Raises:
        BadInput: It cannot.
    """
    if job.output.suffix != ".safetensors":
        raise BadInput(f"“{job.output.name}” is no name for a network: end it in .safetensors.")
    folder = job.output.parent
    if not safely(folder.is_dir):
        raise BadInput(f"The folder “{folder}” is not there: make it, or choose another.")
    if not os.access(folder, os.W_OK):
        raise BadInput(f"The folder “{folder}” cannot be written to: choose another.")
    if safely(job.output.exists) and not job.resume:
        raise BadInput(
            f"“{job.output.name}” is there already: go on with it by --resume, or choose another "
            "name."
        )
    try:
        check_name(job.beside(".state.safetensors"))
    except OSError as e:
        raise BadInput(
            f"“{job.output.name}” cannot be written ({explain(e)}): choose another name."
        ) from None
    clear_leftovers(folder)
    stride = Settings(0, 0, 0).architecture.stride
    patch = job.patch or PATCH
    if not _SMALLEST_PATCH <= patch <= _LARGEST_PATCH or patch % stride:
        raise BadInput(
            f"Patches of {patch} pixels: use a multiple of {stride} from {_SMALLEST_PATCH} to "
            f"{_LARGEST_PATCH}."
        )
    for name, value in (("batch", job.batch), ("steps", job.steps), ("minutes", job.minutes)):
        if value is not None and not 0 < value < math.inf:
            raise BadInput(f"{value} {name}: use a number above 0.")
    if job.seed is not None and not 0 <= job.seed < 2**32:
        raise BadInput(f"The seed is {job.seed}: use a whole number from 0 to {2**32 - 1}.")


def _trainer(job: TrainingJob, device: torch.device) -> Trainer:
    if not job.resume:
        batch = job.batch or _BATCHES[device.type]
        return Trainer(Settings(job.patch or PATCH, batch, job.seed or 0), device)
    trainer = restored(job.beside(".state.safetensors"), device)
    for name in ("patch", "batch", "seed"):
        given, was = getattr(job, name), getattr(trainer.settings, name)
        if given not in (None, was):
            raise BadInput(
                f"This training was begun with a {name} of {was}: resume it with the same."
            )
    return trainer


def _fraction(step: int, steps: int | None, seconds: float, minutes: float | None) -> float:
    by_step = step / steps if steps else 0.0
    by_time = seconds / (60 * minutes) if minutes else 0.0
    return min(1.0, max(by_step, by_time))


def _judge(job: TrainingJob, trainer: Trainer, judges: Tensor) -> None:
    """Judge the network and write what has come of it.

    Raises:
        BadInput: It cannot be written.
    """
    best = trainer.judge(judges)
    files = {
        ".state.safetensors": trainer.to_bytes(),
        ".loss.csv": figures.loss_table(trainer.history),
        ".loss.png": figures.loss_curve(trainer.history),
    }
    if best:
        about = {"steps": trainer.step, "held_out": trainer.best, "patch": trainer.settings.patch}
        files[".safetensors"] = autoencoder.to_bytes(trainer.network, about)
        shown = judges[:8]
        files[".sheet.png"] = figures.contact_sheet(shown, trainer.reconstructed(shown))
    for ending, content in files.items():
        try:
            write_whole(job.beside(ending), content)
        except OSError as e:
            raise BadInput(f"“{job.beside(ending)}” cannot be written: {explain(e)}.") from None
