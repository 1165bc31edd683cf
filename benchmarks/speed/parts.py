"""The parts of an evaluation, against what the device can do at all: bare convolutions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from texcore.canvas.spectral import SpectralCanvas
from texcore.exemplars.exemplar import Exemplar
from texcore.features import FeatureNetwork, RandomBank, Vgg
from texcore.features.network import convolved
from texcore.models import presets
from texcore.optimisers.lbfgs import Lbfgs
from texcore.runtime import heap
from texcore.runtime.context import Context
from texcore.synthesis.objective import Objective
from texcore.synthesis.tiling import Tiling, limit_tiles

from .machine import seconds

_MEMORY = 12


class Convolution(NamedTuple):
    """One convolution of a network at one size of the canvas."""

    name: str
    shape: tuple[int, int, int, int]
    weight: Tensor
    bias: Tensor
    of_engine: Callable[[Tensor], Tensor]

    @property
    def flops(self) -> float:
        """Of the way forward and the gradient to the input, a multiplication and a sum each."""
        out, into, kh, kw = self.weight.shape
        forward = 2.0 * out * into * kh * kw * self.shape[-2] * self.shape[-1]
        return 2 * forward


def convolutions(network: FeatureNetwork, deepest: str, side: int) -> Iterator[Convolution]:
    """All up to a layer, at a square canvas of that side."""
    if isinstance(network, RandomBank):
        for w, b in network.filters:
            name = f"{w.shape[-1]} × {w.shape[-1]}"
            yield Convolution(name, (1, 3, side, side), w, b, partial(_on_torus, w, b))
        return
    assert isinstance(network, Vgg)
    filters = enumerate(network.filters)
    for name in network.layers[: network.layers.index(deepest) + 1]:
        if name.startswith("pool"):
            side //= 2
        else:
            index, (w, b) = next(filters)
            of_engine = partial(network.convolve, index, border="circular")
            yield Convolution(name, (1, w.shape[1], side, side), w, b, of_engine)


def layers(
    network: FeatureNetwork, deepest: str, side: int, device: torch.device
) -> list[dict[str, Any]]:
    """Per convolution: bare, forward and gradient; and as the engine does it, on a torus."""
    rows = []
    for c in convolutions(network, deepest, side):
        x = torch.randn(c.shape, device=device).to(network.dtype, memory_format=torch.channels_last)
        g = F.conv2d(x, c.weight, c.bias, padding=c.weight.shape[-1] // 2)
        bare = seconds(lambda c=c, x=x, g=g: _bare(c, x, g), device)
        engine = seconds(lambda c=c, x=x, g=g: _as_engine(c, x, g), device)
        rows.append(
            {
                "layer": c.name,
                "GFLOP": c.flops / 1e9,
                "bare ms": bare * 1e3,
                "bare GFLOP/s": c.flops / bare / 1e9,
                "engine ms": engine * 1e3,
                "engine / bare rate": bare / engine,
            }
        )
    return rows


def evaluation(
    network: FeatureNetwork, image: Tensor, side: int, device: torch.device, once: bool = False
) -> dict[str, Any]:
    """One evaluation at one octave of the default model, and what it is made of, in seconds."""
    model = replace(presets.make_preset("default", network), octaves=(1.0,))
    exemplar = Exemplar.of(image.to(device))
    canvas = SpectralCanvas(exemplar.image, side, side, model.directional)
    context = Context(device, network.dtype)
    machine = context.describe_machine()
    limits = limit_tiles(network.describe(), model.layer_names, machine)
    objective = Objective(network, model, exemplar, canvas, Tiling(limits, context))
    z = canvas.draw_noise(torch.Generator().manual_seed(0))
    plan = objective.tiling.plan(side, side)
    flops = sum(c.flops for c in convolutions(network, model.layer_names[-1], side))
    with heap.kept():
        whole = seconds(lambda: objective(z), device, once)
        spectral = seconds(lambda: _through_canvas(canvas, z), device, once)
        optimiser = seconds(_iteration(z), device, once)
    return {
        "side": side,
        "tiles": len(plan.tiles),
        "evaluation s": whole,
        "canvas s": spectral,
        "optimiser s": optimiser,
        "GFLOP": flops / 1e9,
        "GFLOP/s": flops / whole / 1e9,
        "µs a texel": (whole + optimiser) / side**2 * 1e6,
        "halo": plan.halo,
        "free memory": machine.free,
    }


def files(image: Tensor, device: torch.device) -> list[dict[str, Any]]:
    """Writing and reading a picture of that image in each format, in seconds."""
    from texcore import pictures
    from texcore.pictures import Picture

    rows = []
    with TemporaryDirectory() as folder:
        for suffix, depth in ((".png", "uint8"), (".png", "uint16"), (".exr", "half")):
            path = Path(folder) / f"{depth}{suffix}"
            picture = Picture(image.cpu().numpy(), depth)
            written = seconds(lambda p=path, x=picture: pictures.write(p, x), torch.device("cpu"))
            read = seconds(lambda p=path: pictures.read(p), torch.device("cpu"))
            name = f"{suffix[1:].upper()} {depth}"
            rows.append({"file": name, "write ms": written * 1e3, "read ms": read * 1e3})
    return rows


def _bare(c: Convolution, x: Tensor, g: Tensor) -> None:
    n = c.weight.shape[-1] // 2
    F.conv2d(x, c.weight, c.bias, padding=n)
    torch.nn.grad.conv2d_input(list(c.shape), c.weight, g, padding=n)


def _as_engine(c: Convolution, x: Tensor, g: Tensor) -> None:
    x = x.detach().requires_grad_()
    torch.autograd.grad(c.of_engine(x), x, g)


def _on_torus(w: Tensor, b: Tensor, x: Tensor) -> Tensor:
    return convolved(x, w, b, "circular").relu_()


def _through_canvas(canvas: SpectralCanvas, z: Tensor) -> None:
    canvas.pull_back(canvas.render(z))


def _iteration(z: Tensor) -> Any:
    """An iteration of the optimiser on an objective that costs next to nothing."""
    optimiser = Lbfgs(lambda x: (torch.dot(x.flatten(), x.flatten()), x), z, _MEMORY)
    run = optimiser.run(1 << 30)
    for _ in range(_MEMORY + 1):
        next(run)
    return lambda: next(run)
