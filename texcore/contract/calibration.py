"""What is known of a user's devices: how fast they are, and how far that has been off.

It lies in a small file in their cache. The engine measures and corrects it; the extension, which
has no PyTorch, reads it to say how long a texture will take (`texcore.contract.estimates`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from .choices import SKETCH
from .costs import Cost, Load
from .errors import BadInput
from .files import write_whole
from .leftovers import clear_leftovers
from .plain import from_plain, parse_json, to_plain
from .recipe import Recipe
from .schedule import Schedule
from .user_folders import cache_dir

#: Of the file; another version's is measured anew.
FILE_VERSION = 2
#: Novelties for which the schedules are kept; between them they follow lines.
NOVELTIES = (0.0, 0.25, 0.5, 0.75, 1.0)
#: How a sketch goes on, whatever the network.
SKETCH_SCHEDULE = Schedule(layout=True)
# A run that took more or less than this many times what was expected was disturbed, or tells of
# another machine than the one measured: it counts as this.
_MOST_SURPRISE = 4.0
# What a new run weighs, beside all before it, at least.
_LEAST_WEIGHT = 0.2
_ON_OBJECTS, _IN_SOLIDS = " on objects", " in solids"
# A part of a run that was to take less tells nothing.
_LEAST_TOLD_SECONDS = 0.05


@dataclass(frozen=True)
class Expected:
    """Seconds that a run is expected to take, by its parts; see `costs.Cost`.

    Example:
        >>> Expected(before=1.0, work=4.0, after=0.5).total
        5.5
    """

    before: float
    work: float
    after: float

    @property
    def total(self) -> float:
        """Seconds of all of it."""
        return self.before + self.work + self.after


@dataclass(frozen=True)
class Rates:
    """What a device takes, and how far it has been off.

    Attributes:
        second: Seconds of this machine's processor for one of the reference's.
        passes: Seconds for a number of a canvas that is passed over.
        product: Seconds for a multiplication of the network; None until it has been shown
            anything here.
        call: Seconds for a layer that is looked at, however small the canvas; None likewise.
        before, work, after: What the parts of a run really took, over what they were to take.
        runs: From how many runs that is known.
        untiled: Texels of a canvas up to which the network is shown all of it at a time.
    """

    second: float
    passes: float
    product: float | None = None
    call: float | None = None
    before: float = 1.0
    work: float = 1.0
    after: float = 1.0
    runs: int = 0
    untiled: int | None = None

    def expect(self, cost: Cost) -> Expected | None:
        """Say how long a run of some cost will take; None if what it takes is not known."""
        if self.product is None and cost.work.products:
            return None
        return Expected(
            self.before * self._tell(cost.before),
            self.work * self._tell(cost.work),
            self.after * self._tell(cost.after),
        )

    def correct(self, cost: Cost, took: Expected) -> Rates:
        """Take note of what a run really took, part by part.

        Example:
            >>> rates = Rates(second=1.0, passes=0.0)
            >>> cost = Cost(before=Load(seconds=2.0))
            >>> rates.correct(cost, Expected(before=3.0, work=0.0, after=0.0)).before
            1.5
        """
        weight = max(_LEAST_WEIGHT, 1 / (self.runs + 1))
        factors = {}
        for part in ("before", "work", "after"):
            plain, real = self._tell(getattr(cost, part)), getattr(took, part)
            old = getattr(self, part)
            if plain < _LEAST_TOLD_SECONDS or real <= 0:
                continue
            ratio = min(max(real / plain, 1 / _MOST_SURPRISE), _MOST_SURPRISE)
            # Twice as long and half as long are as far off.
            factors[part] = old ** (1 - weight) * ratio**weight
        return replace(self, **factors, runs=self.runs + 1)

    def _tell(self, load: Load) -> float:
        return (
            self.second * load.seconds
            + self.passes * load.passes
            + (self.product or 0.0) * load.products
            + (self.call or 0.0) * load.calls
        )


@dataclass(frozen=True)
class ComputeDevice:
    """Where is computed if a device is asked for.

    Attributes:
        rates: Name of what it takes, see `name_rates`.
        device: Type of the device: ``cpu``, ``cuda`` or ``mps``.
        name: The device's own, for people.
        threads: Of the processor.
    """

    rates: str
    device: str
    name: str
    threads: int = 1


@dataclass(frozen=True)
class Calibration:
    """What is known of a user's devices.

    Attributes:
        version: Of the file.
        engine: Version of the Texcore that the schedules are of.
        start: Seconds that an engine takes before it can begin anything.
        places: By the word that a device is asked for with, such as ``auto``.
        rates: By device, precision, threads and network; see `name_rates`.
        networks: Name of the network by the word that its weights are asked for with.
        schedules: By network, model, quality and maps (`name_schedule`); then by novelty.
    """

    version: int = FILE_VERSION
    engine: str = ""
    start: float = 0.0
    places: dict[str, ComputeDevice] = field(default_factory=dict)
    rates: dict[str, Rates] = field(default_factory=dict)
    networks: dict[str, str] = field(default_factory=dict)
    schedules: dict[str, dict[str, Schedule]] = field(default_factory=dict)

    def find_rates(self, place: ComputeDevice, network: str) -> Rates | None:
        """Find what a device takes for a network, or for a sketch; None if it was never measured.

        How far one was off, and what its multiplications take, says nothing of another.

        Args:
            place: Where is computed.
            network: Its name; `choices.SKETCH` for a sketch; by `name_on_objects` or
                `name_in_solids` where it is not for a plane.
        """
        own = self.rates.get(name_rates(place, network))
        if own is not None:
            return own
        of_planes = network.removesuffix(_ON_OBJECTS).removesuffix(_IN_SOLIDS)
        if network != of_planes:
            plane = self.find_rates(place, of_planes)
            return plane and replace(plane, before=1.0, work=1.0, after=1.0, runs=0)
        of_others = (each for name, each in self.rates.items() if name.startswith(place.rates))
        other = next(of_others, None)
        return other and Rates(other.second, other.passes)

    def find_schedule(self, recipe: Recipe, network: str, several: bool = False) -> Schedule | None:
        """Find how the model of a recipe goes from coarse to fine; None if it is not known."""
        if recipe.quality == SKETCH:
            return SKETCH_SCHEDULE
        kept = self.schedules.get(name_schedule(network, recipe.model, recipe.quality, several), {})
        return _interpolate(kept, recipe.novelty)


def calibration_file() -> Path:
    """Name the file of what is known of the user's devices."""
    return cache_dir() / "estimates.json"


