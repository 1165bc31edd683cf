"""An engine that makes noise at once, so that what Blender does with a texture can be checked fast.

At quality “high” it sends previews until it is cancelled.
"""

from __future__ import annotations

import json
import queue
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


def cancelled() -> bool:
    """Whether a cancel comes within a moment; nothing else is sent to an engine at work."""
    try:
        message = messages.get(timeout=SECONDS_BETWEEN)
    except queue.Empty:
        return False
    if message is None:
        sys.exit()
    return message["method"] == "cancel"


def paint(message: dict) -> None:
    words = message["params"]
    recipe = words["recipe"]
    width, height = recipe["size"]
    rng = np.random.default_rng(recipe["seed"])
    step, steps = 0, 3
    while step < steps:
        if words["preview"]:
            rows = rng.integers(0, 255, (min(height, 512), min(width, 512), 4), np.uint8)
            rows[..., 3] = 255
            whole = Path(words["preview"])
            np.save(whole.with_suffix(".part.npy"), rows)
            whole.with_suffix(".part.npy").replace(whole)
        progress = {"job": message["id"], "fraction": step / steps, "stage": "Painting"}
        say(method="progress", params={**progress, "preview": words["preview"]})
        if cancelled():
            say(id=message["id"], error={"code": -32002, "message": "Cancelled."})
            return
        step += recipe["quality"] != "high"
    head = Path(words["exemplar"]).read_bytes()[:26]
    is_png = head[:4] == b"\x89PNG"
    bits, colours = (head[24], {2: 3, 6: 4}[head[25]]) if is_png else (8, 3)
    pixels = rng.uniform(0, 1, (height, width, colours))
    pixels[..., 3:] = 1
    Path(words["output"]).write_bytes(png(pixels, bits))
    about = {"output": words["output"], "width": width, "height": height, "evaluations": steps}
    speaking.answer(message, {**about, "seconds": 0.1, "network": "none", "recipe": recipe})


speaking.greet()
threading.Thread(target=listen, daemon=True).start()
while (request := messages.get()) is not None:
    if request.get("method") == "synthesize":
        paint(request)
