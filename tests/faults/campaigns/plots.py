"""What a run has measured, as pictures for docs/reliability.md."""

from __future__ import annotations

import math
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

_WIDTH, _ROW = 900, 130  #: of a picture, and the height of each of its parts, in pixels
_LEFT, _RIGHT, _ABOVE, _BELOW = 20, 20, 30, 14  #: around what is drawn in a part
_INK, _LINE, _FAINT = (40, 40, 40), (31, 111, 139), (225, 225, 225)
_DOT = 3  #: its radius


def draw_series(path: Path, series: dict[str, list[float]], unit: str) -> Path:
    """Draw what was measured at each fault, below one another, from nothing to its most.

    Args:
        path: Of a PNG.
        series: Values in their order, by what they are.
        unit: What they are counted over, such as “jobs”.

    Returns:
        The path.
    """
    rows = []
    for name, values in series.items():
        most = max(*values, 1e-9) * 1.1
        points = [(k / max(1, len(values) - 1), value / most) for k, value in enumerate(values)]
        said = f"{name} over {len(values):,} {unit}: {min(values):.0f} to {max(values):.0f}"
        rows.append((said, points, True))
    return _draw(path, rows)


def draw_moments(path: Path, moments: dict[str, list[tuple[str, float]]]) -> Path:
    """Draw when processes were killed, a row of points for each part of the work.

    Args:
        path: Of a PNG.
        moments: By what was killed: the part of its work, and seconds since its beginning.

    Returns:
        The path.
    """
    rows = []
    for title, of_all in moments.items():
        for part in sorted({part for part, _ in of_all}):
            seconds = sorted(max(second, 1e-6) for at, second in of_all if at == part)
            # Some parts last milliseconds and some seconds, so time is as its logarithm.
            least, most = seconds[0], max(seconds[-1], seconds[0] * 1.01)
            at = [math.log(second / least) / math.log(most / least) for second in seconds]
            count = len(seconds)
            points = [(x, (k + 0.5) / count) for k, x in enumerate(at)]
            said = (
                f"{title} {part}: {count}, from {least:.2g} s after its beginning to {most:.2g} s"
            )
            rows.append((said, points, False))
    return _draw(path, rows)


def _draw(path: Path, rows) -> Path:
    """Draw rows of a title and points in 0…1, joined or not."""
    picture = Image.new("RGB", (_WIDTH, _ROW * len(rows)), "white")
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(16)
    for number, (title, points, joined) in enumerate(rows):
        top = number * _ROW
        left, right = _LEFT, _WIDTH - _RIGHT
        low, high = top + _ROW - _BELOW, top + _ABOVE
        draw.text((left, top + 6), title, _INK, font)
        draw.rectangle((left, high, right, low), outline=_FAINT)
        at = [(left + x * (right - left), low - y * (low - high)) for x, y in points]
        if joined:
            draw.line(at, _LINE, 2)
        else:
            for x, y in at:
                draw.ellipse((x - _DOT, y - _DOT, x + _DOT, y + _DOT), _LINE)
    picture.quantize(16).save(path, optimize=True)
    return path
