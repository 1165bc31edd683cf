"""Tell how much memory is free, how much this process has, and say bytes in words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from ..contract.errors import BadInput
from ..contract.parsing import quote

if TYPE_CHECKING:
    import torch

# What this process is taken to have where nobody says.
_UNKNOWN_IN_USE = 2**29
# Bytes of the machine's memory that this process may have in all; None for what is free.
_share: int | None = None


def set_share(count: int | None) -> None:
    """Leave the rest of the machine's memory to others: plan with no more than so many bytes.

    Args:
        count: That this process may have in all; None for all that is free.
    """
    global _share
    _share = count


def machine_free() -> int | None:
    """Bytes of the machine's memory that this process can have; None where nobody says."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return None
    kibibytes = next((line.split()[1] for line in lines if line.startswith("MemAvailable:")), None)
    free = int(kibibytes) * 1024 if kibibytes else None
    if _share is None:
        return free
    left = max(0, _share - in_use())
    return left if free is None else min(free, left)


def gigabytes(count: float) -> str:
    """Bytes as a person says them: ``4.9 GB``, ``640 MB``."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


def read_bytes(text: str) -> int:
    """Return a number of bytes that a user gives, such as ``8GB`` or ``512 MiB``.

    Example:
        >>> read_bytes("8GB"), read_bytes("512 MiB")
        (8000000000, 536870912)

    Raises:
        BadInput: It is none.
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?\s*", text, re.ASCII | re.IGNORECASE)
    if not found:
        raise BadInput(f"“{quote(text)}” is no amount of memory: use one such as 8GB.")
    power = "kmgt".find(found[2].lower()) + 1 if found[2] else 0
    return int(float(found[1]) * (1024 if found[3] else 1000) ** power)


def in_use() -> int:
    """Bytes of the machine's memory that this process has now."""
    try:
        pages = Path("/proc/self/statm").read_text().split()[1]
    except OSError:
        return _UNKNOWN_IN_USE
    return int(pages) * 4096


def free(device: torch.device) -> int | None:
    """Bytes that can be had on a device: what is free, and what torch holds in reserve.

    None where the system does not say.
    """
    if device.type == "cuda":
        # Here, not above: whoever reads a picture asks for the machine's memory only.
        import torch

        reserve = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return torch.cuda.mem_get_info(device)[0] + reserve
    return machine_free()
