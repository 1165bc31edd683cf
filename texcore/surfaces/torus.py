"""The one place that knows how a canvas wraps: to pad, roll, resample and measure on a torus.

The canvas that is optimised always lies on a torus. A result that shall not wrap on an axis is cut
from a canvas that is larger there (`Torus.margin`), so no other code has to know about borders.
Images are tensors of shape (channels, height, width) or (batch, channels, height, width).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True)
class Torus:
    """Which axes of the result wrap.

    Attributes:
        x: Left meets right.
        y: Bottom meets top.
        margin: Texels added at the far side of an axis that does not wrap, cut off at the end. As
            wide as the widest receptive field, so that no statistic ties one border to the other.
    """

    x: bool = True
    y: bool = True
    margin: int = 64

    @classmethod
    def from_tile(cls, tile: str) -> Torus:
        """From a recipe's ``tile``: ``xy``, ``x``, ``y`` or ``none``."""
        return cls(x="x" in tile, y="y" in tile)

    def canvas_size(self, height: int, width: int) -> tuple[int, int]:
        """Height and width of the canvas from which a result of that size is cut."""
        return (
            height if self.y else height + self.margin,
            width if self.x else width + self.margin,
        )

    def extended(self, picture: Tensor) -> Tensor:
        """A picture (..., height, width) of the result's size on the canvas that it is cut from.

        Beyond a border that does not wrap it is mirrored.
        """
        height, width = self.canvas_size(*picture.shape[-2:])
        rows, columns = (
            _mirrored(n, length, picture.device)
            for n, length in zip(picture.shape[-2:], (height, width), strict=True)
        )
        return picture[..., rows, :][..., columns]

    def cut(self, canvas: Tensor, height: int, width: int) -> Tensor:
        """The result (..., height, width) from a canvas of `canvas_size`."""
        return canvas[..., :height, :width]


def _mirrored(n: int, length: int, device: torch.device) -> Tensor:
    """Indices of a row of n that goes back and forth for a length."""
    i = torch.arange(length, device=device) % (2 * n)
    return torch.where(i < n, i, 2 * n - 1 - i)


def pad(x: Tensor, n: int) -> Tensor:
    """Wrap ``n`` texels around a batch of images on every side: (b, c, h, w) → (…, h+2n, w+2n)."""
    padded: Tensor = _Pad.apply(x, n)
    return padded


def make_frame(x: Tensor, n: int) -> Tensor:
    """Make room for a batch of images and what wraps around them: (b, c, h, w) → (…, h+2n, w+2n).

    Returns:
        Any values, of the images' type and order in memory.

    Raises:
        ValueError: The images are smaller than what is to be wrapped.
    """
    h, w = x.shape[-2:]
    if n > min(h, w):
        raise ValueError(f"{n} texels cannot be wrapped around {h} × {w}")
    # `F.pad` loses the order of the channels in memory: convolutions would restore it, twice.
    last = x.is_contiguous(memory_format=torch.channels_last)
    order = torch.channels_last if last else torch.contiguous_format
    shape = *x.shape[:-2], h + 2 * n, w + 2 * n
    return torch.empty(shape, dtype=x.dtype, device=x.device, memory_format=order)


def wrap_frame(framed: Tensor, n: int) -> Tensor:
    """Fill the ``n`` texels at every side of images with what wraps; see `make_frame`."""
    h, w = (length - 2 * n for length in framed.shape[-2:])
    inside = slice(n, n + w)
    framed[..., :n, inside] = framed[..., h : n + h, inside]
    framed[..., n + h :, inside] = framed[..., n : 2 * n, inside]
    framed[..., :n] = framed[..., w : w + n]
    framed[..., n + w :] = framed[..., n : 2 * n]
    return framed


