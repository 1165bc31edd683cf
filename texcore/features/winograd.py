"""Convolve with filters of 3 × 3 by a quarter of the multiplications (Lavin & Gray 2016).

Winograd's minimal filtering F(4 × 4, 3 × 3): a tile of 6 × 6 features and a filter are each
transformed to 36 numbers, whose products, summed over channels, are transformed back to 4 × 4
features. Direct convolutions in float32 run as fast as a processor's products of matrices, so that
only fewer multiplications make them faster: by 1.3 (64 channels) to 2.7 times (512). It rounds two
to three times as much as they do, a thousandth of what bfloat16 does. The gradient is the exact
transpose: the same transforms, turned round.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

_TILE = 4  #: features a side that a tile gives
_SEEN = 6  #: features a side that it sees
#: Tiles below which a direct convolution is as fast: the filters' transforms are read for each.
_LEAST_TILES = 8
#: Channels below which the transforms cost more than they save.
_LEAST_CHANNELS = 32
#: Numbers of a chunk of tiles in the transform, so that it stays in the processor's cache; but of
#: so many tiles at least, for which the filters are read from memory once.
_CHUNK_NUMBERS, _CHUNK_TILES = 1 << 18, 128
#: By what chunks are larger where threads share their steps: after each they wait for the last of
#: them, which another program may keep from its processor.
_SHARED_FACTOR = 16

# Lavin & Gray 2016, section 4.1: with d a tile, g a filter and A, B, G these matrices, the
# features are Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A.
_B = torch.tensor(
    (
        (4, 0, -5, 0, 1, 0),
        (0, -4, -4, 1, 1, 0),
        (0, 4, -4, -1, 1, 0),
        (0, -2, -1, 2, 1, 0),
        (0, 2, -1, -2, 1, 0),
        (0, 4, 0, -5, 0, 1),
    ),
    dtype=torch.float32,
)
_G = torch.tensor(
    (
        (1 / 4, 0, 0),
        (-1 / 6, -1 / 6, -1 / 6),
        (-1 / 6, 1 / 6, -1 / 6),
        (1 / 24, 1 / 12, 1 / 6),
        (1 / 24, -1 / 12, 1 / 6),
        (0, 0, 1),
    ),
    dtype=torch.float32,
)
_A = torch.tensor(
    (
        (1, 1, 1, 1, 1, 0),
        (0, 1, -1, 2, -2, 0),
        (0, 1, 1, 4, 4, 0),
        (0, 1, -1, 8, -8, 1),
    ),
    dtype=torch.float32,
)


class Winograd:
    """A convolution with filters of 3 × 3, rectified, and its gradient.

    Args:
        weights: Shape (out, in, 3, 3), float32 on the processor; no gradient flows to them.
        bias: Shape (out).

    Example:
        >>> w, b, x = torch.randn(32, 32, 3, 3), torch.randn(32), torch.randn(1, 32, 20, 26)
        >>> direct = torch.nn.functional.conv2d(x, w, b).relu()
        >>> made = Winograd(w, b).convolve(x)
        >>> made.shape, bool((made - direct).abs().max() < 1e-3)
        (torch.Size([1, 32, 18, 24]), True)
    """

    def __init__(self, weights: Tensor, bias: Tensor) -> None:
        self._weights = weights
        self.bias = bias
        self._transformed: Tensor | None = None

    @staticmethod
    def suits(weights: Tensor) -> bool:
        """Whether filters (out, in, height, width) are convolved faster this way."""
        return (
            weights.shape[-2:] == (3, 3)
            and min(weights.shape[:2]) >= _LEAST_CHANNELS
            and weights.dtype == torch.float32
            and weights.device.type == "cpu"
        )

    @staticmethod
    def pays(x: Tensor) -> bool:
        """Whether features (b, channels, height, width) are so many that it is worth it."""
        batch, _, height, width = x.shape
        return batch * -(-height // _TILE) * -(-width // _TILE) >= _LEAST_TILES

    @property
    def transformed(self) -> Tensor:
        """The filters' transform, (36, in, out); made when it is first asked for."""
        if self._transformed is None:
            out, into = self._weights.shape[:2]
            flat = self._weights.permute(2, 3, 1, 0).reshape(3, 3 * into * out)
            self._transformed = _transform(_G, flat).view(_SEEN**2, into, out)
        return self._transformed

    def convolve(self, x: Tensor) -> Tensor:
        """Convolve a batch of maps, and cut what is negative off.

        Args:
            x: Shape (b, in, height, width), float32, with whatever lies around them, one feature on
                every side.

        Returns:
            Shape (b, out, height - 2, width - 2), with the channels last in memory.
        """
        made: Tensor = _Convolve.apply(x, self)
        return made


