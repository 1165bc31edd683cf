"""What was measured as a page, as JSON and as plots, written whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from . import plots
from .machine import busy

# Evaluations after which the baseline hardly gets any better.
_ENOUGH = 1000
_TOO_FEW = (
    " **The baseline was cut short**: after so few evaluations it is far from what it can do, and "
    "the ratio says little."
)
# Beside each ratio, for it is no measure of how much less work the same thing takes.
_CAVEAT = (
    "That is not how much faster the same work is done: plain Gatys begins from noise, Texcore "
    "from pieces of the exemplar, which it leaves where they are at this size, and a judge rewards "
    "pieces that lie where the exemplar has them. By that of `benchmarks/look.md` the exemplar "
    "itself, shifted, has a look of 1.03 to 1.16 (four photographs)."
)
_UNITS = {2**30: "GiB", 2**20: "MiB"}


def write(folder: Path, name: str, found: dict[str, Any]) -> list[Path]:
    """Write ``name.md``, ``name.json`` and the plots; returns their paths.

    All are made beside their places first, so a page never stands beside another run's plots.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        made = Path(stack.enter_context(TemporaryDirectory(dir=folder, prefix=".bench-")))
        drawn = _drawn(made, name, found) if plots.available() else []
        text = json.dumps(found, indent=1, ensure_ascii=False)
        (made / f"{name}.json").write_text(text + "\n", encoding="utf-8")
        (made / f"{name}.md").write_text(page(name, found, drawn), encoding="utf-8")
        return [path.replace(folder / path.name) for path in sorted(made.iterdir())]


def _drawn(folder: Path, name: str, found: dict[str, Any]) -> list[str]:
    pictures: dict[str, Callable[[Path], None]] = {
        "versus": lambda path: plots.versus(path, found["versus"]),
        "size": lambda path: plots.size(path, found["runs"], found["evaluations"]),
        "layers": lambda path: plots.layers(path, found["layers"]),
    }
    for kind, draw in pictures.items():
        draw(folder / f"{name}-{kind}.png")
    return list(pictures)


