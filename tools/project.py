"""What this clone says about itself: its folders, versions and requirements."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"


def requirements(group: str | None = None) -> tuple[str, ...]:
    """What the engine needs, or a dependency group such as ``dev``, as pip reads it."""
    project = _read(ROOT / "pyproject.toml")
    lines = project["dependency-groups"][group] if group else project["project"]["dependencies"]
    return tuple(lines)


def homepage() -> str:
    """The address that this clone gives for itself; empty where it gives none."""
    urls: dict[str, str] = _read(ROOT / "pyproject.toml")["project"].get("urls", {})
    return urls.get("Homepage", "")


def manifest() -> dict[str, Any]:
    """The extension's manifest."""
    return _read(ROOT / "blender_addon" / "blender_manifest.toml")


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))
