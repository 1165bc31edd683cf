"""Freed memory, kept for what comes next.

The C library of Linux returns every large block to the system once it is freed, and the next one
comes back empty, a page fault for each 4 KiB of it. An evaluation frees and wants the same blocks
over and over: a third of its time can go into that on a virtual machine. What is kept is in holes
that do not always fit, which took a fifth more memory where it was measured (`benchmarks/heap.md`).
"""

from __future__ import annotations

import ctypes
import platform
from collections.abc import Iterator
from contextlib import contextmanager

# Of malloc.h (glibc), and what they are unless set.
_M_TRIM_THRESHOLD, _TRIM_THRESHOLD = -1, 128 * 1024
_M_MMAP_MAX, _MMAP_MAX = -4, 65536
_M_TOP_PAD, _TOP_PAD = -2, 128 * 1024
# Threads other than the first have heaps of 64 MiB, and an empty one is returned unless so much
# more than it is to be kept.
_MORE_THAN_A_HEAP = 128 * 1024 * 1024


def _glibc() -> ctypes.CDLL | None:
    return ctypes.CDLL(None) if platform.libc_ver()[0] == "glibc" else None


@contextmanager
def kept() -> Iterator[None]:
    """Let the process keep what it frees until the end; elsewhere than on Linux nothing changes."""
    libc = _glibc()
    if libc is None:
        yield
        return
    libc.mallopt(_M_MMAP_MAX, 0)
    libc.mallopt(_M_TRIM_THRESHOLD, -1)
    libc.mallopt(_M_TOP_PAD, _MORE_THAN_A_HEAP)
    try:
        yield
    finally:
        libc.mallopt(_M_MMAP_MAX, _MMAP_MAX)
        libc.mallopt(_M_TRIM_THRESHOLD, _TRIM_THRESHOLD)
        libc.mallopt(_M_TOP_PAD, _TOP_PAD)
        libc.malloc_trim(0)


def give_back() -> None:
    """Return what is free to the system now, for what comes next is of other sizes."""
    libc = _glibc()
    if libc is not None:
        libc.malloc_trim(0)
