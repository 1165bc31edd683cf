"""An engine that makes noise at once, so that what Blender does with a texture can be checked fast.

At quality “high” it sends previews until it is cancelled, or told to finish.
"""

from __future__ import annotations

import json
import queue
import struct
import sys
import threading
from pathlib import Path

import numpy as np
import speaking
from png import png

messages: queue.Queue = queue.Queue()
SECONDS_BETWEEN = 0.02


def listen() -> None:
    """Runs beside the work, which a message may cancel."""
    while (message := speaking.read()) is not None:
        messages.put(message)
    messages.put(None)


def say(**message) -> None:
    print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)


def hear() -> str:
    """What comes within a moment: cancel, finish or nothing."""
    try:
        message = messages.get(timeout=SECONDS_BETWEEN)
    except queue.Empty:
        return ""
    if message is None:
        sys.exit()
    return message["method"]


def paint(message: dict) -> None:
    """Make previews, then noise for whatever is wanted, unless it is cancelled."""
    words = message["params"]
    recipe, maps = words["recipe"], words["maps"]
    rng = np.random.default_rng(recipe["seed"])
    step, steps, notes = 0, 3, []
    most = None  # pixels a side: the first preview is of full size
    while step < steps:
        previews = [files["preview"] for files in maps.values() if files["preview"]]
        for path in previews:
            preview(Path(path), rng, recipe["size"], most)
        most = 1024
        progress = {"job": message["id"], "fraction": step / steps, "stage": "Painting"}
        news = {"previewed": bool(previews), "keepable": step > 0 or recipe["quality"] == "high"}
        say(method="progress", params={**progress, **news})
        heard = hear()
        if heard == "cancel":
            say(id=message["id"], error={"code": -32002, "message": "Cancelled."})
            return
        if heard == "finish":
            notes = ["Stopped early."]
            break
        step += recipe["quality"] != "high"
    outputs = {kind: files["output"] for kind, files in maps.items()} | words["derive"]
    exemplars = {kind: files["exemplar"] for kind, files in maps.items()}
    for kind, output in outputs.items():
        source = Path(exemplars.get(kind, next(iter(exemplars.values()))))
        sixteen = kind in maps and maps[kind]["bit_depth"] == "16"
        size = sizes(exemplars, kind, recipe["size"])
        for number in words["udim"]:
            tell_number(Path(output.replace("<UDIM>", str(number))), number, size, words["udim"])
        if words["udim"]:
            continue
        noise(source, Path(output), rng, size, 16 if sixteen else 0)
    width, height = recipe["size"]
    recipe = recipe if "picture" in maps else {**recipe, "maps": ",".join(maps)}
    made = {kind: {"output": output, "recipe": recipe} for kind, output in outputs.items()}
    about = {"maps": made, "width": width, "height": height, "evaluations": steps, "notes": notes}
    speaking.answer(message, {**about, "seconds": 0.1, "network": "none"})


def tell_number(path: Path, number: int, size: list[int], udim: list[int]) -> None:
    """A UDIM tile of one colour that says which it is: red how far right, green how far up."""
    places = [divmod(n - 1001, 10) for n in udim]
    rows, columns = (max(n) - min(n) + 1 for n in zip(*places, strict=True))
    v, u = divmod(number - 1001, 10)
    colour = np.array([(u + 1) / 10, (v + 1) / 10, 0.5])
    path.write_bytes(png(np.broadcast_to(colour, (size[1] // rows, size[0] // columns, 3))))


def preview(path: Path, rng: np.random.Generator, size: list[int], most: int | None) -> None:
    """A preview of noise, whole, of at most so many pixels a side."""
    shrink = min(1, most / max(size)) if most else 1
    rows = rng.integers(0, 255, (*(round(n * shrink) for n in reversed(size)), 4), np.uint8)
    rows[..., 3] = 255
    np.save(path.with_suffix(".part.npy"), rows)
    path.with_suffix(".part.npy").replace(path)


def head(source: Path) -> tuple[int, int, int, int]:
    """Width, height, bits and channels of a PNG; what is none is taken for a small one."""
    data = source.read_bytes()[:26]
    if data[:4] != b"\x89PNG":
        return 32, 32, 8, 3
    return *struct.unpack(">II", data[16:24]), data[24], {0: 3, 2: 3, 4: 4, 6: 4}[data[25]]


def sizes(maps: dict[str, str], id: str, size: list[int]) -> list[int]:
    """The size of a map, in proportion to its exemplar's; those derived are as the canvas."""
    each = {kind: head(Path(path))[:2] for kind, path in maps.items()}
    largest = max(each.values(), key=lambda s: s[0] * s[1])
    own = each.get(id, largest)
    return [round(side * o / most) for side, o, most in zip(size, own, largest, strict=True)]


def noise(
    source: Path, output: Path, rng: np.random.Generator, size: list[int], bits: int = 0
) -> None:
    """A picture of noise with the bits and channels of another."""
    _, _, its_bits, channels = head(source)
    pixels = rng.uniform(0, 1, (size[1], size[0], channels))
    pixels[..., 3:] = 1
    output.write_bytes(png(pixels, bits or its_bits))


speaking.greet()
threading.Thread(target=listen, daemon=True).start()
while (request := messages.get()) is not None:
    if request.get("method") == "synthesize":
        paint(request)
