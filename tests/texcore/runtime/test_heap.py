"""Freed memory is kept while a texture is made, and given back afterwards.

In a process of its own each: what a heap does depends on all that was in it before.
"""

import json
import platform
import subprocess
import sys

import pytest

from tests.running import SECONDS, environment

pytestmark = pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="other C libraries are left as they are"
)
_MEBI = 2**20
_CODE = """
import json, resource, torch
from texcore.runtime import heap, memory

BLOCK = 16 * 2**20

def faults(warm):
    for _ in range(warm):
        torch.zeros(BLOCK)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(5):
        torch.zeros(BLOCK)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

torch.zeros(BLOCK)
begin, seen = memory.in_use(), {}
"""
_FAULTS = """
seen["returned"] = faults(2)
with heap.kept():
    # Until there is a hole of the right size the heap grows.
    seen["kept"] = faults(24)
"""
_OF_A_THREAD = """
import threading

def many(blocks):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(blocks):
        held = [torch.zeros(2**20) for _ in range(40)]
        del held
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

def work():
    with heap.kept():
        many(4)
        seen["kept"] = many(8)

thread = threading.Thread(target=work)
thread.start()
thread.join()
"""
_GIVEN_BACK = """
try:
    with heap.kept():
        torch.zeros(BLOCK)
        seen["kept"] = memory.in_use() - begin
        heap.give_back()
        seen["given back"] = memory.in_use() - begin
        torch.zeros(BLOCK)
        raise ValueError
except ValueError:
    seen["after an error"] = memory.in_use() - begin
"""


@pytest.fixture
def seen(home):
    def seen(code):
        words = [sys.executable, "-c", f"{_CODE}{code}\nprint(json.dumps(seen))"]
        done = subprocess.run(
            words, env=environment(home), capture_output=True, text=True, timeout=SECONDS
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return seen


@pytest.mark.slow
def test_what_is_freed_is_there_for_the_next(seen):
    counts = seen(_FAULTS)
    # Five blocks of 64 MiB; a page may be 4 KiB or, where the system likes large ones, 2 MiB.
    assert counts["returned"] >= 160
    assert counts["kept"] < 40


@pytest.mark.slow
def test_what_a_thread_frees_is_there_for_the_next(seen):
    # Eight times 160 MiB in blocks of 4: more than one heap of a thread, which are of 64 MiB.
    assert seen(_OF_A_THREAD)["kept"] < 1000


@pytest.mark.slow
def test_in_the_end_it_is_given_back(seen):
    more = seen(_GIVEN_BACK)
    assert more["kept"] > 48 * _MEBI
    assert more["given back"] < 16 * _MEBI
    assert more["after an error"] < 16 * _MEBI