class _Convolve(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, filters: Winograd) -> Tensor:
        ctx.filters = filters
        weights = filters.transformed
        into, out = weights.shape[1:]
        batch, height, width = x.shape[0], x.shape[2] - 2, x.shape[3] - 2
        rows, columns = -(-height // _TILE), -(-width // _TILE)
        seen = _cut_tiles(x, rows, columns)
        made = x.new_empty(batch, rows, _TILE, columns, _TILE, out)
        for pictures, lines in _chunks(batch, rows, columns, max(into, out)):
            part = seen[:, :, pictures, lines]
            transformed = _transform(_B, part.reshape(_SEEN, -1)).view(_SEEN**2, -1, into)
            products = torch.bmm(transformed, weights).view(_SEEN, -1)
            tiles = _transform(_A, products).view(_TILE, _TILE, *part.shape[2:5], out)
            place = made[pictures, lines]
            torch.add(tiles.permute(2, 3, 0, 4, 1, 5), filters.bias, out=place)
            place.relu_()
        maps = _as_maps(made, height, width)
        ctx.save_for_backward(maps)
        return maps

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *upstream: Tensor) -> tuple[Tensor, None]:
        (maps,) = ctx.saved_tensors
        weights = ctx.filters.transformed
        into, out = weights.shape[1:]
        batch, _, height, width = maps.shape
        rows, columns = -(-height // _TILE), -(-width // _TILE)
        slopes, rectified = (_whole_tiles(x, rows, columns) for x in (upstream[0], maps))
        # One row and column of tiles more take what the last see beyond their own.
        seen = maps.new_zeros(batch, rows + 1, _TILE, columns + 1, _TILE, into)
        for pictures, lines in _chunks(batch, rows, columns, max(into, out)):
            given, kept = (x[:, :, pictures, lines] for x in (slopes, rectified))
            part = given.new_empty(given.shape)
            torch.ops.aten.threshold_backward.grad_input(given, kept, 0, grad_input=part)
            products = _transform(_A.T, part.view(_TILE, -1)).view(_SEEN**2, -1, out)
            changes = torch.bmm(products, weights.mT).view(_SEEN, -1)
            tiles = _transform(_B.T, changes).view(_SEEN, _SEEN, *part.shape[2:5], into)
            _add_tiles(seen[pictures], lines, tiles.permute(2, 3, 0, 4, 1, 5))
        whole = seen.view(batch, (rows + 1) * _TILE, (columns + 1) * _TILE, into)
        return whole[:, : height + 2, : width + 2].permute(0, 3, 1, 2), None


def _transform(matrix: Tensor, tiles: Tensor) -> Tensor:
    """Multiply both axes of tiles by a matrix (n, m): (m, m·k) → (n·n, k)."""
    n, m = matrix.shape
    rows = (matrix @ tiles).view(n, m, -1)
    return torch.bmm(matrix.expand(n, n, m), rows).view(n * n, -1)


def _chunks(batch: int, rows: int, columns: int, channels: int) -> Iterator[tuple[slice, slice]]:
    """Cut tiles into chunks: whole pictures, or rows of tiles of one."""
    factor = 1 if torch.get_num_threads() == 1 else _SHARED_FACTOR
    tiles = factor * max(_CHUNK_TILES, _CHUNK_NUMBERS // (_SEEN**2 * channels))
    most = -(-tiles // columns)
    pictures = max(1, most // rows)
    for picture in range(0, batch, pictures):
        for row in range(0, rows, most):
            yield (
                slice(picture, min(picture + pictures, batch)),
                slice(row, min(row + most, rows)),
            )


def _cut_tiles(x: Tensor, rows: int, columns: int) -> Tensor:
    """View maps (b, c, h, w) as tiles that overlap, (6, 6, b, rows, columns, c); zeros beyond."""
    batch, channels, h, w = x.shape
    last = x.permute(0, 2, 3, 1).contiguous()
    height, width = _TILE * rows + 2, _TILE * columns + 2
    if (h, w) != (height, width):
        last = F.pad(last, (0, 0, 0, width - w, 0, height - h))
    b, y, x_, c = last.stride()
    shape = (_SEEN, _SEEN, batch, rows, columns, channels)
    return last.as_strided(shape, (y, x_, b, _TILE * y, _TILE * x_, c))


def _add_tiles(seen: Tensor, lines: slice, tiles: Tensor) -> None:
    """Add tiles (b, rows, 6, columns, 6, c) to where they saw: transpose of `_cut_tiles`."""
    below = slice(lines.start + 1, lines.stop + 1)
    inner, outer = slice(None, _TILE), slice(_TILE, None)
    rest = _SEEN - _TILE
    seen[:, lines, :, :-1] += tiles[:, :, inner, :, inner]
    seen[:, lines, :, 1:, :rest] += tiles[:, :, inner, :, outer]
    seen[:, below, :rest, :-1] += tiles[:, :, outer, :, inner]
    seen[:, below, :rest, 1:, :rest] += tiles[:, :, outer, :, outer]


def _whole_tiles(x: Tensor, rows: int, columns: int) -> Tensor:
    """Give maps (b, c, h, w) as tiles (4, 4, b, rows, columns, c); zeros where they end."""
    h, w = x.shape[-2:]
    last = x.permute(0, 2, 3, 1)
    if (h, w) != (_TILE * rows, _TILE * columns):
        last = F.pad(last, (0, 0, 0, _TILE * columns - w, 0, _TILE * rows - h))
    tiles = last.unflatten(1, (rows, _TILE)).unflatten(3, (columns, _TILE))
    return tiles.permute(2, 4, 0, 1, 3, 5)


def _as_maps(made: Tensor, h: int, w: int) -> Tensor:
    """Give tiles (b, rows, 4, columns, 4, c) as maps (b, c, h, w)."""
    batch, rows, _, columns, _, channels = made.shape
    whole = made.view(batch, rows * _TILE, columns * _TILE, channels)
    return whole[:, :h, :w].contiguous().permute(0, 3, 1, 2)
