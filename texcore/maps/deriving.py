"""Height, normals, roughness, ambient occlusion and curvature guessed from a base colour.

These are estimates of the kind that artists know from tools such as CrazyBump and Materialize, not
measurements: a photograph does not tell a dark stain from a hole. What is assumed is said at each
function, and every map is computed on the torus along the axes on which the picture wraps; along
the others its mirror image goes on, so that its border is no cliff.

Images are tensors of shape (channels, height, width), values 0...1 as displayed, not linear light.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..contract.errors import BadInput
from ..contract.map_kinds import NORMALS, PICTURE, check_derivable
from ..pictures import Picture, to_display
from ..surfaces import torus
from ..surfaces.torus import Torus
from .curvature import SLOPE, curvature
from .filters import blurred, mirrored

_LUMINANCE = (0.2126, 0.7152, 0.0722)
# What is broader than this share of the shorter side is light and shade, not relief.
_BROADEST = 1 / 8
# How much less each finer octave counts: grain is mostly paint.
_FINER = 0.75
# Of the heights, all but these shares at either end fill 0...1.
_ENDS = (0.005, 0.995)
# Roughness of what is neither raised nor grainy, and how far the two carry it.
_ROUGHNESS, _BY_GRAIN, _BY_HEIGHT = 0.65, 0.12, -0.12
# Occlusion: directions looked into, and the farthest texel as a share of the shorter side.
_DIRECTIONS, _FARTHEST = 8, 1 / 24
_TORUS = Torus()


def height(colour: Tensor, surface: Torus = _TORUS) -> Tensor:
    """Relief (1, h, w) from a colour: dark is deep.

    The luminance in octaves of fineness (differences of Gaussians, Burt & Adelson 1983), without
    those so broad that they are the photograph's light, the fine ones damped. Light that falls off
    to one side, a plane, is taken off along an axis on which the picture does not wrap.
    """
    return mirrored(_relief, _levelled(_luminance(colour), surface), surface)


def _relief(grey: Tensor) -> Tensor:
    side = min(grey.shape[-2:])
    total = torch.zeros_like(grey)
    finer, sigma, octaves = grey, 1.0, max(1, round(math.log2(max(2.0, side * _BROADEST))))
    for octave in range(octaves):
        broader = blurred(grey, sigma)
        total += (finer - broader) * _FINER ** (octaves - 1 - octave)
        finer, sigma = broader, sigma * 2
    low, high = (float(np.quantile(total.cpu().numpy(), q)) for q in _ENDS)
    if high - low < 1e-6:
        return torch.full_like(total, 0.5)
    return ((total - low) / (high - low)).clamp(0, 1)


def normal(relief: Tensor, surface: Torus = _TORUS) -> Tensor:
    """Normals (3, h, w), OpenGL, 0.5 + n/2, of a height (1, h, w).

    n ∝ (−s ∂h/∂x, −s ∂h/∂y, 1) with y up, derivatives by Scharr's filter. A height map does not say
    how high it is: s is such that the root mean square of the slopes is 0.3.
    """
    slope_x, slope_y = _slopes(relief, surface)
    mean_square = float((slope_x.square() + slope_y.square()).mean())
    s = SLOPE / math.sqrt(mean_square) if mean_square > 0 else 0.0
    # Rows run down, y runs up.
    n = torch.cat([-s * slope_x, s * slope_y, torch.ones_like(slope_x)])
    return n / n.norm(dim=0, keepdim=True) * 0.5 + 0.5


def roughness(colour: Tensor, relief: Tensor, surface: Torus = _TORUS) -> Tensor:
    """Roughness (1, h, w): middling, more where the picture is grainy, less where it is raised.

    Grain is the local standard deviation of the finest octave. What is raised is rubbed smooth, and
    hollows keep their dust.
    """
    both = torch.cat([colour, relief])
    return mirrored(lambda x: _roughen(x[:-1], x[-1:]), both, surface)


def _roughen(colour: Tensor, relief: Tensor) -> Tensor:
    """The roughness of what lies on the torus."""
    grey = _luminance(colour)
    fine = grey - blurred(grey, 1.5)
    grain = _standard(blurred(fine.square(), 3.0).clamp_min(0).sqrt())
    raised = _standard(blurred(relief, 1.0))
    return (_ROUGHNESS + _BY_GRAIN * grain + _BY_HEIGHT * raised).clamp(0.05, 1)


def ao(relief: Tensor, surface: Torus = _TORUS) -> Tensor:
    """Ambient occlusion (1, h, w) of a height: 1 is open.

    By horizons (Bavoil, Sainz & Dimitrov 2008): 1 minus the mean over directions of the sine of the
    highest angle under which the relief around rises. So it is the share of the sky that is seen,
    straight up as from the horizon: no direction weighs more, and none is bent towards where it
    is open. At the bottom of a long groove whose sides rise by t per texel it is 1 − (2/π) atan t.
    How high the relief is, is taken as in `normal`.
    """
    return mirrored(_occlude, relief, surface)


def _occlude(relief: Tensor) -> Tensor:
    """The occlusion of what lies on the torus."""
    slope_x, slope_y = _slopes(relief, _TORUS)
    mean_square = float((slope_x.square() + slope_y.square()).mean())
    if mean_square == 0:
        return torch.ones_like(relief)
    s = SLOPE / math.sqrt(mean_square)
    farthest = max(2.0, min(relief.shape[-2:]) * _FARTHEST)
    occluded = torch.zeros_like(relief)
    for k in range(_DIRECTIONS):
        angle = 2 * math.pi * k / _DIRECTIONS
        rise = torch.zeros_like(relief)
        distance = 1.0
        while distance <= farthest:
            dx, dy = round(distance * math.cos(angle)), round(distance * math.sin(angle))
            there = torus.roll(relief, -dy, -dx)
            rise = torch.maximum(rise, s * (there - relief) / math.hypot(dx, dy))
            distance *= 1.5
        occluded += rise / (1 + rise.square()).sqrt()
    return 1 - occluded / _DIRECTIONS


def derived(
    maps: Mapping[str, Picture],
    wanted: Sequence[str],
    surface: Torus,
    radius: float | None = None,
) -> dict[str, Picture]:
    """Those of the wanted maps that are not there yet, as pictures by kind.

    Args:
        maps: With a base colour; its height is used if there is one.
        wanted: Of `kinds.DERIVABLE`.
        surface: Says where the maps wrap.
        radius: Of the curvature, see `curvature.curvature`.

    Raises:
        BadInput: There is no base colour to derive from, or something else is wanted.
    """
    check_derivable(wanted)
    left = [
        id
        for id in wanted
        if id not in maps and not (id == "normal" and any(n in maps for n in NORMALS))
    ]
    if not left:
        return {}
    colour = _displayed(maps)
    if "height" in maps:
        relief = _stretched(torch.from_numpy(maps["height"].pixels[:1]))
        if relief.shape != colour[:1].shape:
            relief = F.interpolate(relief[None], size=colour.shape[-2:], mode="bilinear")[0]
    else:
        relief = height(colour, surface)
    made: dict[str, Callable[[], tuple[Tensor, str]]] = {
        "height": lambda: (relief, "uint16"),
        "normal": lambda: (normal(relief, surface), "uint16"),
        "roughness": lambda: (roughness(colour, relief, surface), "uint8"),
        "ao": lambda: (ao(relief, surface), "uint8"),
        # A mask of edges is this map with its contrast raised: 8 bits would show as steps.
        "curvature": lambda: (curvature(relief, surface, radius), "uint16"),
    }
    pictures = {}
    for id in left:
        image, depth = made[id]()
        pictures[id] = Picture(np.ascontiguousarray(image.float().numpy()), depth)
    return pictures


def _displayed(maps: Mapping[str, Picture]) -> Tensor:
    picture = maps.get("base_color") or maps.get(PICTURE)
    if picture is None:
        raise BadInput("Maps are derived from a base color: give one.", "base color")
    colours = len(picture.pixels) - picture.has_alpha
    picture = replace(picture, pixels=picture.pixels[:colours])
    pixels = to_display(picture.pixels, 1.0) if picture.linear else picture.pixels
    return torch.from_numpy(np.ascontiguousarray(pixels.clip(0, 1)))


def _luminance(colour: Tensor) -> Tensor:
    if colour.shape[0] < 3:
        return colour[:1]
    return (colour[:3] * colour.new_tensor(_LUMINANCE).view(3, 1, 1)).sum(0, keepdim=True)


def _levelled(x: Tensor, surface: Torus) -> Tensor:
    """Without the plane that fits it best, which rises along the axes that do not wrap."""
    h, w = x.shape[-2:]
    for wraps, t in ((surface.y, torch.arange(h).view(-1, 1)), (surface.x, torch.arange(w))):
        if wraps:
            continue
        t = t - t.float().mean()
        x = x - t * ((x * t).mean() / t.square().mean().clamp_min(1e-12))
    return x


def _slopes(relief: Tensor, surface: Torus) -> tuple[Tensor, Tensor]:
    """Derivatives to the right and downwards, per texel, by Scharr's filter."""
    padded = torus.pad(relief[None], 1)
    if not surface.x:
        padded = F.pad(padded[..., 1:-1], (1, 1, 0, 0), "replicate")
    if not surface.y:
        padded = F.pad(padded[..., 1:-1, :], (0, 0, 1, 1), "replicate")
    filter = relief.new_tensor([[-3, 0, 3], [-10, 0, 10], [-3, 0, 3]]).view(1, 1, 3, 3) / 32
    return F.conv2d(padded, filter)[0], F.conv2d(padded, filter.transpose(2, 3))[0]


def _standard(x: Tensor) -> Tensor:
    """Mean 0 and standard deviation 1, cut at two of these."""
    return ((x - x.mean()) / x.std().clamp_min(1e-6)).clamp(-2, 2)


def _stretched(x: Tensor) -> Tensor:
    low, high = float(x.min()), float(x.max())
    return (x - low) / max(high - low, 1e-6)
