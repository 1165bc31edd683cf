"""From starting the engine to the first preview, warm and cold, and where the seconds go."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from texcore import protocol
from texcore.recipe import Recipe
from texcore.userdirs import cache_dir
from tools.project import ROOT

_PACKAGES = ("torch", "numpy", "OpenImageIO", "safetensors")
# Printed by the child at each milestone.
_CODE = """
import sys, time
begun = float(sys.argv[1])
def mark(what): print(f"{time.time() - begun:.3f} {what}", flush=True)
mark("interpreter")
import numpy
mark("import numpy")
import torch
mark("import torch")
import texcore.pipeline
mark("import the engine and OpenImageIO")
from benchmarks.speed import subject
network = subject.network(sys.argv[2])
mark("read the weights")
from texcore.exemplar import Exemplar
from texcore.recipe import Recipe
from texcore.synthesis import Synthesis
from texcore import devices
device = devices.choose(sys.argv[3])
synthesis = Synthesis(Exemplar.of(subject.discs(256)), Recipe(size=(256, 256)), network, device,
                      devices.precision("auto", device))
next(synthesis.steps())
mark("first evaluation")
synthesis.preview()
mark("preview")
"""


def measure(exemplar: Path, weights: str, device: str) -> dict[str, Any]:
    """All times in seconds from before the process is started."""
    answer: dict[str, Any] = {"service": _service(exemplar, weights, device)}
    if _forget():
        answer["where a cold start goes"] = _timeline(weights, device)
    answer["where a warm start goes"] = _timeline(weights, device)
    if _forget():
        answer["service cold"] = _service(exemplar, weights, device)
    answer["service"] = min(
        (answer["service"], _service(exemplar, weights, device)), key=lambda s: s["preview"]
    )
    return answer


def _service(exemplar: Path, weights: str, device: str) -> dict[str, float]:
    """The service as the extension starts it: seconds to its greeting and to a preview."""
    begun = time.perf_counter()
    with (
        TemporaryDirectory() as folder,
        subprocess.Popen(
            [sys.executable, "-m", "texcore", "serve"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as process,
    ):
        try:
            return _asked(process, Path(folder), exemplar, weights, device, begun)
        finally:
            process.kill()


def _asked(
    process: subprocess.Popen[bytes],
    folder: Path,
    exemplar: Path,
    weights: str,
    device: str,
    begun: float,
) -> dict[str, float]:
    assert process.stdin and process.stdout
    hello = protocol.Hello(protocol.PROTOCOL_VERSION, "bench")
    job = protocol.Synthesize(
        exemplar=str(exemplar.absolute()),
        output=str(folder / "out.png"),
        recipe=Recipe(size=(256, 256)).to_json(),
        device=device,
        weights=weights,
        preview=str(folder / "preview.png"),
        online=False,
    )
    process.stdin.write(protocol.request(1, "hello", hello))
    process.stdin.write(protocol.request(2, "synthesize", job))
    process.stdin.flush()
    greeted = 0.0
    for message in _messages(process.stdout):
        now = time.perf_counter() - begun
        if "error" in message:
            raise RuntimeError(message["error"]["message"])
        if message.get("id") == 1:
            greeted = now
        if message.get("params", {}).get("preview"):
            return {"greeting": greeted, "preview": now}
    raise RuntimeError("the engine ended before it showed a preview")


def _messages(stream: IO[bytes]) -> Iterator[dict[str, Any]]:
    for line in stream:
        yield json.loads(line)


def _timeline(weights: str, device: str) -> dict[str, float]:
    """Seconds that each part of a start takes."""
    words = [sys.executable, "-c", _CODE, str(time.time()), weights, device]
    done = subprocess.run(
        words,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        text=True,
    )
    parts: dict[str, float] = {}
    before = 0.0
    for line in done.stdout.splitlines():
        at, _, what = line.partition(" ")
        parts[what] = round(float(at) - before, 3)
        before = float(at)
    parts["together"] = before
    return parts


def _forget() -> bool:
    """Make the system forget the files of a start, as after a reboot; False where it cannot.

    Only pages that no program uses are given up, so the rest of the machine does not notice.
    """
    if not hasattr(os, "posix_fadvise"):
        return False
    site = Path(sysconfig.get_path("purelib"))
    extra = [Path(line) for line in sys.path if line and Path(line).name == "site-packages"]
    folders = {folder / name for folder in (site, *extra) for name in _PACKAGES}
    for folder in (*folders, cache_dir() / "weights"):
        for path in folder.rglob("*") if folder.is_dir() else ():
            if path.is_file():
                with path.open("rb") as file:
                    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return True
