"""What computes here, how busy it is, and a stopwatch that waits for the device."""

from __future__ import annotations

import contextlib
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from texcore.runtime import devices

# A busy machine only ever adds to a time: so the least of a few is taken, not their mean.
_LEAST_REPEATS = 3
_BUDGET_SECONDS = 1.0


class NotMeasured(Exception):
    """Something that was asked for cannot be measured here; the text says why."""


def describe(device: torch.device, dtype: torch.dtype) -> dict[str, Any]:
    """Names and numbers of the machine, and its load before anything is measured."""
    described = {
        "device": devices.describe(device),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "precision": str(dtype).removeprefix("torch."),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "torch": torch.__version__,
    }
    if hasattr(os, "getloadavg"):
        described["load before"] = round(os.getloadavg()[0], 2)
    return described


def busy(described: dict[str, Any]) -> bool:
    """Whether others were at work, so that times say little."""
    return described.get("load before", 0.0) > 0.3


def seconds(work: Callable[[], object], device: torch.device, once: bool = False) -> float:
    """Least time of some work on a device; ``once`` for what takes long, without warming up."""
    if not once:
        work()
    least, begun = float("inf"), time.perf_counter()
    for repeat in range(1, 50):
        synchronize(device)
        start = time.perf_counter()
        work()
        synchronize(device)
        least = min(least, time.perf_counter() - start)
        spent = time.perf_counter() - begun
        if once or (repeat >= _LEAST_REPEATS and spent > _BUDGET_SECONDS):
            break
    return least


def synchronize(device: torch.device) -> None:
    """Wait until the device has done all that it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def peak_memory() -> int | None:
    """Most bytes that this process has held in main memory at a time, where the system tells."""
    with contextlib.suppress(OSError):
        # What `getrusage` tells on Linux is at least what the parent held when it made this one.
        lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))
    try:
        import resource
    except ImportError:
        return None
    unit = 1 if platform.system() == "Darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def peak_device_memory(device: torch.device) -> int | None:
    """Most bytes that torch has held on a CUDA device at a time."""
    return torch.cuda.max_memory_reserved(device) if device.type == "cuda" else None


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
