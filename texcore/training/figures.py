"""Pictures of a training: its loss curve, and a contact sheet of reconstructions."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import fields

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from .trainer import Judgement

_INK, _PALE, _PAPER = (40, 40, 40), (215, 215, 215), (255, 255, 255)
_TRAINING, _HELD_OUT = (90, 140, 200), (200, 80, 40)
_WIDTH, _HEIGHT = 960, 540
# Left, top, right and bottom of the axes.
_AXES = (90, 48, _WIDTH - 24, _HEIGHT - 56)
_CELL = 192
_GAP = 8
_MOST_COLUMNS = 8


def loss_table(history: Sequence[Judgement]) -> bytes:
    """The loss curve as CSV, a row for each judgement."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = [field.name for field in fields(Judgement)]
    writer.writerow(names)
    for row in history:
        numbers = [getattr(row, name) for name in names]
        writer.writerow([n if isinstance(n, int) else f"{n:.6g}" for n in numbers])
    return text.getvalue().encode()


def loss_curve(history: Sequence[Judgement]) -> bytes:
    """The loss curve as a PNG: errors on a logarithmic axis over steps.

    Args:
        history: At least one row.
    """
    curves = (
        ("training patches", _TRAINING, [(row.step, row.training) for row in history]),
        ("held-out patches", _HELD_OUT, [(row.step, row.held_out) for row in history]),
    )
    shown = [y for _, _, points in curves for _, y in points if 0 < y < math.inf]
    low = 10 ** math.floor(math.log10(min(shown, default=1e-3)))
    high = max(10 * low, 10 ** math.ceil(math.log10(max(shown, default=1e-1))))
    last = max(1, history[-1].step)
    left, top, right, bottom = _AXES

    def place(step: float, error: float) -> tuple[float, float]:
        share = math.log(error / low) / math.log(high / low)
        return left + (right - left) * step / last, bottom - (bottom - top) * share

    image = Image.new("RGB", (_WIDTH, _HEIGHT), _PAPER)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(14)
    for error in _ticks(low, high):
        _, y = place(0, error)
        draw.line([(left, y), (right, y)], _PALE)
        draw.text((left - 8, y), f"{error:g}", _INK, font, "rm")
    for i in range(5):
        x, _ = place(last * i / 4, low)
        draw.line([(x, top), (x, bottom)], _PALE)
        draw.text((x, bottom + 8), f"{round(last * i / 4)}", _INK, font, "mt")
    draw.text((left, 12), "mean squared error of the reconstruction, colours 0 to 1", _INK, font)
    draw.text(((left + right) / 2, _HEIGHT - 8), "step", _INK, font, "mb")
    for i, (name, colour, points) in enumerate(curves):
        line = [place(step, error) for step, error in points if 0 < error < math.inf]
        if len(line) > 1:
            draw.line(line, colour, 2)
        for x, y in line[-1:]:
            draw.ellipse([x - 3, y - 3, x + 3, y + 3], colour)
        draw.text((right - 8, top + 8 + 20 * i), name, colour, font, "rt")
    return _png(image)


def _ticks(low: float, high: float) -> list[float]:
    """1, 2 and 5 of each power of ten between two of these."""
    decades = range(round(math.log10(low)), round(math.log10(high)))
    return [m * 10.0**e for e in decades for m in (1, 2, 5)] + [high]


def contact_sheet(patches: Tensor, reconstructed: Tensor) -> bytes:
    """Patches in the upper row and the network's own of them below, as a PNG.

    Args:
        patches: Bytes of shape (n, 3, side, side).
        reconstructed: The same in 0...1.
    """
    columns = min(len(patches), _MOST_COLUMNS)
    font = ImageFont.load_default(14)
    width, row = columns * (_CELL + _GAP) + _GAP, _CELL + _GAP + 22
    sheet = Image.new("RGB", (width, 2 * row + _GAP), _PAPER)
    draw = ImageDraw.Draw(sheet)
    rows = (
        ("held-out patches", patches.cpu()),
        ("reconstructed", (reconstructed.cpu() * 255).round().to(torch.uint8)),
    )
    for j, (name, images) in enumerate(rows):
        draw.text((_GAP, j * row + _GAP), name, _INK, font)
        for i, image in enumerate(images[:columns]):
            pixels = np.ascontiguousarray(image.permute(1, 2, 0).numpy())
            cell = Image.fromarray(pixels).resize((_CELL, _CELL), Image.Resampling.LANCZOS)
            sheet.paste(cell, (_GAP + i * (_CELL + _GAP), j * row + 22 + _GAP))
    return _png(sheet)


def _png(image: Image.Image) -> bytes:
    content = io.BytesIO()
    image.save(content, "PNG")
    return content.getvalue()
