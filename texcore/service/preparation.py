"""Prepare what a run needs besides its exemplar: the device, and the network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import torch
from torch import Tensor

from ..contract.choices import SKETCH
from ..contract.errors import BadInput, OutOfMemory
from ..contract.jobs import Job
from ..contract.recipe import Recipe
from ..exemplars.exemplar import Exemplar
from ..features import FeatureNetwork, weights
from ..features.fetching import Report
from ..runtime import devices
from ..runtime.context import Check, Context, proceed
from ..runtime.processes import Group
from ..solids.run import SolidRun
from ..synthesis.forecast import Forecast
from ..synthesis.levels import Level
from ..synthesis.run import Synthesis
from ..synthesis.sketch import Sketch
from ..synthesis.state import State
from ..synthesis.steps import Step

if TYPE_CHECKING:
    from ..objects.mesh import Mesh
    from ..objects.run import OnSurface

PlannedRun = Synthesis | Sketch
"""A run on a plane, which is planned from numbers alone."""


class Run(Protocol):
    """What is done step by step and has a texture at its end; see `Synthesis`."""

    evaluations: int

    @property
    def recipe(self) -> Recipe:
        """The recipe, with its size."""

    @property
    def height(self) -> int:
        """Height of the result in texels."""

    @property
    def width(self) -> int:
        """Width of the result in texels."""

    @property
    def levels(self) -> Sequence[Level]:
        """The sizes that are worked on."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know, a sentence each."""

    @property
    def forecast(self) -> Forecast:
        """What memory the run takes."""

    def steps(self) -> Iterator[Step]:
        """Do the work."""

    def result(self) -> Tensor:
        """Make the texture (channels, height, width)."""

    def preview(self) -> Tensor:
        """Make an image of the canvas as it is now."""

    def state(self) -> State:
        """Give all that decides how the run goes on."""

    def restore(self, state: State) -> None:
        """Go on from a state of the same run."""


@dataclass(frozen=True)
class Surface:
    """An object that a texture is made for.

    Attributes:
        mesh: Its triangles.
        name: For the sentence of an error.
        digest: Of the mesh.
    """

    mesh: Mesh
    name: str
    digest: str

    @classmethod
    def read(cls, path: Path, tiles: Sequence[int] = ()) -> Surface:
        """Read an object from its file.

        Args:
            path: The file.
            tiles: Numbers of the UDIM tiles that it is unwrapped over; none: one square.

        Raises:
            BadInput: It cannot be used.
        """
        # Its libraries take a quarter of a second, for what few runs need.
        from ..objects.mesh import read_mesh

        mesh = read_mesh(path, tiles)
        return cls(mesh, path.stem, mesh.digest())


@dataclass(frozen=True)
class Prepared:
    """Device and network, and the recipe with what they decide filled in.

    A sketch has no network.
    """

    device: torch.device
    dtype: torch.dtype
    network: FeatureNetwork | None
    recipe: Recipe
    notes: list[str]

    def synthesis(
        self,
        exemplar: Exemplar,
        check: Check | None,
        tile_side: int | None = None,
        group: Group | None = None,
        surface: Surface | None = None,
        solid: bool = False,
    ) -> PlannedRun | OnSurface | SolidRun:
        """Return a run with these.

        Args:
            exemplar: To make more of.
            check: Called wherever the run can be left; None lets it go on.
            tile_side: See `Context`.
            group: Processes that make the run together.
            surface: That it goes over; None for a plane.
            solid: Whether it fills a cube.

        Raises:
            BadInput: The object's unwrapping, or the exemplar, cannot be used.
        """
        context = Context(self.device, self.dtype, group, check or proceed, tile_side)
        if solid:
            return SolidRun(exemplar, self.recipe, self.network, context)
        if surface is not None:
            from ..objects.run import OnSurface

            mesh, name = surface.mesh, surface.name
            return OnSurface(exemplar, self.recipe, mesh, name, self.network, context)
        if self.network is None:
            return Sketch(exemplar, self.recipe, context)
        return Synthesis(exemplar, self.recipe, self.network, context)


def prepare(
    recipe: Recipe,
    digest: str,
    job: Job,
    report: Report | None,
    group: Group | None = None,
) -> Prepared:
    """Choose the device and load the network for a recipe.

    Args:
        recipe: As asked for.
        digest: Of the exemplar that it is used on.
        job: Says which device and weights are asked for.
        report: Told how far a download is.
        group: The leader fetches what is missing, the others find it in the cache.

    Raises:
        BadInput: The recipe needs a network that is not the one chosen.
        Unavailable: The device or the weights asked for are not there.
    """
    device = devices.choose(job.device)
    network, notes = None, list[str]()
    if recipe.quality != SKETCH:
        network, notes = _load_network(recipe, job, report, group)
    name = network.name if network else ""
    if network and recipe.network not in ("", name):
        raise BadInput(
            f"The recipe was made with the network {recipe.network}, but {name} is "
            "here: fetch the former, or leave the network out of the recipe."
        )
    if recipe.exemplar not in ("", digest):
        notes = [*notes, "The recipe was made for another picture; it was used on this one."]
    dtype = devices.precision(recipe.precision, device)
    recipe = replace(
        recipe,
        network=name,
        exemplar=digest,
        precision=str(dtype).removeprefix("torch."),
    )
    return Prepared(device, dtype, network, recipe, notes)


def _load_network(
    recipe: Recipe, job: Job, report: Report | None, group: Group | None
) -> tuple[FeatureNetwork, list[str]]:
    """Load the network, and what the user should know; the leader fetches, the others wait."""
    if group and not group.leads:
        group.wait()
    loaded = weights.load(_weights_for(recipe, job), report, job.online)
    if group and group.leads:
        group.wait()
    return loaded


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


def _weights_for(recipe: Recipe, job: Job) -> str:
    """The weights to load: a recipe that names its network gets that one, unless told otherwise.

    Raises:
        BadInput: The network named is neither in the cache nor one that can be had.
    """
    named = recipe.network
    if job.weights != "auto" or not named:
        return job.weights
    if weights.cached(named):
        return named
    if named in weights.obtainable():
        return "random-vgg" if named.startswith("random-vgg") else named.split("-")[0]
    raise BadInput(
        f"The recipe was made with the network {named}, which is not here: choose the file of its "
        "weights.",
        "weights",
    )
