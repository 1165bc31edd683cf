"""Write the figures of docs/papers, and the tables into docs/papers.md."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from . import measures
from .curves import draw_losses
from .experiment import Experiment, Part
from .parts import CANVAS, LASTING, LONG, SHORT
from .running import Cache, fit
from .sources import ROOT, SOURCES

PAGE = ROOT / "docs" / "papers.md"
FIGURES = ROOT / "docs" / "papers"
LARGEST_BYTES = 150_000  #: of a figure
_WIDTH, _GAP, _STRIP, _LARGEST_TILE = 1000, 6, 18, 240
_PAPER, _INK = "white", "#303030"


def write_all(cache: Cache, parts: Iterable[Part]) -> list[Path]:
    """Write figures and tables of parts from the finished runs; returns the files.

    Args:
        cache: With the finished runs.
        parts: All others are left as they are in the page, and so are those of which nothing is
            in the cache: their runs have been made elsewhere.
    """
    FIGURES.mkdir(exist_ok=True)
    text, exemplars = PAGE.read_text(encoding="utf-8"), FIGURES / "exemplars.jpg"
    exemplars.write_bytes(compress(draw_exemplars()))
    written = [PAGE, exemplars]
    for part in parts:
        if not any(find(part, experiment, cache) for experiment in part.experiments):
            continue
        path = FIGURES / f"{part.name}.jpg"
        path.write_bytes(compress(draw(part, cache)))
        written.append(path)
        text = put(text, part.name, make_table(part, cache))
        for experiment in part.experiments:
            found = find(part, experiment, cache) if experiment.verb == "train" else None
            if found:
                path = FIGURES / f"{experiment.name}.jpg"
                path.write_bytes(compress(draw_sheet(found[1])))
                written.append(path)
    curves = FIGURES / "losses.png"
    if draw_losses(curves, cache):
        written.append(curves)
    PAGE.write_text(text, encoding="utf-8", newline="\n")
    return written


def put(text: str, name: str, table: str) -> str:
    """Return a page's text with another table between the marks of a part."""
    beginning, end = f"<!-- {name}: written by `python3 build.py papers` -->", f"<!-- /{name} -->"
    between = re.compile(f"(?<={re.escape(beginning)}\n).*?(?={re.escape(end)})", re.DOTALL)
    return between.sub(lambda _: table, text)


def find(part: Part, experiment: Experiment, cache: Cache) -> tuple[Experiment, Path] | None:
    """Give the best run of an experiment that is finished: at full size, else the quick one."""
    for wanted in (experiment, experiment.at_quick()):
        folder = cache.find(part, wanted)
        if folder:
            return wanted, folder
    return None


def draw(part: Part, cache: Cache) -> Image.Image:
    """Draw the figure of a part; what is not run yet is left out, for the table says so."""
    rows, seen = [], set[str]()
    for row in part.rows:
        tiles = {name: tile for name in row if (tile := _shown(part, name, cache))}
        # Of a row in which nothing is new yet, exemplars alone would say nothing.
        made = {name for name in tiles if _is_made(part, name)} - seen
        if made:
            rows.append(
                [tile for name, tile in tiles.items() if not _is_alone(part, row, name, tiles)]
            )
        seen |= made
    return lay_out(rows or [[tile for name in part.rows[0] if (tile := _shown(part, name, cache))]])


def _is_alone(part: Part, row: Sequence[str], name: str, tiles: Mapping[str, object]) -> bool:
    """Say whether a source stands before what is made of it, and that is not there yet."""
    after = row[row.index(name) + 1 :][:1]
    return not _is_made(part, name) and any(
        _is_made(part, other) and other not in tiles for other in after
    )


def _is_made(part: Part, name: str) -> bool:
    """Say whether a name in a row is that of an experiment's picture; else it is a source's."""
    return part.get(name.partition("@")[0]) is not None


def draw_exemplars() -> Image.Image:
    """Draw all pictures that experiments learn from."""
    names = [name for name, path in SOURCES.items() if path.is_file() and "mask" not in name]
    tiles = [(fit(SOURCES[name], _LARGEST_TILE), name.replace("_", " ")) for name in names]
    return lay_out([tiles[:5], tiles[5:]])