class _Pad(torch.autograd.Function):
    # Autograd takes the gradient of a circular padding through a dozen copies of the whole image;
    # one is enough, the rims are added to it.

    @staticmethod
    def forward(ctx: Any, x: Tensor, n: int) -> Tensor:
        ctx.n = n
        framed = make_frame(x, n)
        framed[..., n:-n, n:-n] = x
        return wrap_frame(framed, n)

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> tuple[Tensor, None]:
        (g,), n = upstream, ctx.n
        inside = slice(n, -n)
        x = g[..., inside, inside].clone(memory_format=torch.preserve_format)
        first, last = slice(None, n), slice(-n, None)
        # What was copied from one end lies beyond the other.
        x[..., last, :] += g[..., first, inside]
        x[..., first, :] += g[..., last, inside]
        x[..., last] += g[..., inside, first]
        x[..., first] += g[..., inside, last]
        for rows, beyond_rows in ((last, first), (first, last)):
            for columns, beyond_columns in ((last, first), (first, last)):
                x[..., rows, columns] += g[..., beyond_rows, beyond_columns]
        return x, None


def window(x: Tensor, top: int, left: int, height: int, width: int) -> Tensor:
    """A part (..., height, width) of the torus, which may begin anywhere and be larger than it."""
    rows, columns = (
        list(_pieces(*span)) for span in ((top, height, x.shape[-2]), (left, width, x.shape[-1]))
    )
    return torch.cat([torch.cat([x[..., r, c] for c, _ in columns], -1) for r, _ in rows], -2)


def add_window(x: Tensor, part: Tensor, top: int, left: int) -> None:
    """Add a part to the torus it was a `window` of, in place: the transpose of `window`."""
    for r, part_r in _pieces(top, part.shape[-2], x.shape[-2]):
        for c, part_c in _pieces(left, part.shape[-1], x.shape[-1]):
            x[..., r, c] += part[..., part_r, part_c]


def _pieces(start: int, length: int, n: int) -> Iterator[tuple[slice, slice]]:
    """A span of a circle of n texels in straight pieces: where on the circle, where in the span."""
    done = 0
    while done < length:
        at = (start + done) % n
        step = min(n - at, length - done)
        yield slice(at, at + step), slice(done, done + step)
        done += step


def roll(x: Tensor, dy: int, dx: int) -> Tensor:
    """Move an image on the torus by whole texels."""
    return torch.roll(x, (dy, dx), (-2, -1)) if dy or dx else x


# Above the mean by so little, a step is as any other.
_AVERAGE = 1.05


def calm(x: Tensor, nearest: bool = False, axes: tuple[bool, bool] = (True, True)) -> Tensor:
    """Move an image on the torus so that its border runs where neighbours differ least.

    The wrap cannot be seen anywhere; but some uses, a mirrored repetition or a single copy of the
    picture, show where it lies. On an axis that does not wrap in the end this changes nothing of
    worth.

    Args:
        x: Shape (channels, height, width).
        nearest: Move no farther than to where they differ no more than on the average.
        axes: Whether it may be moved down, and across.
    """
    return roll(x, *find_calm(x, nearest, axes))


def find_calm(
    x: Tensor, nearest: bool = False, axes: tuple[bool, bool] = (True, True)
) -> tuple[int, int]:
    """Find by how many texels `calm` moves an image down, and across."""
    shifts = []
    for may_move, step, along in zip(axes, ((1, 0), (0, 1)), (-1, -2), strict=True):
        if not may_move:
            shifts.append(0)
            continue
        jumps = (x - roll(x, *step)).abs().mean((0, along)).cpu()
        n = len(jumps)
        places = torch.arange(n)
        if nearest:
            places = places[jumps <= _AVERAGE * jumps.mean()]
            distance = torch.minimum(places, n - places)
            shifts.append(-int(places[distance.argmin()]))
        else:
            shifts.append(-int(jumps.argmin()))
    return shifts[0], shifts[1]


def resample(x: Tensor, height: int, width: int) -> Tensor:
    """Band-limited resampling of a periodic image; exactly periodic again.

    The discrete Fourier transform is cut or padded with zeros, so going up and back down is the
    identity. Frequencies at the Nyquist limit of the smaller size are shared between the two
    signs, which keeps a real image real.

    Args:
        x: Shape (..., h, w).
        height, width: New size in texels.

    Returns:
        Shape (..., height, width).
    """
    for dim, n in ((-2, height), (-1, width)):
        x = _resample_axis(x, dim, n)
    return x


