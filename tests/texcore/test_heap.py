"""Freed memory is kept while a texture is made, and given back afterwards."""

import platform

import pytest
import torch

from texcore import heap, memory

resource = pytest.importorskip("resource")
pytestmark = pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="other C libraries are left as they are"
)
_FLOATS = 16 * 2**20


def faults():
    """How many pages are fetched when large blocks are wanted and freed again."""
    # Until there is a hole of the right size the heap grows.
    for _ in range(24):
        torch.zeros(_FLOATS)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(5):
        torch.zeros(_FLOATS)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def test_what_is_freed_is_there_for_the_next():
    # A page may be 4 KiB or, where the system likes large ones, 2 MiB.
    pages = 5 * 4 * _FLOATS // 2**21
    assert faults() >= pages
    with heap.kept():
        assert faults() < pages // 4


def test_in_the_end_it_is_given_back():
    before = memory.in_use()
    with heap.kept():
        torch.zeros(_FLOATS)
        assert memory.in_use() > before + 3 * _FLOATS
        heap.give_back()
        assert memory.in_use() < before + _FLOATS
        torch.zeros(_FLOATS)
    assert memory.in_use() < before + _FLOATS


def test_an_error_ends_it_too():
    before = memory.in_use()
    with pytest.raises(ValueError, match="so"), heap.kept():
        torch.zeros(_FLOATS)
        raise ValueError("so")
    assert memory.in_use() < before + _FLOATS
