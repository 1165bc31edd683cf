"""Draw how losses fall, of each paper's model and of those made on and on, by matplotlib."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from ..speed import plots
from . import measures
from .parts import CONVERGING, FAR, LASTING, PARTS
from .running import Cache

#: Evaluations, and the loss after them over the first.
_Curve = list[tuple[int, float]]
_POINTS = 150
#: Of the plot, which shall be a small file.
_COLOURS = 250
#: By what the legend calls them, a part and one of its runs.
_MODELS = {
    "Gatys 2015": ("gatys", "beach-pool4"),
    "Snelgrove 2017": ("snelgrove", "pyramid"),
    "smoothness": ("smooth", "smooth"),
    "regions": ("regions", "painted"),
    "averages, VGG": ("averages", "bark-vgg"),
    "averages, autoencoder": ("averages", "bark-own"),
    "ours": ("ours", "new-beach"),
}


def draw_losses(path: Path, cache: Cache) -> bool:
    """Draw the losses of full runs over the first of each, if there are any in the cache.

    The curves are kept beside the plot as JSON: those whose runs were made elsewhere stay in it.

    Args:
        path: Of the PNG.
        cache: With the finished runs.

    Returns:
        Whether it was written: never where there is no matplotlib.
    """
    plotted = [
        {label: _read(cache, *run) for label, run in _MODELS.items()},
        {
            e.label.partition(",")[0]: _read(cache, CONVERGING.name, e.name)
            for e in CONVERGING.experiments
        },
        {e.exemplar: _read(cache, LASTING.name, e.name) for e in LASTING.experiments},
    ]
    if not plots.available() or not any(curve for found in plotted for curve in found.values()):
        return False
    data = path.with_suffix(".json")
    known = json.loads(data.read_text(encoding="utf-8")) if data.exists() else [{}] * len(plotted)
    plotted = [
        {label: found[label] or old.get(label, []) for label in found}
        for found, old in zip(plotted, known, strict=True)
    ]
    data.write_text(json.dumps(plotted, separators=(",", ":")) + "\n", encoding="utf-8")
    _draw(path, plotted)
    return True


def _draw(path: Path, plotted: Sequence[Mapping[str, _Curve]]) -> None:
    titles = "each model, at full size", f"{FAR} evaluations, 128 × 128", "Gatys 2015, 128 × 128"
    shown = [(t, curves) for t, curves in zip(titles, plotted, strict=True) if any(curves.values())]
    figure, [row] = plots.make_axes(len(shown))
    for axes, (title, curves) in zip(row, shown, strict=True):
        for label, curve in curves.items():
            if curve:
                axes.plot(*zip(*curve, strict=True), label=label, lw=1)
        axes.set(xscale="log", yscale="log", xlabel="evaluations", title=title)
        axes.set_ylabel("loss over the first")
        plots.show_plain_numbers(axes.xaxis, (1,))
        axes.legend(frameon=False, fontsize="small")
    plots.save(figure, path)
    with Image.open(path) as drawn:
        few = drawn.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


def _read(cache: Cache, part: str, name: str) -> _Curve:
    """Read the losses of a full run over its first, closest at its beginning; none if not there."""
    experiment = PARTS[part].get(name)
    folder = experiment and cache.find(PARTS[part], experiment)
    losses = measures.read_losses(folder) if folder else []
    if not losses:
        return []
    at = np.unique(np.geomspace(1, len(losses), _POINTS).round().astype(int)).tolist()
    return [(n, float(f"{losses[n - 1] / losses[0]:.4g}")) for n in at]
