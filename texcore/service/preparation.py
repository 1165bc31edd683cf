"""What a run needs besides its exemplar: the device, the network, and who watches it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Protocol

import torch

from ..contract.errors import BadInput, OutOfMemory
from ..contract.recipe import Recipe
from ..exemplars.exemplar import Exemplar
from ..features import FeatureNetwork, weights
from ..features.fetching import Report
from ..runtime import devices
from ..runtime.processes import Group
from ..synthesis.run import Synthesis

#: The recipe's word for each depth of a file.
DEPTH_WORDS = {"uint8": "8", "uint16": "16", "half": "16", "float": "float"}


class Means(Protocol):
    """What a job says about how it is done; see `texcore.contract.messages.Synthesize`."""

    @property
    def device(self) -> str: ...  # noqa: D102
    @property
    def weights(self) -> str: ...  # noqa: D102
    @property
    def online(self) -> bool: ...  # noqa: D102


@dataclass(frozen=True)
class Bench:
    """Device and network, and the recipe with what they decide filled in."""

    device: torch.device
    dtype: torch.dtype
    network: FeatureNetwork
    recipe: Recipe
    notes: list[str]

    def synthesis(
        self,
        exemplar: Exemplar,
        recipe: Recipe,
        check: Callable[[], object] | None,
        tile_side: int | None = None,
        group: Group | None = None,
    ) -> Synthesis:
        """A run on this bench."""
        return Synthesis(
            exemplar, recipe, self.network, self.device, self.dtype, tile_side, check, group
        )


def set_up(
    recipe: Recipe,
    digest: str,
    means: Means,
    report: Report | None,
    group: Group | None = None,
) -> Bench:
    """Choose the device and load the network for a recipe.

    Args:
        recipe: As asked for.
        digest: Of the exemplar that it is used on.
        means: Device and weights asked for.
        report: Told how far a download is.
        group: The leader fetches what is missing, the others find it in the cache.

    Raises:
        BadInput: The recipe needs a network that is not the one chosen.
        Unavailable: The device or the weights asked for are not there.
    """
    device = devices.choose(means.device)
    if group and not group.leads:
        group.wait()
    network, notes = weights.load(_weights_for(recipe, means), report, means.online)
    if group and group.leads:
        group.wait()
    if recipe.network not in ("", network.name):
        raise BadInput(
            f"The recipe was made with the network {recipe.network}, but {network.name} is "
            "here: fetch the former, or leave the network out of the recipe."
        )
    if recipe.exemplar not in ("", digest):
        notes = [*notes, "The recipe was made for another picture; it was used on this one."]
    dtype = devices.precision(recipe.precision, device)
    recipe = replace(
        recipe,
        network=network.name,
        exemplar=digest,
        precision=str(dtype).removeprefix("torch."),
    )
    return Bench(device, dtype, network, recipe, notes)


@contextmanager
def memory_errors(device: torch.device) -> Iterator[None]:
    """Say in one sentence that a device's memory is too small."""
    try:
        yield
    except (MemoryError, RuntimeError) as e:
        if not devices.says_no_memory(e):
            raise
        raise OutOfMemory(
            f"The memory of {devices.describe(device)} does not hold this run: "
            "choose a smaller size, or the CPU."
        ) from e


def _weights_for(recipe: Recipe, means: Means) -> str:
    """The weights to load: a recipe that names its network gets that one, unless told otherwise.

    Raises:
        BadInput: The network named is neither in the cache nor one that can be had.
    """
    named = recipe.network
    if means.weights != "auto" or not named:
        return means.weights
    if weights.cached(named):
        return named
    if named in weights.obtainable():
        return "random-vgg" if named.startswith("random-vgg") else named.split("-")[0]
    raise BadInput(
        f"The recipe was made with the network {named}, which is not here: give its weights' file "
        "with --weights FILE."
    )
