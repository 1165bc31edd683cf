"""Fetch files from an address, checked by the whole of their SHA-256.

Addresses are torchvision's, which writes eight digits of the hash into them: enough against damage,
but not against somebody who makes another file with the same eight.

Its own download (`torch.hub.load_state_dict_from_url`) is not used: it draws its progress on a
terminal, where Blender's panel wants to be told of it; it cannot be cancelled, waits for a silent
server for ever, and ends in whatever error the network had.
"""

from __future__ import annotations

import hashlib
import urllib.request
from collections.abc import Callable
from pathlib import Path

from ..contract.errors import Unavailable

Report = Callable[[str, float], None]
"""Called with what is happening and how far it is, 0 to 1; may raise to stop."""

# Seconds for a server to say something.
TIMEOUT = 6


def published_name(url: str) -> str:
    """The name of the file without its suffix: what it is, and eight digits of its SHA-256."""
    return url.rsplit("/", 1)[1].rsplit(".", 1)[0]


def fetch(url: str, path: Path, sha256: str, what: str, report: Report) -> None:
    """Download a file.

    Args:
        url: Its address.
        path: Where to.
        sha256: Its hash, all 64 digits.
        what: The file, for progress and complaints, such as ``VGG-19``.
        report: Told of the progress.

    Raises:
        OSError, http.client.HTTPException: The server, or the network, fails.
        Unavailable: What arrived has another hash.
    """
    digest = hashlib.sha256()
    with urllib.request.urlopen(url, timeout=TIMEOUT) as answer, path.open("wb") as file:
        total = int(answer.headers.get("Content-Length") or 0)
        done = 0
        while block := answer.read(1 << 20):
            file.write(block)
            digest.update(block)
            done += len(block)
            report(f"Fetching the {what} weights", done / total if total else 0.0)
    if digest.hexdigest() != sha256:
        raise Unavailable(f"the {what} file that arrived is damaged: its hash is wrong")
