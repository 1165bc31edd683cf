"""What a computer has: its accelerator, and the room that PyTorch needs for it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

GB = 1e9
#: The network's weights: VGG-19 as it is published, and what is kept of it.
WEIGHTS_DOWNLOAD, WEIGHTS_DISK = 0.58, 0.09
#: The share of the disk that a set-up leaves free, as a factor on what it needs.
SPARE = 1.2
_PROBE_SECONDS = 10


@dataclass(frozen=True)
class Needs:
    """What an engine environment costs.

    Attributes:
        accelerator: ``NVIDIA``, ``AMD``, ``Apple`` or ``none``.
        download: Gigabytes to fetch, with the network's weights.
        disk: Gigabytes that it takes in the end, with the network's weights.
    """

    accelerator: str
    download: float
    disk: float

    @property
    def free(self) -> int:
        """Bytes that must be free before it begins."""
        return int(self.disk * SPARE * GB)


# Gigabytes of all wheels of PyTorch 2.13 and the engine's other packages for Python 3.12, to fetch
# and unpacked, added up from the package index in November 2026. Those with a tilde have no build
# there: they are the sizes of the build before, rounded up.
_SIZES = {
    ("linux", "none"): (0.24, 0.9),
    ("linux", "NVIDIA"): (2.8, 4.9),
    ("linux", "AMD"): (5.0, 18.0),  # ~
    ("darwin", "Apple"): (0.15, 0.6),
    ("darwin", "none"): (0.15, 0.6),
    ("win32", "none"): (0.16, 0.6),
    ("win32", "NVIDIA"): (2.6, 5.0),  # ~
}


def needs(accelerator: str, platform: str = sys.platform) -> Needs:
    """What the environment costs for an accelerator; for one unknown there, the processor's."""
    download, disk = _SIZES.get((platform, accelerator)) or _SIZES.get((platform, "none"), (3, 5))
    return Needs(accelerator, download + WEIGHTS_DOWNLOAD, disk + WEIGHTS_DISK)


def needs_own_build(accelerator: str, platform: str = sys.platform) -> bool:
    """Whether PyTorch's own index has a better build for an accelerator than the package index."""
    return platform == "linux" or accelerator == "NVIDIA"


def accelerator() -> str:
    """What PyTorch could compute on besides the processor: a key of `needs`."""
    if sys.platform == "darwin":
        return "Apple"
    if "GPU" in _said("nvidia-smi", "-L"):
        return "NVIDIA"
    if sys.platform == "linux" and Path("/dev/kfd").exists():
        return "AMD"
    return "none"


def _said(program: str, *words: str) -> str:
    """What a program prints; nothing if it is not there or fails."""
    path = shutil.which(program)
    if path is None:
        return ""
    try:
        done = subprocess.run(
            [path, *words],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PROBE_SECONDS,
            stdin=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def check_room(folder: Path, bytes_needed: int) -> str:
    """Why a disk has no room, in a sentence; nothing if it has."""
    free = shutil.disk_usage(folder).free
    if free >= bytes_needed:
        return ""
    return (
        f"The disk of {folder} has {free / GB:.1f} GB free, and {bytes_needed / GB:.1f} GB are "
        "needed: make room, or choose a folder on another disk."
    )