def draw_sheet(folder: Path) -> Image.Image:
    """Draw what a trained network makes of patches that it has not seen."""
    sheet = Image.open(folder / "result.sheet.png").convert("RGB")
    return sheet.resize((_WIDTH, sheet.height * _WIDTH // sheet.width), Image.Resampling.LANCZOS)


def lay_out(rows: Sequence[Sequence[tuple[Image.Image, str]]]) -> Image.Image:
    """Lay pictures out in rows, each above its label."""
    widest = max(len(row) for row in rows)
    side = min(_LARGEST_TILE, (_WIDTH + _GAP) // widest - _GAP)
    size = (widest * (side + _GAP) - _GAP, len(rows) * (side + _STRIP + _GAP))
    sheet = Image.new("RGB", size, _PAPER)
    pen, top = ImageDraw.Draw(sheet), 0
    for row in rows:
        for number, (picture, label) in enumerate(row):
            left = number * (side + _GAP)
            sheet.paste(picture.resize((side, side), Image.Resampling.LANCZOS), (left, top))
            middle = (left + side / 2, top + side + _STRIP / 2)
            pen.text(middle, label, _INK, _fitting(pen, label, side), anchor="mm")
        top += side + _STRIP + _GAP
    return sheet


def compress(sheet: Image.Image) -> bytes:
    """Give a JPEG as good as fits into a figure's size."""
    for quality in range(90, 20, -5):
        file = io.BytesIO()
        sheet.save(file, "JPEG", quality=quality, optimize=True)
        if file.tell() <= LARGEST_BYTES:
            break
    return file.getvalue()


def make_table(part: Part, cache: Cache) -> str:
    """Write a row for each experiment: what was run, and what it took and gave."""
    lines = [
        "",
        "| Run | Size | Evaluations | Loss, first → last | Grain | Clipped | Seconds | Network |",
        "|---|---|---|---|---|---|---|---|",
    ]
    rows = {e: _row(part, e, cache) for e in part.experiments}
    lines += [row for row in rows.values() if row]
    if missing := [_name(e) for e, row in rows.items() if not row]:
        lines += ["", f"Not run yet: {'; '.join(missing)}."]
    if part is CANVAS:
        lines += ["", *_compare_canvases(cache)]
    if part is LASTING:
        lines += ["", *_compare_lengths(cache)]
    return "\n".join([*lines, "", ""])


def _shown(part: Part, name: str, cache: Cache) -> tuple[Image.Image, str] | None:
    """Give a picture and its label; None where it is not made yet."""
    name, _, kept_at = name.partition("@")
    experiment = part.get(name)
    if experiment is None:
        return fit(SOURCES[name], part.experiments[0].side), name.replace("_", " ")
    found = find(part, experiment, cache)
    if found is None:
        return None
    run, folder = found
    if kept_at:
        kept = folder / f"result-{kept_at}.png"
        return (_open(kept), f"{kept_at} evaluations") if kept.exists() else None
    quick = "" if run == experiment else f" ({run.side} px)"
    return _open(folder / f"result{run.suffix}"), experiment.label + quick


def _open(path: Path) -> Image.Image:
    return Image.open(path).convert("RGB")


def _name(experiment: Experiment) -> str:
    return f"{experiment.exemplar}: {experiment.label}"


def _row(part: Part, experiment: Experiment, cache: Cache) -> str:
    """Write an experiment's row; nothing if it was not run."""
    found = find(part, experiment, cache)
    name = _name(experiment)
    if found is None:
        return ""
    run, folder = found
    quick = "" if run == experiment else " (quick)"
    if run.verb != "synthesize":
        return f"| {name} | {run.side}²{quick} | {run.iterations or ''} | | | | | |"
    about = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    losses = measures.read_losses(folder)
    fall = f"{losses[0]:.3g} → {losses[-1]:.3g}" if losses else ""
    made = measures.read(folder / "result.png")
    source = measures.read(folder / "exemplar.png")
    grain = measures.measure_grain(made) / measures.measure_grain(source)
    clipped = measures.measure_clipped(made)
    return (
        f"| {name} | {run.side}²{quick} | {about['evaluations']} | {fall} | {grain:.2f} | "
        f"{clipped:.1%} | {about['seconds']:.0f} | {about['network']} |"
    )


def _compare_canvases(cache: Cache) -> list[str]:
    """Tell after how many evaluations a spectral canvas is where pixels end."""
    lines = [
        "| Model | Loss where pixels end | after, on pixels | after, on the spectral canvas |",
        "|---|---|---|---|",
    ]
    for experiment in CANVAS.experiments:
        model, _, canvas = experiment.name.partition("-")
        other = CANVAS.get(f"{model}-spectral")
        if canvas != "pixels" or other is None:
            continue
        pixels, spectral = find(CANVAS, experiment, cache), find(CANVAS, other, cache)
        if not pixels or not spectral or pixels[0].side != spectral[0].side:
            lines.append(f"| {model} | not run | | |")
            continue
        losses = measures.read_losses(pixels[1])
        level = min(losses)
        reached = measures.count_to(measures.read_losses(spectral[1]), level)
        after = f"{reached}" if reached else "not within its evaluations"
        lines.append(f"| {model} | {level:.3g} | {measures.count_to(losses, level)} | {after} |")
    return lines


def _compare_lengths(cache: Cache) -> list[str]:
    """Tell how far a run had come where its picture was kept."""
    lines = [
        f"| Exemplar | Loss at 1 | at {SHORT} | at {LONG} | Grain at {SHORT} | at {LONG} |",
        "|---|---|---|---|---|---|",
    ]
    for experiment in LASTING.experiments:
        found = find(LASTING, experiment, cache)
        if not found or found[0].kept_at is None:
            continue
        run, folder = found
        losses = measures.read_losses(folder)
        source = measures.measure_grain(measures.read(folder / "exemplar.png"))
        grains = [
            measures.measure_grain(measures.read(folder / name)) / source
            for name in (f"result-{run.kept_at}.png", "result.png")
        ]
        reached = " | ".join(f"{losses[n - 1]:.3g}" for n in (1, run.kept_at, len(losses)))
        lines.append(f"| {run.exemplar} | {reached} | {grains[0]:.2f} | {grains[1]:.2f} |")
    return lines


def _fitting(pen: ImageDraw.ImageDraw, words: str, width: int) -> ImageFont.FreeTypeFont:
    """The default font, as large as fits."""
    size = 13
    while size > 6 and pen.textlength(words, ImageFont.load_default(size)) > width:
        size -= 1
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font
