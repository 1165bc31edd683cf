"""Ours and the baseline in the same run: how alike the texture is after how many seconds."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from torch import Tensor

from texcore.contract.recipe import Recipe
from texcore.exemplars.exemplar import Exemplar
from texcore.features import FeatureNetwork
from texcore.models import presets
from texcore.runtime.context import Context
from texcore.synthesis.run import Synthesis

from .baseline import PlainGatys
from .figure import Figure
from .machine import NotMeasured, synchronize

Judge = Callable[[Tensor], float]
Point = dict[str, float]
# Times at which a run is looked at grow by this factor.
_SPACING = 1.25
# The baseline has its final look once it is no more than this above it: the rest is chance.
_SAME = 1.02


def compare(
    network: FeatureNetwork,
    exemplar: Tensor,
    device: torch.device,
    dtype: torch.dtype,
    evaluations: int,
    quality: str,
    program: str | None,
    say: Callable[[str], None],
) -> dict[str, Any]:
    """Run both and say when each has the look that the baseline ends with.

    That is the least figure which the baseline ever has. It has it once it is within 2 % of it for
    the first time; ours, once it is there to stay.

    Args:
        network: In float32.
        exemplar: Shape (3, side, side); both make as large a texture.
        device: That both use.
        dtype: Of our convolutions; the baseline's are float32.
        evaluations: Of the baseline.
        quality: Of ours.
        program: Called with two pictures; prints JSON whose ``look`` counts. None for `Figure`.
        say: Told how it goes.
    """
    plain = PlainGatys(
        network, presets.make_preset("gatys", network).layer_names, exemplar.to(device)
    )
    with _judge(program, exemplar) as judge:
        theirs = list(_watched(_plain_images(plain, evaluations), plain, judge, device))
        say(f"baseline: {_last(theirs)}")
        images = _our_images(network, exemplar, device, dtype, quality)
        ours = list(_watched(images, plain, judge, device))
        say(f"ours: {_last(ours)}")
    goal = min(p["figure"] for p in theirs)
    had = next(p["seconds"] for p in theirs if p["figure"] <= goal * _SAME)
    reached = _from_then_on(ours, "figure", goal)
    return {
        "side": exemplar.shape[-1],
        "quality": quality,
        "evaluations": evaluations,
        "judge": program and Path(program).name,
        "baseline": theirs,
        "ours": ours,
        "goal": goal,
        "baseline seconds": had,
        "our seconds": reached,
        "our seconds to its loss": _from_then_on(ours, "gatys", theirs[-1]["gatys"]),
        "ratio": None if reached is None else had / reached,
    }


def _from_then_on(points: list[Point], what: str, goal: float) -> float | None:
    """When a run has reached a goal to stay there; None if it does not."""
    reached = None
    for point in reversed(points):
        if point[what] > goal:
            break
        reached = point["seconds"]
    return reached


def _last(points: list[Point]) -> str:
    end = points[-1]
    return f"{end['seconds']:.1f} s, figure {end['figure']:.2f}, its own loss {end['gatys']:.4f}"


def _plain_images(plain: PlainGatys, evaluations: int) -> Iterator[Callable[[], Tensor]]:
    for _ in plain.losses(evaluations):
        yield lambda: plain.image.detach()[0].clamp(0, 1)


def _our_images(
    network: FeatureNetwork,
    exemplar: Tensor,
    device: torch.device,
    dtype: torch.dtype,
    quality: str,
) -> Iterator[Callable[[], Tensor]]:
    side = exemplar.shape[-1]
    recipe = Recipe(size=(side, side), quality=quality)
    synthesis = Synthesis(Exemplar.of(exemplar), recipe, network, Context(device, dtype))
    for _ in synthesis.steps():
        yield lambda: synthesis.preview(side).clamp(0, 1)


def _watched(
    images: Iterator[Callable[[], Tensor]],
    plain: PlainGatys,
    judge: Judge,
    device: torch.device,
) -> Iterator[Point]:
    """Figures now and then and at the end; the clock stands still while they are taken."""
    spent, looked = 0.0, 0.0
    begun = time.perf_counter()
    image = None
    for image in images:
        if spent + time.perf_counter() - begun < looked * _SPACING:
            continue
        synchronize(device)
        spent += time.perf_counter() - begun
        looked = max(spent, 0.2)
        yield _point(spent, image(), plain, judge)
        begun = time.perf_counter()
    synchronize(device)
    spent += time.perf_counter() - begun
    assert image is not None
    yield _point(spent, image(), plain, judge)


def _point(spent: float, image: Tensor, plain: PlainGatys, judge: Judge) -> Point:
    with torch.no_grad():
        loss = float(plain.loss(image[None]))
    return {"seconds": spent, "figure": judge(image), "gatys": loss}


@contextmanager
def _judge(program: str | None, exemplar: Tensor) -> Iterator[Judge]:
    """The figure, or a program that is given pictures."""
    if program is None:
        yield Figure(exemplar)
        return
    with TemporaryDirectory() as folder:
        one, other = (Path(folder) / f"{name}.png" for name in ("exemplar", "texture"))
        _save(one, exemplar)

        def look(image: Tensor) -> float:
            _save(other, image)
            words = [sys.executable, program, str(one), str(other)]
            done = subprocess.run(words, capture_output=True, text=True)
            try:
                return float(json.loads(done.stdout.strip().splitlines()[-1])["look"])
            except (IndexError, KeyError, TypeError, ValueError):
                said = (done.stderr.strip().splitlines() or ["nothing"])[-1]
                raise NotMeasured(f"{program} gives no “look”; it says: {said}") from None

        yield look


def _save(path: Path, image: Tensor) -> None:
    from texcore import pictures
    from texcore.pictures import Picture

    pictures.write(path, Picture(image.cpu().numpy(), "uint8"))
