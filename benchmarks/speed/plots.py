"""The pictures of a benchmark, by matplotlib where it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

_OURS, _THEIRS = "#1f6f8b", "#c05640"


def available() -> bool:
    """Whether there is a matplotlib."""
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        return False
    return True


def size(path: Path, runs: list[dict[str, Any]], evaluations: list[dict[str, Any]]) -> None:
    """Time and memory against the side of the texture."""
    figure, [(left, right)] = make_axes(2)
    done = [run for run in runs if "failed" not in run]
    for name in dict.fromkeys(run["quality"] for run in done):
        of = [run for run in done if run["quality"] == name]
        left.plot(_x(of), [run["seconds"] for run in of], "o-", label=f"whole run, {name}")
        right.plot(
            _x(of), [(run["memory"] or 0) / 2**30 for run in of], "o-", label=f"main, {name}"
        )
        if of[0]["device memory"]:
            gib = [run["device memory"] / 2**30 for run in of]
            right.plot(_x(of), gib, "s--", label=f"device, {name}")
    left.plot(
        _x(evaluations),
        [row["evaluation s"] for row in evaluations],
        "s--",
        color="0.5",
        label="one evaluation",
    )
    for axes, title in ((left, "seconds"), (right, "peak memory, GiB")):
        axes.set(xscale="log", yscale="log", xlabel="side in pixels", title=title)
        sides = sorted({*_x(done), *(_x(evaluations) if axes is left else [])})
        axes.set_xticks(sides, [str(side) for side in sides])
        axes.minorticks_off()
    show_plain_numbers(left.yaxis)
    # From nothing on: torch itself takes most of it where textures are small.
    right.set_yscale("linear")
    right.set_ylim(0, 1.2 * right.get_ylim()[1])
    for axes in (left, right):
        axes.legend(frameon=False)
    save(figure, path)


def versus(path: Path, several: list[dict[str, Any]]) -> None:
    """How alike the texture is against time, ours and the baseline's; a row for each exemplar."""
    figure, rows = make_axes(2, len(several))
    for (left, right), one in zip(rows, several, strict=True):
        look = "look, by the judge" if one["judge"] else "look, by features of a random network"
        titles = {"figure": look, "gatys": "the baseline's own loss"}
        for axes, key in ((left, "figure"), (right, "gatys")):
            for name, label, colour in (
                ("baseline", "plain Gatys, PyTorch", _THEIRS),
                ("ours", f"Texcore, {one['quality']}", _OURS),
            ):
                points = one[name]
                axes.plot(
                    [p["seconds"] for p in points],
                    [p[key] for p in points],
                    label=label,
                    color=colour,
                )
            axes.set(xscale="log", yscale="log", xlabel="seconds")
            axes.set_title(f"{one['exemplar']}: {titles[key]}")
            show_plain_numbers(axes.xaxis)
            # A look spans less than a decade, a loss several.
            show_plain_numbers(axes.yaxis, (1, 1.5, 2, 3, 5, 7) if key == "figure" else (1, 2, 5))
            axes.legend(frameon=False)
        left.axhline(one["goal"], color=_THEIRS, lw=0.7, ls=":")
    save(figure, path)


def layers(path: Path, rows: list[dict[str, Any]]) -> None:
    """Each layer's time, bare and in the engine."""
    figure, [(axes,)] = make_axes(1)
    at = range(len(rows))
    axes.bar([i - 0.2 for i in at], [r["bare ms"] for r in rows], 0.4, label="bare", color="0.6")
    axes.bar(
        [i + 0.2 for i in at],
        [r["engine ms"] for r in rows],
        0.4,
        label="in the engine",
        color=_OURS,
    )
    axes.set_xticks(list(at), [r["layer"] for r in rows], rotation=45, ha="right")
    axes.set(title="a convolution, forward and gradient, ms")
    axes.legend(frameon=False)
    save(figure, path)


def make_axes(columns: int, rows: int = 1) -> Any:
    """Give a figure and its axes, an array (rows, columns)."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    size = (5.2 * columns, 3.8 * rows)
    return pyplot.subplots(rows, columns, figsize=size, squeeze=False)


def show_plain_numbers(axis: Any, subs: Sequence[float] = (1, 2, 5)) -> None:
    """Write numbers as they are, at these of each decade."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axis.set_major_locator(LogLocator(subs=subs))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def save(figure: Any, path: Path) -> None:
    """Write a figure as a PNG, and close it."""
    from matplotlib import pyplot

    figure.tight_layout()
    # No date and no version: the same figures give the same file.
    figure.savefig(path, format="png", dpi=110, metadata={"Software": None})
    pyplot.close(figure)


def _x(rows: list[dict[str, Any]]) -> list[int]:
    return [row["side"] for row in rows]
