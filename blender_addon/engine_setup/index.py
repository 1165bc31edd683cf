"""A wheel straight from a package index, for a Python that has no pip (PEP 503, PEP 691)."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from .place import Failed
from .programs import explained

INDEX = "https://pypi.org/simple"
_JSON = "application/vnd.pypi.simple.v1+json"
_SECONDS = 15


def fetch(package: str, folder: Path, between: Callable[[], None]) -> Path:
    """Fetch the newest wheel of a package that needs no particular Python.

    Args:
        package: Its name.
        folder: To put it into.
        between: Called between blocks; may raise to stop.

    Raises:
        Failed: The index cannot be reached, has no wheel for this computer, or it is damaged.
    """
    url = f"{(os.environ.get('PIP_INDEX_URL') or INDEX).rstrip('/')}/{package}/"
    try:
        request = urllib.request.Request(url, headers={"Accept": _JSON})
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:
            files: list[dict[str, Any]] = json.load(answer)["files"]
        found = next(
            (f for f in reversed(files) if fits(f["filename"]) and not f.get("yanked")), None
        )
        if found is None:
            raise Failed(f"The package index has no {package} for this computer.", "python")
        path = folder / found["filename"]
        digest = hashlib.sha256()
        with (
            urllib.request.urlopen(urljoin(url, found["url"]), timeout=_SECONDS) as answer,
            path.open("wb") as file,
        ):
            while block := answer.read(1 << 18):
                between()
                file.write(block)
                digest.update(block)
    except (OSError, ValueError, KeyError) as e:
        raise explained(f"{e}: network", f"fetching {package}") from None
    if digest.hexdigest() != found.get("hashes", {}).get("sha256"):
        raise Failed(f"The file {path.name} that arrived is damaged: try again.")
    return path


def fits(name: str, system: str = sys.platform, machine: str = "") -> bool:
    """Whether a wheel is for this computer, whatever its Python.

    Args:
        name: The wheel's file name.
        system: As in ``sys.platform``.
        machine: As in ``platform.machine()``; empty: this one's.
    """
    machine = (machine or platform.machine()).lower().replace("amd64", "x86_64")
    machine = machine.replace("arm64", "aarch64")
    tag = re.search(r"-py3-none-(.+)\.whl$", name)
    if tag is None or re.search(r"\d(a|b|rc)\d", name):
        return False
    tags = tag[1].replace("amd64", "x86_64").replace("arm64", "aarch64")
    kind = {"linux": "manylinux", "darwin": "macosx", "win32": "win"}.get(system, "-")
    return tags.startswith(kind) and machine in tags
