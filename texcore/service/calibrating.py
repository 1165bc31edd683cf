"""Measure what this machine takes, once and briefly; every finished run corrects it.

`texcore.contract.estimates` says what is kept, and makes estimates of it.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch

from .. import __version__
from ..canvas.making import make_canvas
from ..contract.calibration import (
    NOVELTIES,
    SKETCH_SCHEDULE,
    Calibration,
    ComputeDevice,
    Expected,
    Rates,
    name_in_solids,
    name_on_objects,
    name_rates,
    name_schedule,
    read_calibration,
    write_calibration,
)
from ..contract.choices import PLAIN_MODELS, QUALITIES, SKETCH
from ..contract.costs import Cost, Shape, count_cost, count_sewing
from ..contract.errors import TexcoreError
from ..contract.recipe import Recipe
from ..contract.schedule import Schedule
from ..exemplars.exemplar import Exemplar
from ..features import FeatureNetwork
from ..features.facts import NetworkFacts
from ..layout.bending import Wave
from ..layout.patchwork import Patchwork, sew_patchwork
from ..layout.sewn import Sewn
from ..models.presets import choose_model, make_preset
from ..runtime import devices
from ..runtime.context import Context
from ..solids.run import SolidRun
from ..synthesis.levels import schedule
from ..synthesis.objective import Objective
from ..synthesis.tiling import Tiling, limit_tiles
from .preparation import PlannedRun, Prepared

if TYPE_CHECKING:
    from ..objects.run import OnSurface

_log = logging.getLogger(__name__)

# Sides in texels of two canvases that the network is shown: what their times differ by is that of
# the multiplications. A graphics card has hardly begun where a processor is at work already.
_SHOWN_SIDES = {"cpu": (64, 144)}
_SHOWN_SIDES_OF_CARDS = (256, 1024)
_PASSED_SIDES = {"cpu": 256}
_PASSED_SIDE_OF_CARDS = 1024
_SEWN_SIDES = 48, 64
# What a run's own passes take over those measured again and again: each is over memory that the
# system has yet to give.
_FRESH_FACTORS = {"cpu": 3.0}
# The best of so many is what a thing takes; the first, which wakes everything up, does not count.
# Where that takes long, as on a machine with other work, it is not repeated.
_REPEATS, _PATIENCE_SECONDS = 3, 0.2
_LEAST_SECONDS = 1e-12
# Several threads, which wait for one another, are as fast as one is, times their number to this.
_THREADS_POWER = 0.8
# What this process has worked until it could begin: by its processor, for it may have waited for
# somebody to ask. Nearly all of it is PyTorch's import. What is not this much off is not written.
_START_SECONDS = time.process_time()
_START_FACTOR = 1.5


@dataclass(frozen=True)
class Outlook:
    """What a run will take, said before it begins.

    Attributes:
        memory: Bytes at its peak.
        expected: Seconds, by its parts; None if that cannot be said.
        place: Where it computes; None if that is not known.
    """

    memory: int
    expected: Expected | None = None
    place: ComputeDevice | None = None


class Estimator:
    """Tells how long a run will take, and learns from how long it took.

    Args:
        device_word, weights_word: That device and weights were asked for with.
        prepared: Device, precision and network.
        run: That is about to begin.
        exemplar: Of the run, as read.
    """

    def __init__(
        self,
        device_word: str,
        weights_word: str,
        prepared: Prepared,
        run: PlannedRun | OnSurface | SolidRun,
        exemplar: Exemplar,
    ) -> None:
        self._place = describe_place(prepared.device, prepared.dtype)
        self._network = _name_network(prepared)
        # How far one was off on a plane says nothing of objects, nor of solids.
        self._rates_name = self._network
        if isinstance(run, SolidRun):
            self._rates_name = name_in_solids(self._network)
        elif not isinstance(run, PlannedRun):
            self._rates_name = name_on_objects(self._network)
        self._cost: Cost | None = None
        self._memory = run.forecast.peak
        self._rates: Rates | None = None
        try:
            known = calibrate(device_word, weights_word, prepared)
        except (TexcoreError, OSError, RuntimeError, MemoryError) as e:  # a device's lack of memory
            # The run may do with less, and goes on without an estimate.
            first_line = str(e).partition("\n")[0]
            _log.warning("No time is estimated: measuring failed (%s)", first_line or repr(e))
            return
        self._rates = known.find_rates(self._place, self._rates_name)
        if isinstance(run, PlannedRun):
            self._cost = _count_run(run, exemplar, prepared.network)
        else:
            self._cost = run.cost

    @property
    def outlook(self) -> Outlook:
        """What the run will take."""
        if self._rates is None or self._cost is None:
            return Outlook(self._memory)
        return Outlook(self._memory, self._rates.expect(self._cost), self._place)

    def learn(self, took: Expected, run: PlannedRun | OnSurface | SolidRun) -> None:
        """Take note of what the run really took.

        Args:
            took: Seconds by its parts.
            run: That has ended.
        """
        if self._cost is None:
            return
        # Another process may have learnt something meanwhile.
        known = read_calibration()
        rates = known.find_rates(self._place, self._rates_name)
        if rates is None:
            return
        untiled = None
        if self._cost.work.products and isinstance(run, PlannedRun):
            untiled = run.plan.tile_limits.untiled
        rates = replace(rates.correct(self._cost, took), untiled=untiled or rates.untiled)
        name = name_rates(self._place, self._rates_name)
        with contextlib.suppress(OSError):  # a folder that cannot be written must not stop a run
            write_calibration(_with_rates(known, name, rates))


def calibrate(device_word: str, weights_word: str, prepared: Prepared) -> Calibration:
    """Measure what is not known yet of a device and a network; takes about a second the first time.

    Args:
        device_word, weights_word: That they were asked for with.
        prepared: Device, precision and network; the network is moved to the device.

    Returns:
        What is known now, which is in the user's file as well if that can be written.
    """
    before = known = read_calibration()
    place = describe_place(prepared.device, prepared.dtype)
    name = _name_network(prepared)
    rates = known.find_rates(place, name) or _measure_machine(prepared.device)
    network = prepared.network
    if network is not None:
        network = network.to(prepared.device, prepared.dtype)
        if rates.product is None:
            rates = _share(_measure_network(rates, network, prepared), place)
    known = _with_rates(known, name_rates(place, name), rates)
    known = replace(known, places={**known.places, device_word: place})
    if not 1 / _START_FACTOR < known.start / _START_SECONDS < _START_FACTOR:
        known = replace(known, start=_START_SECONDS)
    if network is not None:
        known = _with_schedules(known, weights_word, network.describe())
    if known != before:
        with contextlib.suppress(OSError):
            write_calibration(known)
    return known


def describe_place(device: torch.device, dtype: torch.dtype) -> ComputeDevice:
    """Describe where is computed; what a device takes depends on precision and threads."""
    threads = torch.get_num_threads()
    name, precision = devices.describe(device), str(dtype).removeprefix("torch.")
    counted = f", {threads} threads" if device.type == "cpu" else ""
    return ComputeDevice(f"{name}, {precision}{counted}", device.type, name, threads)


def list_schedules(network: NetworkFacts) -> dict[str, dict[str, Schedule]]:
    """List how each model goes from coarse to fine with a network, at each quality.

    Example:
        >>> from texcore.features import RandomBank
        >>> found = list_schedules(RandomBank.seeded(channels=4).describe())
        >>> found["random-0 default draft picture"]["0.0"].evaluations
        6
    """
    found = {}
    for model in PLAIN_MODELS:
        for quality in QUALITIES:
            for several in (False, True):
                kept: dict[str, Schedule] = {}
                for novelty in NOVELTIES if quality.id != SKETCH else ():
                    recipe = Recipe(model=model.id, quality=quality.id, novelty=novelty)
                    chosen, _ = choose_model(recipe, network, several=several)
                    kept[str(novelty)] = schedule(chosen, recipe, network, several)
                if len(set(kept.values())) == 1:
                    kept = dict(list(kept.items())[:1])
                if kept:
                    found[name_schedule(network.name, model.id, quality.id, several)] = kept
    return found


def _name_network(prepared: Prepared) -> str:
    return prepared.network.name if prepared.network else SKETCH


def _with_rates(known: Calibration, name: str, rates: Rates) -> Calibration:
    return replace(known, rates={**known.rates, name: rates})


def _with_schedules(known: Calibration, weights_word: str, network: NetworkFacts) -> Calibration:
    """Add the schedules of a network; those of another Texcore are of no use."""
    kept = known.schedules if known.engine == __version__ else {}
    if not any(name.startswith(f"{network.name} ") for name in kept):
        kept = {**kept, **list_schedules(network)}
    return replace(
        known,
        engine=__version__,
        networks={**known.networks, weights_word: network.name},
        schedules=kept,
    )


def _count_run(run: PlannedRun, exemplar: Exemplar, network: FeatureNetwork | None) -> Cost | None:
    """Count what a run takes by its plan; None of a mixture or of regions, which nobody counts."""
    if not exemplar.plain:
        return None
    plan = run.plan
    channels, height, width = exemplar.image.shape
    shape = Shape(
        exemplar=plan.learnt_size,
        read=(height, width),
        result=plan.canvas_size,
        channels=channels,
        views=len(exemplar.views),
        coarse=exemplar.coarse,
        at_home=plan.stays_at_home,
        repeats=float(any(plan.period_fit.periods)),
        straighten=plan.recipe.straighten,
        progress=plan.recipe.progress != "none",
        untiled=plan.tile_limits.untiled,
    )
    by_size = SKETCH_SCHEDULE
    if network is not None:
        by_size = schedule(plan.model, plan.recipe, network.describe(), exemplar.several)
    return count_cost(by_size, plan.levels, shape)


@devices.one_thread()
def _measure_machine(device: torch.device) -> Rates:
    """Measure the processor by sewing, and the device by blending."""
    generator = torch.Generator().manual_seed(0)
    source, canvas = _SEWN_SIDES
    exemplar = torch.rand(3, source, source, generator=generator)
    seconds = _time(lambda: sew_patchwork(exemplar, canvas, canvas, generator), alone=True)
    reference = count_sewing(3 / 8, (source, source), (canvas, canvas))
    side = _PASSED_SIDES.get(device.type, _PASSED_SIDE_OF_CARDS)
    picture = torch.rand(3, side, side, generator=generator).to(device)
    origin = torch.stack(torch.meshgrid(torch.arange(64), torch.arange(64), indexing="ij"))
    made = Patchwork(origin.roll(32, 1), (64, 64))
    sewn = Sewn.draw(made, [Wave(0.5, 20.0)], (side, side), generator)
    passed = _time(lambda: sewn.render(picture, side, side).sum().item(), device.type == "cpu")
    fresh = _FRESH_FACTORS.get(device.type, 1.0)
    return Rates(second=seconds / reference, passes=fresh * passed / picture.numel())


@devices.one_thread()
def _measure_network(rates: Rates, network: FeatureNetwork, prepared: Prepared) -> Rates:
    """Measure what a layer takes however small the canvas, and what a multiplication does."""
    facts = network.describe()
    model = make_preset("gatys", network)
    products = model.products_per_texel(facts)
    context = Context(prepared.device, prepared.dtype)
    limits = limit_tiles(facts, model.layer_names, context.describe_machine())
    stride = model.stride(network)
    alone = prepared.device.type == "cpu"
    times, texels = [], []
    for wanted in _SHOWN_SIDES.get(prepared.device.type, _SHOWN_SIDES_OF_CARDS):
        side = max(1, round(wanted / stride)) * stride
        noise = torch.rand(3, side, side, generator=torch.Generator().manual_seed(0))
        exemplar = Exemplar.of(noise.to(prepared.device))
        canvas = make_canvas(
            "pixels", [s for part in exemplar.parts for s in part.sources], side, side, 0.0
        )
        objective = Objective(network, model, exemplar, canvas, Tiling(limits, context))
        z = canvas.draw_noise(torch.Generator().manual_seed(1))
        times.append(_time(lambda o=objective, z=z: o(z)[0].item(), alone))  # type: ignore[misc]
        texels.append(side * side)
    product = (times[1] - times[0]) / (products * (texels[1] - texels[0]))
    product = max(product, times[1] / (2 * products * texels[1]))
    call = (times[0] - product * products * texels[0]) / len(model.layer_names)
    return replace(rates, product=product, call=max(call, _LEAST_SECONDS))


def _share(rates: Rates, place: ComputeDevice) -> Rates:
    """Say what several threads of a processor take, of which one was measured."""
    if place.device != "cpu" or rates.product is None:
        return rates
    return replace(rates, product=rates.product / place.threads**_THREADS_POWER)


def _time(work: Callable[[], object], alone: bool) -> float:
    """Time something: the best of a few.

    Args:
        work: What is timed.
        alone: Whether one thread of the processor does it. Then what other programs keep the
            processor from it is no part of it, which of several threads nobody can tell.
    """
    work()
    clock = time.process_time if alone else time.perf_counter
    times: list[float] = []
    while len(times) < _REPEATS and sum(times) < _PATIENCE_SECONDS:
        begun = clock()
        work()
        times.append(clock() - begun)
    return max(min(times), _LEAST_SECONDS)
