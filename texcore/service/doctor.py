"""What is here, what is missing, and the command that mends it."""

from __future__ import annotations

import platform
import sys
from importlib import metadata
from typing import TYPE_CHECKING

from ..contract.errors import Unavailable
from ..contract.messages import Doctor
from ..contract.user_folders import cache_dir

if TYPE_CHECKING:
    from ..features import FeatureNetwork

_SETUP = "run “python3 build.py setup”, or set the engine up in the extension's preferences"
# Those that pyproject.toml names, which is not there where the extension brings the engine along.
_PACKAGES = (
    *("torch", "torchvision", "numpy", "pillow", "OpenImageIO", "safetensors", "tqdm"),
    *("scipy", "trimesh"),
)
# Size of the texture of which it is said how long it takes.
_TOLD_SIZE = (512, 512)


def examine() -> Doctor:
    """Look at this interpreter, its packages, the device and the weights; fetches nothing.

    How long things take is measured too, within two seconds, if nobody has done so before.
    """
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
        lines += [f"weights: {network.name} in {folder}", *_tell_time(network)]
    return Doctor(True, lines)


def _tell_time(network: FeatureNetwork) -> list[str]:
    """Say how long a texture takes here; it is measured now if it never was.

    The set-up ends with this, so that an artist is told before the first texture.
    """
    from ..contract.errors import TexcoreError
    from ..contract.estimates import Asked, estimate, round_seconds
    from ..contract.map_kinds import PICTURE
    from ..contract.recipe import Recipe
    from ..runtime import devices
    from .calibrating import calibrate
    from .preparation import Prepared

    device, recipe = devices.choose(), Recipe(size=_TOLD_SIZE)
    prepared = Prepared(device, devices.precision("auto", device), network, recipe, [])
    try:
        known = calibrate("auto", "auto", prepared)
    except (TexcoreError, OSError, RuntimeError, MemoryError):
        return []  # what cannot be measured is not in the way of a texture
    found = estimate(known, Asked(recipe, _TOLD_SIZE, (PICTURE,)))
    if found is None:
        return []
    width, height = _TOLD_SIZE
    return [f"{width} × {height} takes about {round_seconds(found[0].total)} s"]