def _resample_axis(x: Tensor, dim: int, n: int) -> Tensor:
    old = x.shape[dim]
    if n == old:
        return x
    f = torch.fft.rfft(x, dim=dim, norm="forward")
    k = min(old, n)
    f = f.narrow(dim, 0, k // 2 + 1)
    if k % 2 == 0:
        nyquist = f.narrow(dim, k // 2, 1)
        # Cutting folds −k/2 onto +k/2, padding splits it between the two.
        nyquist = nyquist.real * (2.0 if n < old else 0.5)
        f = torch.cat([f.narrow(dim, 0, k // 2), nyquist.to(f.dtype)], dim)
    return torch.fft.irfft(f, n=n, dim=dim, norm="forward")


@cache
def _make_binomial(device: torch.device, dtype: torch.dtype) -> Tensor:
    """Make the weights once: to move them to a device has the host wait for it."""
    return torch.tensor([1, 4, 6, 4, 1], dtype=dtype, device=device) / 16


def halve(x: Tensor, blur: str = "mean", border: str = "circular") -> Tensor:
    """One octave down of a batch (b, c, h, w); periodic for even sizes.

    Args:
        x: The images.
        blur: ``mean`` of 2×2 texels; or ``binomial``, every second texel under the weights
            [1 4 6 4 1]/16 both ways, the usual Gaussian pyramid's.
        border: Of the binomial: ``circular``, or ``reflect`` for a plain picture.
    """
    if blur == "mean":
        return F.avg_pool2d(x, 2)
    channels = x.shape[1]
    kernel = _make_binomial(x.device, x.dtype).expand(channels, 1, 5)
    padded = pad(x, 2) if border == "circular" else F.pad(x, (2, 2, 2, 2), mode=border)
    rows = F.conv2d(padded, kernel[..., None], stride=(2, 1), groups=channels)
    return F.conv2d(rows, kernel[:, :, None], stride=(1, 2), groups=channels)


def smooth_component(image: Tensor, x: bool = True, y: bool = True) -> Tensor:
    """What keeps an image from being periodic: without it, the border is as smooth as the inside.

    It jumps across the wrap as the image does, and bends as little as can be inside: s of Moisan
    2011, *Periodic plus smooth image decomposition*.

    Args:
        image: Shape (..., h, w).
        x, y: At which borders: left and right, top and bottom. The other ones are taken to agree.

    Returns:
        Shape (..., h, w), with mean 0.
    """
    jumps = torch.zeros_like(image)
    for dim, wanted in ((-2, y), (-1, x)):
        if wanted:
            n = image.shape[dim]
            jump = image.select(dim, n - 1) - image.select(dim, 0)
            jumps.select(dim, 0).add_(jump)
            jumps.select(dim, n - 1).sub_(jump)
    h, w = image.shape[-2:]
    like = {"dtype": image.dtype, "device": image.device}
    rows, columns = torch.fft.fftfreq(h, **like), torch.fft.rfftfreq(w, **like)
    curvature = 2 * torch.cos(2 * math.pi * rows)[:, None] + 2 * torch.cos(2 * math.pi * columns)
    curvature -= 4
    curvature[0, 0] = 1  # the jumps have no mean
    return torch.fft.irfft2(torch.fft.rfft2(jumps) / curvature, s=(h, w))


def border_jump(x: Tensor) -> tuple[float, float]:
    """Mean absolute step across the wrap over the mean step inside, for x and for y.

    1.0 means that the wrap cannot be told from any other pair of neighbouring columns or rows.
    """
    ratios = []
    for dim in (-1, -2):
        inside = x.diff(dim=dim).abs().mean()
        across = (x.select(dim, 0) - x.select(dim, -1)).abs().mean()
        ratios.append(float(across / inside.clamp_min(torch.finfo(x.dtype).tiny)))
    return ratios[0], ratios[1]
