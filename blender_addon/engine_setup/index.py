"""A wheel straight from a package index, for a Python that has no pip (PEP 503, PEP 691)."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import platform
import re
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from .locks import Locked
from .place import Failed
from .programs import explained

INDEX = "https://pypi.org/simple"
_JSON = "application/vnd.pypi.simple.v1+json"
_SECONDS = 15
# A wheel's file name (PEP 427) for any Python; nothing in it can lead out of a folder.
_WHEEL = re.compile(r"[A-Za-z0-9_.]+-[A-Za-z0-9_.!+]+-py3-none-([A-Za-z0-9_.]+)\.whl")
# More than the index says of one package, and more than a wheel of uv.
_MOST_BYTES_LISTED, _MOST_BYTES = 64 << 20, 256 << 20


def fetch(wanted: Locked, folder: Path, between: Callable[[], None]) -> Path:
    """Fetch the wheel of a package that needs no particular Python.

    Args:
        wanted: Its version, and the hashes of its files: the index is believed nothing else.
        folder: To put it into.
        between: Called between blocks; may raise to stop.

    Raises:
        Failed: The index cannot be reached, has no such wheel for this computer, or it is damaged.
    """
    url = f"{(os.environ.get('PIP_INDEX_URL') or INDEX).rstrip('/')}/{wanted.name}/"
    try:
        request = urllib.request.Request(url, headers={"Accept": _JSON})
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:
            listed = json.loads(answer.read(_MOST_BYTES_LISTED))
        found = next(_wheels(listed, wanted), None)
        if found is None:
            raise Failed(
                f"The package index has no {wanted.name} {wanted.version} for this computer.",
                "python",
            )
        name, where, sha256 = found
        path = folder / name
        digest = hashlib.sha256()
        left = _MOST_BYTES
        with (
            urllib.request.urlopen(urljoin(url, where), timeout=_SECONDS) as answer,
            path.open("wb") as file,
        ):
            while left > 0 and (block := answer.read(min(left, 1 << 18))):
                between()
                file.write(block)
                digest.update(block)
                left -= len(block)
    except (OSError, ValueError, RecursionError, http.client.HTTPException) as e:
        raise explained(f"{e}: network", f"fetching {wanted.name}") from None
    if digest.hexdigest() != sha256:
        path.unlink()
        raise Failed(f"The file {name} that arrived is damaged: try again.")
    return path


def _wheels(listed: Any, wanted: Locked) -> Iterator[tuple[str, str, str]]:
    """Name, address and hash of each wheel in an index's answer that is wanted and fits.

    Raises:
        ValueError: The answer is none of an index.
    """
    if not isinstance(listed, dict) or not isinstance(listed.get("files"), list):
        raise ValueError("the index's answer is not a list of files")
    for file in listed["files"]:
        if not isinstance(file, dict) or not isinstance(file.get("hashes"), dict):
            continue
        name, where, sha256 = file.get("filename"), file.get("url"), file["hashes"].get("sha256")
        if not (isinstance(name, str) and isinstance(where, str) and isinstance(sha256, str)):
            continue
        if sha256 in wanted.hashes and fits(name):
            yield name, where, sha256


def fits(name: str, system: str = sys.platform, machine: str = "") -> bool:
    """Whether a wheel is for this computer, whatever its Python.

    Args:
        name: The wheel's file name.
        system: As in ``sys.platform``.
        machine: As in ``platform.machine()``; empty: this one's.
    """
    machine = (machine or platform.machine()).lower().replace("amd64", "x86_64")
    machine = machine.replace("arm64", "aarch64")
    tag = _WHEEL.fullmatch(name)
    if tag is None or re.search(r"\d(a|b|rc)\d", name):
        return False
    tags = tag[1].replace("amd64", "x86_64").replace("arm64", "aarch64")
    kind = {"linux": "manylinux", "darwin": "macosx", "win32": "win"}.get(system, "-")
    return tags.startswith(kind) and machine in tags
