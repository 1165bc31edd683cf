"""Where Texcore keeps what belongs to a user: one cache folder and one data folder.

The build script, the engine and the extension all read this file, so they agree without asking each
other. Nothing here creates a folder. The package platformdirs knows the same folders, but cannot be
used: the Pythons of the build script and of Blender have the standard library only.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from .errors import Unavailable

HOME_VARIABLE = "TEXCORE_HOME"


def cache_dir() -> Path:
    """Folder of what can be fetched or built again: engine environments, weights.

    ``$TEXCORE_HOME/cache`` if that is set; else ``texcore`` in the platform's folder for caches.
    """
    return _folder("cache", "XDG_CACHE_HOME", ".cache", "Library/Caches")


def data_dir() -> Path:
    """Folder of what should be kept: which engine environment is in use.

    ``$TEXCORE_HOME/data`` if that is set; else ``texcore`` in the platform's folder for data.
    """
    return _folder("data", "XDG_DATA_HOME", ".local/share", "Library/Application Support")


def engine_python_file() -> Path:
    """The file whose one line is the path of the engine's Python; the set-up writes it."""
    return data_dir() / "engine-python.txt"


def _folder(name: str, xdg_variable: str, xdg_default: str, mac: str) -> Path:
    """``name`` tells cache from data where the platform has one folder for both.

    Raises:
        Unavailable: The user has no home folder, as in some containers.
    """
    try:
        return _platform_folder(name, xdg_variable, xdg_default, mac)
    except RuntimeError:
        raise Unavailable(
            f"This user has no home folder: set the variable {HOME_VARIABLE} to a folder that "
            "Texcore may use."
        ) from None


def _platform_folder(name: str, xdg_variable: str, xdg_default: str, mac: str) -> Path:
    if own := os.environ.get(HOME_VARIABLE):
        return Path(own).expanduser().absolute() / name
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        base = Path(local) if local else Path.home() / "AppData" / "Local"
        return base / "texcore" / name
    if sys.platform == "darwin":
        return Path.home() / mac / "texcore"
    # The XDG specification wants relative paths in its variables ignored.
    given = Path(os.environ.get(xdg_variable, ""))
    return (given if given.is_absolute() else Path.home() / xdg_default) / "texcore"
