"""The training itself: Adam on the error of reconstruction, and its state in a file."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
import torch.nn.functional as F
from torch import Tensor

from ..contract.errors import BadInput
from ..contract.plain import from_plain
from ..features.autoencoder import Architecture, Autoencoder

_FORMAT = "texcore training 1"
_RATE = 1e-3
# Steps in which the rate rises to that, and the share of it that is left at the end.
_WARM_UP = 30
_LAST_RATE = 0.02
# What reading a file raises that is not what it should be.
_DAMAGED = (
    OSError,
    KeyError,
    TypeError,
    ValueError,
    OverflowError,
    RecursionError,
    safetensors.SafetensorError,
)
# Longest gradient, as a norm over all filters: one odd patch shall not undo what was learnt.
_CLIP = 1.0


@dataclass(frozen=True)
class Settings:
    """What decides a training besides the photos.

    Attributes:
        patch: Side of the patches in pixels.
        batch: Patches in a step.
        seed: Of filters and patches.
        architecture: Of the network.
    """

    patch: int
    batch: int
    seed: int
    architecture: Architecture = field(default_factory=Architecture)


@dataclass(frozen=True)
class Judgement:
    """One row of the loss curve.

    Attributes:
        step: Patches seen so far, in batches.
        training: Mean squared error in 0...1 of the steps since the last judgement, augmented.
        held_out: Mean squared error of patches that are never trained on.
        seconds: Spent so far.
    """

    step: int
    training: float
    held_out: float
    seconds: float


class Trainer:
    """A network in training.

    Args:
        settings: See there.
        device: Where to compute.
    """

    def __init__(self, settings: Settings, device: torch.device) -> None:
        self.settings, self.device = settings, device
        seeded = Autoencoder.seeded(settings.architecture, settings.seed)
        self.network = seeded.to(device, torch.float32)
        self._tensors = [x.requires_grad_() for pair in self.network.filters for x in pair]
        self._adam = torch.optim.Adam(self._tensors, lr=_RATE)
        self.step = 0
        self.seconds = 0.0
        self.history: list[Judgement] = []
        self._losses: list[float] = []

    @property
    def best(self) -> float:
        """The least held-out error so far; infinite before the first judgement."""
        return min((row.held_out for row in self.history), default=math.inf)

    def learn(self, patches: Tensor, fraction: float) -> float:
        """One step on patches (n, 3, side, side) in 0...1; returns their mean squared error.

        Args:
            patches: Of this step.
            fraction: Of the whole training that is done, 0...1; the rate falls with it by a cosine.
        """
        if self.step == 0:
            self._settle(patches)
        rate = _LAST_RATE + (1 - _LAST_RATE) * (1 + math.cos(math.pi * min(1.0, fraction))) / 2
        for group in self._adam.param_groups:
            group["lr"] = _RATE * rate * min(1.0, (self.step + 1) / _WARM_UP)
        self._adam.zero_grad()
        loss = F.mse_loss(self.network.reconstructed(patches), patches)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._tensors, _CLIP)
        self._adam.step()
        self.step += 1
        self._losses.append(float(loss.detach()))
        return self._losses[-1]

    @torch.no_grad()
    def _settle(self, patches: Tensor) -> None:
        settled = [x for pair in self.network.settled(patches).filters for x in pair]
        for x, better in zip(self._tensors, settled, strict=True):
            x.copy_(better)

    def judge(self, held_out: Tensor) -> bool:
        """Add a row to the history; returns whether the network is the best so far.

        Args:
            held_out: Bytes of shape (n, 3, side, side), n > 0.
        """
        errors = [
            F.mse_loss(self.reconstructed(one[None]), self._shown(one[None])) for one in held_out
        ]
        error = float(torch.stack(errors).mean())
        before = self.best
        training = sum(self._losses) / len(self._losses) if self._losses else math.nan
        self.history.append(Judgement(self.step, training, error, self.seconds))
        self._losses = []
        return error < before

    @torch.no_grad()
    def reconstructed(self, patches: Tensor) -> Tensor:
        """The network's own of such bytes as `judge` takes, in 0...1."""
        return self.network.reconstructed(self._shown(patches)).clamp(0, 1)

    def _shown(self, patches: Tensor) -> Tensor:
        return patches.to(self.device).float() / 255

    def to_bytes(self) -> bytes:
        """A safetensors file from which `restored` makes a trainer that goes on from here.

        To be called after `judge`: errors of steps since then are not in it.
        """
        tensors: dict[str, Tensor] = {}
        for i, x in enumerate(self._tensors):
            tensors[f"{i}.value"] = x.detach().cpu().contiguous()
            for key, value in self._adam.state[x].items():
                tensors[f"{i}.{key}"] = value.detach().cpu().contiguous()
        state = {
            "settings": asdict(self.settings),
            "step": self.step,
            "seconds": self.seconds,
            "history": [asdict(row) for row in self.history],
        }
        return safetensors.torch.save(tensors, {"format": _FORMAT, "state": json.dumps(state)})


def restored(path: Path, device: torch.device) -> Trainer:
    """The trainer of a file that `Trainer.to_bytes` made.

    Raises:
        BadInput: It is not there, damaged, or something else.
    """
    try:
        with safetensors.safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 – no dict
        if metadata.get("format") != _FORMAT:
            raise ValueError("something else")
        return _trainer(json.loads(metadata["state"]), tensors, device)
    except FileNotFoundError:
        raise BadInput(
            f"There is no training to resume: “{path}” is not there. Start one without --resume."
        ) from None
    except _DAMAGED:
        raise BadInput(
            f"“{path.name}” is no training that can be resumed, or it is damaged: start anew with "
            "another name."
        ) from None


def _trainer(
    state: Mapping[str, Any], tensors: Mapping[str, Tensor], device: torch.device
) -> Trainer:
    trainer = Trainer(from_plain(Settings, state["settings"]), device)
    trainer.step, trainer.seconds = int(state["step"]), float(state["seconds"])
    trainer.history = [Judgement(**row) for row in state["history"]]
    for i, x in enumerate(trainer._tensors):
        value = tensors[f"{i}.value"]
        if value.shape != x.shape:
            raise ValueError("filters of another architecture")
        x.data.copy_(value)
        trainer._adam.state[x] = {
            key.split(".")[1]: saved.to(device if saved.dim() else "cpu")
            for key, saved in tensors.items()
            if key.startswith(f"{i}.") and key != f"{i}.value"
        }
    return trainer
