"""From starting the engine, or asking one that runs, to the first preview; where the time goes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from texcore.contract import messages
from texcore.contract.jobs import Job
from texcore.contract.recipe import Recipe
from texcore.contract.user_folders import cache_dir
from tools.project import ROOT

_PACKAGES = ("torch", "numpy", "OpenImageIO", "safetensors")
#: Sides of the canvases that are asked for.
SIDES = (256, 1024)
# Run with when it was started, the exemplar, weights, device, a side and a folder; prints seconds
# and what is done by then. What the pipeline calls on its way is made to say so.
_CODE = """
import sys, time
begun, exemplar, weights, device, side, folder = float(sys.argv[1]), *sys.argv[2:]
def mark(what): print(f"{time.time() - begun:.3f} {what}", flush=True)
def marking(module, name, after, before=None):
    function = getattr(module, name)
    def marked(*words, **more):
        if before: mark(before)
        done = function(*words, **more)
        mark(after)
        return done
    setattr(module, name, marked)
def marking_first(module, name, after, before):
    function = getattr(module, name)
    def marked(*words):
        mark(before)
        for number, made in enumerate(function(*words)):
            if number == 0: mark(after)
            yield made
    setattr(module, name, marked)
mark("interpreter")
import numpy
mark("import numpy")
from texcore.runtime.threads import wait_politely
wait_politely()
import torch
mark("import torch")
from pathlib import Path
from texcore import pictures
from texcore.contract.jobs import Job
from texcore.contract.recipe import Recipe
from texcore.features import weights as networks
from texcore.service import pipeline
from texcore.synthesis import layout_start
mark("import the engine and OpenImageIO")
marking(pictures, "read", "read the exemplar")
marking(networks, "load", "read the weights")
marking_first(layout_start, "lay_out", "sew a first patchwork", "find periods, plan")
marking(pictures, "write_preview", "preview", "blend the joints")
job = Job.of_picture(Path(exemplar), Path(folder, "out.png"), Recipe(size=(int(side),) * 2),
                     preview=Path(folder, "preview.png"), device=device, weights=weights,
                     online=False)
assert next(pipeline.run(job)).previewed
"""


def measure(exemplar: Path, weights: str, device: str) -> dict[str, Any]:
    """Seconds to a first preview, and where they go.

    Args:
        exemplar: A picture.
        weights: As the engine is told.
        device: Likewise.
    """
    answer: dict[str, Any] = {}
    if _forget():
        answer["cold"] = _service(exemplar, weights, device)
    answer["warm"] = _service(exemplar, weights, device)
    columns: dict[str, dict[str, float]] = {}
    if _forget():
        columns[f"{SIDES[0]}², cold"] = _timeline(exemplar, weights, device, SIDES[0])
    for side in SIDES:
        columns[f"{side}²"] = _timeline(exemplar, weights, device, side)
    return {"service": answer, "parts": columns}


def _service(exemplar: Path, weights: str, device: str) -> dict[str, float]:
    """The service as the extension starts it: seconds to its greeting and to first previews.

    The first job follows the start; the others meet an engine that runs, from being asked.
    """
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
            client = _Client(process, Path(folder), exemplar.absolute(), weights, device)
            client.answer("hello", messages.Hello(messages.PROTOCOL_VERSION, "bench"))
            found = {"greeting": time.perf_counter() - begun}
            client.preview(SIDES[0])
            found["first preview"] = time.perf_counter() - begun
            for side in SIDES:
                found[f"running, {side}²"] = client.preview(side)
            return found
        finally:
            process.kill()


class _Client:
    """Asks an engine for textures, and is content with their first previews."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        folder: Path,
        exemplar: Path,
        weights: str,
        device: str,
    ) -> None:
        assert process.stdin and process.stdout
        self._in, self._out = process.stdin, process.stdout
        self._folder, self._exemplar = folder, exemplar
        self._weights, self._device = weights, device
        self._id = 0

    def answer(self, method: str, params: object) -> None:
        """Ask, and wait for the answer."""
        self._ask(method, params)
        while self._message().get("id") != self._id:
            pass

    def preview(self, side: int) -> float:
        """Seconds from asking for a texture to its first preview; then it is cancelled."""
        job = Job.of_picture(
            self._exemplar,
            self._folder / "out.png",
            Recipe(size=(side, side)),
            preview=self._folder / "preview.png",
            device=self._device,
            weights=self._weights,
            online=False,
        )
        begun = time.perf_counter()
        self._ask("synthesize", job)
        while not self._message().get("params", {}).get("previewed"):
            pass
        seconds = time.perf_counter() - begun
        self._write(messages.notification("cancel", messages.Cancel(self._id)))
        while self._message(cancelled=True).get("id") != self._id:
            pass
        return seconds

    def _ask(self, method: str, params: object) -> None:
        self._id += 1
        self._write(messages.request(self._id, method, params))

    def _write(self, line: bytes) -> None:
        self._in.write(line)
        self._in.flush()

    def _message(self, cancelled: bool = False) -> dict[str, Any]:
        line = self._out.readline()
        if not line:
            raise RuntimeError("the engine ended before it answered")
        message: dict[str, Any] = json.loads(line)
        if "error" in message and not cancelled:
            raise RuntimeError(message["error"]["message"])
        return message


def _timeline(exemplar: Path, weights: str, device: str, side: int) -> dict[str, float]:
    """Seconds that each part of a start takes."""
    with TemporaryDirectory() as folder:
        given = [str(time.time()), str(exemplar.absolute()), weights, device, str(side), folder]
        done = subprocess.run(
            [sys.executable, "-c", _CODE, *given],
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
