"""Work in a forked child that may be lost, with a limit to its memory.

A child is a copy of this process, so it has the engine without importing it: a thousand kills take
minutes and not an hour. The parent never runs the engine itself, for threads do not come along.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import resource
import sys
import traceback
from pathlib import Path

#: The exit status of a child whose work raised what it should not have.
BROKEN = 70


def begin(work, log, room=None, limits=()):
    """Start a child that calls ``work`` and ends with what it returns as its exit status.

    Args:
        work: Takes nothing.
        log: A file for what it says.
        room: Bytes of address space beyond what this process has; None for any.
        limits: More of them, as ``resource.setrlimit`` takes them.

    Returns:
        Its process id.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    process = os.fork()
    if process:
        return process
    status = BROKEN
    try:
        os.setsid()
        target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(target, 1)
        os.dup2(target, 2)
        if room is not None:
            most = _address_space() + room
            resource.setrlimit(resource.RLIMIT_AS, (most, most))
        for limit in limits:
            resource.setrlimit(*limit)
        status = work() or 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(BaseException):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def end(process):
    """Wait for a child; its exit status, or minus the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def each(work, count, log, room):
    """Call ``work`` with 0, 1, 2 … in children, another one where one is lost.

    Args:
        work: Takes a number; what it returns is handed on, if it can be pickled.
        count: How many there are.
        log: A file for what the children say.
        room: Bytes of address space that they get.

    Yields:
        What ``work`` returned for each number, or None where the child was lost.
    """
    at = 0
    while at < count:
        reading, writing = os.pipe()

        def go_on(begin=at, reading=reading, writing=writing):
            os.close(reading)
            with os.fdopen(writing, "wb") as answers:
                for number in range(begin, count):
                    pickle.dump(work(number), answers)
                    answers.flush()

        process = begin(go_on, log, room)
        os.close(writing)
        with os.fdopen(reading, "rb") as answers:
            while at < count:
                try:
                    yield pickle.load(answers)
                except (EOFError, pickle.UnpicklingError):
                    break
                at += 1
        status = end(process)
        if status == BROKEN:
            raise AssertionError(Path(log).read_text(encoding="utf-8")[-3000:])
        if at < count:
            yield None
            at += 1


def _address_space():
    """Bytes that this process has of it."""
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[0])
    return pages * resource.getpagesize()