def page(name: str, found: dict[str, Any], drawn: Sequence[str]) -> str:
    """The page in Markdown."""
    machine = found["machine"]
    parts = ["# How fast it is, in figures", f"`{found['command']}`"]
    parts.append(", ".join(f"{key} {value}" for key, value in machine.items()) + ".")
    parts.append(
        f"Network {found['network']}; picture: {found['exemplar']}. "
        f"Taken in {found['seconds']:.0f} s."
    )
    if busy(machine):
        parts.append(
            f"**The machine was busy** (load {machine['load before']} before anything began): "
            "times are longer than they would be, and ratios are rough."
        )
    parts.append("\n".join(f"- {line}" for line in _short(found)))
    parts += ["## Against plain Gatys", *_versus(found["versus"])]
    parts += _picture(name, "versus", drawn)
    parts += [
        "## Whole runs",
        "In a process of its own each; without starting it and reading the weights.",
        _runs(found["runs"]),
        *_picture(name, "size", drawn),
    ]
    parts += [
        "## One evaluation, one octave",
        "“Rate” is that of all convolutions over the time of the whole evaluation: network, "
        "statistics, canvas. “Of bare” compares it with these convolutions alone, below; in "
        "float32 on a processor, with a quarter of their multiplications, it may be more than all "
        "of it. The optimiser’s own work for an iteration comes on top.",
        table([_evaluation(row, found["layers"]) for row in found["evaluations"]]),
        f"## Convolutions at {found['layers side']}²",
        "Bare: `conv2d` and the gradient to its input, nothing else, in the same shapes, layout "
        "and precision. Engine: with the wrap around the torus and the rectifier.",
        table(found["layers"]),
        *_picture(name, "layers", drawn),
    ]
    parts += ["## Start", _startup(found["startup"])]
    parts += ["## Files", table(found["files"]) if found["files"] else "Not measured."]
    parts += ["## Hand-over in Blender", _blender(found["blender"])]
    return "\n\n".join(parts) + "\n"


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows in Markdown."""
    names = list(rows[0])
    lines = [names, ["---"] * len(names)]
    lines += [[_number(row[name]) for name in names] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _short(found: dict[str, Any]) -> Iterator[str]:
    """What most want to know, a sentence each."""
    for v in found["versus"]:
        if v["ratio"] is None:
            yield f"{v['exemplar']}: ours did not get to the look that plain Gatys ends with."
        else:
            yield (
                f"{v['exemplar']}, {v['side']}²: the look that plain Gatys ends with, after "
                f"{v['baseline seconds']:.0f} s, is there after {v['our seconds']:.1f} s, in "
                f"**1/{v['ratio']:.0f} of the time**. {_CAVEAT}"
            )
    done = [run for run in found["runs"] if "failed" not in run]
    for run in done[-1:]:
        yield (
            f"A texture of {run['side']}², {run['quality']}: {run['seconds']:.0f} s, "
            f"{_bytes(run['device memory'] or run['memory'])}."
        )
    for row in found["evaluations"][-1:]:
        of_bare = _evaluation(row, found["layers"])["of bare"]
        yield (
            f"An evaluation at {row['side']}²: {row['evaluation s'] * 1e3:.0f} ms, {of_bare} of "
            "the rate that bare convolutions have here."
        )
    if found["startup"]:
        running = {k: s for k, s in found["startup"]["service"]["warm"].items() if "running" in k}
        after = (f"{s:.1f} s ({key.removeprefix('running, ')})" for key, s in running.items())
        yield f"An engine that runs shows a first preview after {', '.join(after)}."


def _versus(several: list[dict[str, Any]]) -> list[str]:
    first = several[0]
    judge = first["judge"]
    figure = (
        f"Look: by `{judge}`, which nothing here optimises."
        if judge
        else "Look: sliced Wasserstein distance of the features of a seeded random network, which "
        "nothing here optimises. Such a network sees fineness and colour more than structure: for "
        "how it looks to a trained one, name a `--judge`."
    )
    rows = [
        {
            "": v["exemplar"],
            "baseline ends with look": v["goal"],
            "it has that after s": v["baseline seconds"],
            f"ours ({v['quality']}) after s": v["our seconds"],
            "ratio": v["ratio"],
            "ours ends with": v["ours"][-1]["figure"],
            "after s ": v["ours"][-1]["seconds"],
            "ours at the baseline’s own loss after s": v["our seconds to its loss"],
        }
        for v in several
    ]
    return [
        f"At {first['side']}², same network and layers. The baseline is Gatys et al. 2015 as one "
        "writes it down in PyTorch: pixels from noise, float32, `torch.optim.LBFGS` as it comes "
        f"with 20 pairs, {first['evaluations']} evaluations (`benchmarks/speed/baseline.py`). "
        f"{figure} Lower is better; 1: as alike as the exemplar’s own halves. The baseline has its "
        "final look once it is within 2 % of its least figure; ours, once it is there to stay. "
        "The baseline’s own loss is what it minimises and ours does not; “–”: never."
        + ("" if first["evaluations"] >= _ENOUGH else _TOO_FEW),
        table(rows),
    ]


def _runs(runs: list[dict[str, Any]]) -> str:
    lines = [f"{run['side']}² failed: {run['failed']}" for run in runs if "failed" in run]
    rows = [
        {
            "side": run["side"],
            "quality": run["quality"],
            "seconds": run["seconds"],
            "evaluations": run["evaluations"],
            "µs a texel": run["µs a texel"],
            "peak memory": _bytes(run["memory"]),
            "peak device memory": _bytes(run["device memory"]),
        }
        for run in runs
        if "failed" not in run
    ]
    return "\n\n".join([*([table(rows)] if rows else []), *lines])


def _evaluation(row: dict[str, Any], layers: list[dict[str, Any]]) -> dict[str, Any]:
    flops = sum(layer["GFLOP"] for layer in layers)
    bare = flops / sum(layer["bare ms"] for layer in layers) * 1e3
    return {
        "side": row["side"],
        "tiles": row["tiles"],
        "evaluation ms": row["evaluation s"] * 1e3,
        "of that canvas ms": row["canvas s"] * 1e3,
        "optimiser ms": row["optimiser s"] * 1e3,
        "GFLOP": row["GFLOP"],
        "rate, GFLOP/s": row["GFLOP/s"],
        "of bare": f"{row['GFLOP/s'] / bare:.0%}",
        "µs a texel": row["µs a texel"],
    }


def _startup(startup: dict[str, Any]) -> str:
    if not startup:
        return "Not measured: the engine needs OpenImageIO and safetensors."
    names = {"warm": "warm", "cold": "cold: its files forgotten by the system first"}
    rows = [
        {"engine": name, **{f"{what}, s": s for what, s in startup["service"][key].items()}}
        for key, name in names.items()
        if key in startup["service"]
    ]
    kinds = startup["parts"]
    parts = [
        {"s": what, **{kind: of_kind[what] for kind, of_kind in kinds.items()}}
        for what in next(iter(kinds.values()))
    ]
    return (
        "The service as the extension starts it: seconds from starting the process to its greeting "
        f"and to a first preview; then, of an engine that runs, from being asked.\n\n{table(rows)}"
        f"\n\nWhere the seconds from the process’ start to a first preview go:\n\n{table(parts)}"
    )


def _blender(blender: dict[str, Any]) -> str:
    if "images" not in blender:
        return f"Not measured: {blender.get('why', 'no Blender')}"
    return (
        f"Blender {blender['blender']}; it installs the extension in {blender['install s']:.1f} s. "
        "An image whose file is on disk is given as that; one with changed pixels is written "
        f"first. What comes back is loaded and packed.\n\n{table(blender['images'])}"
    )


def _picture(name: str, kind: str, drawn: Sequence[str]) -> list[str]:
    return [f"![{kind}]({name}-{kind}.png)"] if kind in drawn else []


def _bytes(n: int | None) -> str:
    if n is None:
        return "–"
    unit = next((u for u in _UNITS if n >= u), 2**20)
    return f"{n / unit:.2f} {_UNITS[unit]}"


def _number(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"
    return str(value)
