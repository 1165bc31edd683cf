"""Draw how losses fall, of each paper's model and of Gatys' made on and on, by matplotlib."""

from __future__ import annotations

from pathlib import Path

from ..speed import plots
from . import measures
from .parts import LASTING, PARTS
from .running import Cache

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

    Args:
        path: Of the PNG.
        cache: With the finished runs. A run that is not in it has no curve.

    Returns:
        Whether it was written: never where there is no matplotlib.
    """
    models = {label: _read(cache, *run) for label, run in _MODELS.items()}
    lasting = {e.exemplar: _read(cache, LASTING.name, e.name) for e in LASTING.experiments}
    if not plots.available() or not any([*models.values(), *lasting.values()]):
        return False
    figure, [(left, right)] = plots.make_axes(2)
    titles = {"each model, at full size": models, "Gatys 2015, at 128 × 128": lasting}
    for axes, (title, curves) in zip((left, right), titles.items(), strict=True):
        for label, losses in curves.items():
            if losses:
                shares = [loss / losses[0] for loss in losses]
                axes.plot(range(1, len(losses) + 1), shares, label=label, lw=1)
        axes.set(xscale="log", yscale="log", xlabel="evaluations", title=title)
        axes.set_ylabel("loss over the first")
        plots.show_plain_numbers(axes.xaxis, (1,))
        if any(curves.values()):
            axes.legend(frameon=False, fontsize="small")
    plots.save(figure, path)
    return True


def _read(cache: Cache, part: str, name: str) -> list[float]:
    """Read the losses of a full run; none if it is not there."""
    experiment = PARTS[part].get(name)
    folder = experiment and cache.find(PARTS[part], experiment)
    return measures.read_losses(folder) if folder else []