def read_calibration(path: Path | None = None) -> Calibration:
    """Read what is known of the user's devices; nothing is known if the file is damaged.

    Args:
        path: Of the file; None for the user's.
    """
    try:
        text = (path or calibration_file()).read_text(encoding="utf-8")
        found = from_plain(Calibration, parse_json(text))
    except (OSError, ValueError, BadInput):
        return Calibration()
    return found if _is_sound(found) else Calibration()


def write_calibration(calibration: Calibration, path: Path | None = None) -> None:
    """Write what is known of the user's devices, whole or not at all.

    Args:
        calibration: What is known.
        path: Of the file; None for the user's.

    Raises:
        OSError: It cannot be written.
    """
    target = path or calibration_file()
    target.parent.mkdir(parents=True, exist_ok=True)
    clear_leftovers(target.parent)
    write_whole(target, json.dumps(to_plain(calibration), separators=(",", ":")).encode())


def name_on_objects(network: str) -> str:
    """Name what is known of a network, or of a sketch, where a texture is made for an object.

    Example:
        >>> name_on_objects("vgg16-0")
        'vgg16-0 on objects'
    """
    return f"{network}{_ON_OBJECTS}"


def name_in_solids(network: str) -> str:
    """Name what is known of a network where a solid texture is made.

    Example:
        >>> name_in_solids("vgg16-0")
        'vgg16-0 in solids'
    """
    return f"{network}{_IN_SOLIDS}"


def name_rates(place: ComputeDevice, network: str) -> str:
    """Name what a device takes for a network, or for a sketch, in `Calibration.rates`.

    Example:
        >>> name_rates(ComputeDevice("4 cores, float32", "cpu", "4 cores"), "vgg16-0")
        '4 cores, float32, vgg16-0'
    """
    return f"{place.rates}, {network}"


def name_schedule(network: str, model: str, quality: str, several: bool) -> str:
    """Name a schedule in `Calibration.schedules`.

    Example:
        >>> name_schedule("vgg16-0", "default", "draft", several=True)
        'vgg16-0 default draft maps'
    """
    return f"{network} {model} {quality} {'maps' if several else 'picture'}"


def _interpolate(kept: Mapping[str, Schedule], novelty: float) -> Schedule | None:
    """Find a schedule between those kept for other novelties."""
    try:
        points = sorted((float(at), each) for at, each in kept.items())
    except ValueError:
        return None
    if not points:
        return None
    below = [point for point in points if point[0] <= novelty] or points[:1]
    above = [point for point in points if point[0] >= novelty] or points[-1:]
    (low, first), (high, second) = below[-1], above[0]
    share = (novelty - low) / (high - low) if high > low else 0.0

    def between(a: int, b: int) -> int:
        return round(a + share * (b - a))

    finer = first.finer
    if finer is not None and second.finer is not None:
        finer = between(finer, second.finer)
    evaluations = between(first.evaluations, second.evaluations)
    return replace(first, evaluations=evaluations, finer=finer)


def _is_sound(found: Calibration) -> bool:
    """Say whether all numbers of a calibration can be."""
    if found.version != FILE_VERSION or not 0 <= found.start < math.inf:
        return False
    for rates in found.rates.values():
        values = [getattr(rates, f.name) for f in fields(Rates) if f.name != "runs"]
        if not all(value is None or (math.isfinite(value) and value > 0) for value in values):
            return False
    schedules = [each for kept in found.schedules.values() for each in kept.values()]
    return all(
        each.stride > 0 and each.evaluations > 0 and (each.finer is None or each.finer >= 0)
        for each in schedules
    )
