"""Write the figures of docs/papers, and the tables into docs/papers.md."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from . import measures
from .curves import draw_losses
from .experiment import TILE, Experiment, Part
from .figures import WIDTH, Tile, compress, lay_out, read_tiles
from .parts import CANVAS, LASTING, LONG, SHORT
from .running import Cache, fit
from .sources import ROOT, SOURCES

PAGE = ROOT / "docs" / "papers.md"
FIGURES = ROOT / "docs" / "papers"


@dataclass(frozen=True)
class Standing:
    """What the page says and shows already of runs that may have been made elsewhere.

    Attributes:
        rows: Of the part's tables, by what stands in their first cell.
        tiles: Of its figure, by their names.
    """

    rows: Mapping[str, str]
    tiles: Mapping[str, Tile]


NOTHING = Standing({}, {})


def write_all(cache: Cache, parts: Iterable[Part]) -> list[Path]:
    """Write figures and tables of parts from the finished runs; returns the files.

    Args:
        cache: With the finished runs.
        parts: All others are left as they are in the page. So are those runs of a part that are
            not in the cache: they have been made elsewhere.
    """
    FIGURES.mkdir(exist_ok=True)
    text, exemplars = PAGE.read_text(encoding="utf-8"), FIGURES / "exemplars.jpg"
    exemplars.write_bytes(compress(*draw_exemplars()))
    written = [PAGE, exemplars]
    for part in parts:
        path = FIGURES / f"{part.name}.jpg"
        standing = Standing(read_rows(text, part.name), read_tiles(path))
        if not any(find(part, e, cache, standing) for e in part.experiments):
            continue
        path.write_bytes(compress(*draw(part, cache, standing)))
        written.append(path)
        text = put(text, part.name, make_table(part, cache, standing))
        for experiment in part.experiments:
            train = experiment.verb == "train"
            found = find(part, experiment, cache, standing) if train else None
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
    return _between(name).sub(lambda _: table, text)


def read_rows(text: str, name: str) -> dict[str, str]:
    """Give the rows of a part's tables in a page's text, by what stands in their first cell."""
    lines = "".join(_between(name).findall(text)).splitlines()
    return {line.split(" | ")[0].removeprefix("| "): line for line in lines if " | " in line}


def _between(name: str) -> re.Pattern[str]:
    beginning, end = f"<!-- {name}: written by `python3 build.py papers` -->", f"<!-- /{name} -->"
    return re.compile(f"(?<={re.escape(beginning)}\n).*?(?={re.escape(end)})", re.DOTALL)


def find(
    part: Part, experiment: Experiment, cache: Cache, standing: Standing = NOTHING
) -> tuple[Experiment, Path] | None:
    """Give a run that is finished, at full size or else the quick one.

    Returns:
        None if there is none in the cache that is better than what stands in the page.
    """
    quick = "(quick)" in standing.rows.get(_name(experiment), "(quick)")
    for wanted in (experiment, experiment.at_quick()) if quick else (experiment,):
        folder = cache.find(part, wanted)
        if folder:
            return wanted, folder
    return None


def draw(part: Part, cache: Cache, standing: Standing = NOTHING) -> tuple[Image.Image, bytes]:
    """Draw the figure of a part, and say where its pictures are, for `read_tiles`.

    What is not run yet is left out, for the table says so.
    """
    rows, seen = [], set[str]()
    for row in part.rows:
        tiles = {name: tile for name in row if (tile := _shown(part, name, cache, standing))}
        # Of a row in which nothing is new yet, exemplars alone would say nothing.
        made = {name for name in tiles if _is_made(part, name)} - seen
        if made:
            rows.append(
                [tile for name, tile in tiles.items() if not _is_alone(part, row, name, tiles)]
            )
        seen |= made
    sources = [_shown(part, name, cache, standing) for name in part.rows[0]]
    return lay_out(rows or [[tile for tile in sources if tile]], part.tile)


def _is_alone(part: Part, row: Sequence[str], name: str, tiles: Mapping[str, object]) -> bool:
    """Say whether a source stands before what is made of it, and that is not there yet."""
    after = row[row.index(name) + 1 :][:1]
    return not _is_made(part, name) and any(
        _is_made(part, other) and other not in tiles for other in after
    )


def _is_made(part: Part, name: str) -> bool:
    """Say whether a name in a row is that of an experiment's picture; else it is a source's."""
    return part.get(name.partition("@")[0]) is not None


def draw_exemplars() -> tuple[Image.Image, bytes]:
    """Draw all pictures that experiments learn from."""
    names = [name for name, path in SOURCES.items() if path.is_file() and "mask" not in name]
    tiles = [Tile(name, fit(SOURCES[name], TILE), name.replace("_", " ")) for name in names]
    return lay_out([tiles[:5], tiles[5:]])


def draw_sheet(folder: Path) -> Image.Image:
    """Draw what a trained network makes of patches that it has not seen."""
    sheet = Image.open(folder / "result.sheet.png").convert("RGB")
    return sheet.resize((WIDTH, sheet.height * WIDTH // sheet.width), Image.Resampling.LANCZOS)


def make_table(part: Part, cache: Cache, standing: Standing = NOTHING) -> str:
    """Write a row for each experiment: what was run, and what it took and gave."""
    lines = [
        "",
        "| Run | Size | Evaluations | Loss, first → last | Grain | Clipped | Seconds | Network |",
        "|---|---|---|---|---|---|---|---|",
    ]
    rows = {e: _row(part, e, cache, standing) for e in part.experiments}
    lines += [row for row in rows.values() if row]
    if missing := [_name(e) for e, row in rows.items() if not row]:
        lines += ["", f"Not run yet: {'; '.join(missing)}."]
    if part is CANVAS:
        lines += ["", *_compare_canvases(cache, standing)]
    if part is LASTING:
        lines += ["", *_compare_lengths(cache, standing)]
    return "\n".join([*lines, "", ""])


def _shown(part: Part, name: str, cache: Cache, standing: Standing) -> Tile | None:
    """Give a picture of a figure; None where it is not made yet."""
    name, _, kept_at = (whole := name).partition("@")
    experiment = part.get(name)
    if experiment is None:
        return Tile(name, fit(SOURCES[name], part.experiments[0].side), name.replace("_", " "))
    found = find(part, experiment, cache, standing)
    if found is None:
        return standing.tiles.get(whole)
    run, folder = found
    if kept_at:
        kept = folder / f"result-{kept_at}.png"
        return Tile(whole, _open(kept), f"{kept_at} evaluations") if kept.exists() else None
    quick = "" if run == experiment else f" ({run.side} px)"
    return Tile(name, _open(folder / f"result{run.suffix}"), experiment.label + quick)


def _open(path: Path) -> Image.Image:
    return Image.open(path).convert("RGB")


def _name(experiment: Experiment) -> str:
    return f"{experiment.exemplar}: {experiment.label}"


def _row(part: Part, experiment: Experiment, cache: Cache, standing: Standing) -> str:
    """Write an experiment's row; nothing if it was not run."""
    found = find(part, experiment, cache, standing)
    name = _name(experiment)
    if found is None:
        return standing.rows.get(name, "")
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


def _compare_canvases(cache: Cache, standing: Standing) -> list[str]:
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
        pixels, spectral = (find(CANVAS, e, cache, standing) for e in (experiment, other))
        if not pixels or not spectral or pixels[0].side != spectral[0].side:
            lines.append(standing.rows.get(model, f"| {model} | not run | | |"))
            continue
        losses = measures.read_losses(pixels[1])
        level = min(losses)
        reached = measures.count_to(measures.read_losses(spectral[1]), level)
        after = f"{reached}" if reached else "not within its evaluations"
        lines.append(f"| {model} | {level:.3g} | {measures.count_to(losses, level)} | {after} |")
    return lines


def _compare_lengths(cache: Cache, standing: Standing) -> list[str]:
    """Tell how far a run had come where its picture was kept."""
    lines = [
        f"| Exemplar | Loss at 1 | at {SHORT} | at {LONG} | Grain at {SHORT} | at {LONG} |",
        "|---|---|---|---|---|---|",
    ]
    for experiment in LASTING.experiments:
        found = find(LASTING, experiment, cache, standing)
        if not found or found[0].kept_at is None:
            row = standing.rows.get(experiment.exemplar)
            lines += [row] if row else []
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
