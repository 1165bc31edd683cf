"""What was measured as a page, as JSON and as plots, written whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from . import plots
from .machine import busy

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
    machine, versus = found["machine"], found["versus"]
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
    parts += ["## Against plain Gatys", _versus(versus), *_picture(name, "versus", drawn)]
    parts += ["## Whole runs", _runs(found["runs"]), *_picture(name, "size", drawn)]
    parts += [
        "## One evaluation, one octave",
        "“Rate” is that of all convolutions over the time of the whole evaluation: network, "
        "statistics, canvas. “Of bare” compares it with these convolutions alone, below.",
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


def _versus(v: dict[str, Any]) -> str:
    ratio = (
        "Ours did not reach it."
        if v["ratio"] is None
        else f"Ours had it after **{v['our seconds']:.1f} s**, in 1/{v['ratio']:.1f} of the time."
    )
    its = v["our seconds to its loss"]
    ratio += (
        " By the baseline's own loss, which ours does not minimise, ours did not reach it."
        if its is None
        else f" By the baseline's own loss, which ours does not minimise, it took {its:.1f} s."
    )
    if "random network" in v["judge"]:
        ratio += (
            " A shallow random network sees fineness and colour more than structure: for how it "
            "looks to a trained one, name a `--judge`."
        )
    rows = [{"": who, **v[key][-1]} for who, key in (("baseline", "baseline"), ("ours", "ours"))]
    return (
        f"At {v['side']}², same network and layers; figure: {v['judge']} (lower is better; 1: as "
        "alike as the exemplar's own halves). The baseline is pixels from noise by "
        "`torch.optim.LBFGS`, in float32; it ended at "
        f"{v['final figure']:.3f} after {v['baseline seconds']:.1f} s. {ratio} In the end:\n\n"
        + table(rows)
    )


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
        return "Not measured."
    names = {"service": "warm", "service cold": "cold: its files forgotten by the system first"}
    rows = [
        {
            "engine": name,
            "greeting s": startup[key]["greeting"],
            "preview s": startup[key]["preview"],
        }
        for key, name in names.items()
        if key in startup
    ]
    kinds = [
        key for key in ("where a cold start goes", "where a warm start goes") if key in startup
    ]
    parts = [
        {"seconds": what, **{kind.split()[2]: startup[kind][what] for kind in kinds}}
        for what in startup[kinds[0]]
    ]
    return f"From starting the process.\n\n{table(rows)}\n\nWhere they go:\n\n{table(parts)}"


def _blender(blender: dict[str, Any]) -> str:
    if "images" not in blender:
        return f"Not measured: {blender.get('why', 'no Blender')}"
    return f"Blender {blender['blender']}.\n\n{table(blender['images'])}"


def _picture(name: str, kind: str, drawn: Sequence[str]) -> list[str]:
    return [f"![{kind}]({name}-{kind}.png)"] if kind in drawn else []


def _bytes(n: int | None) -> str:
    if n is None:
        return "–"
    unit = next((u for u in _UNITS if n >= u), 2**20)
    return f"{n / unit:.2f} {_UNITS[unit]}"


def _number(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"
    return str(value)
