"""What is here, what is missing, and the command that mends it."""

from __future__ import annotations

import platform
import sys
from importlib import metadata

from ..contract.errors import Unavailable
from ..contract.messages import Doctor
from ..contract.user_folders import cache_dir

_SETUP = "run “python3 build.py setup”, or set the engine up in the extension's preferences"
# Those that pyproject.toml names, which is not there where the extension brings the engine along.
_PACKAGES = ("torch", "torchvision", "numpy", "pillow", "OpenImageIO", "safetensors", "tqdm")


def examine() -> Doctor:
    """Look at this interpreter, its packages, the device and the weights; fetches nothing."""
    lines = [f"Python {platform.python_version()} at {sys.executable}"]
    missing = []
    for package in _PACKAGES:
        try:
            lines.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            missing.append(package)
            lines.append(f"{package} is missing: {_SETUP}")
    if missing:
        return Doctor(False, lines)
    from ..features import weights
    from ..runtime import devices

    device = devices.choose()
    precision = str(devices.precision("auto", device)).removeprefix("torch.")
    lines.append(f"computes on {device}, {devices.describe(device)}, in {precision}")
    try:
        network, without = weights.load(online=False)
    except Unavailable as e:
        return Doctor(False, [*lines, f"weights: {e}"])
    folder = cache_dir() / "weights"
    if without:
        lines.append(
            f"weights: none yet in {folder}; the first run fetches them, or run "
            "“python -m texcore weights”"
        )
    else:
        lines.append(f"weights: {network.name} in {folder}")
    return Doctor(True, lines)
