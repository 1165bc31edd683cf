"""Whose process a number is: numbers are used again, and a file that names one may be damaged.

A process is known by its number and the moment of its start together. The package psutil tells
both, but cannot be used: this runs before there is any package.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

PROGRAM = "engine_setup"  #: in the command line of the set-up program
_PROC = Path("/proc")  #: where Linux tells of processes
_STAT = _PROC / "self" / "stat"  #: there on Linux alone
_ASK_SECONDS = 5.0
_LARGEST = 2**31 - 1


def when_started(pid: int) -> str:
    """Return when a process was started, in words that mean nothing to anybody else.

    Empty if there is no such process, or if it belongs to another user and nobody may ask.
    """
    if not 0 < pid <= _LARGEST:
        return ""
    if sys.platform == "win32":
        return _ask_windows(pid)
    if _STAT.exists():
        try:
            boot = (_PROC / "sys/kernel/random/boot_id").read_text("utf-8").strip()
            fields = (_PROC / str(pid) / "stat").read_text("utf-8", "replace").rpartition(")")[2]
            return f"{boot} {fields.split()[19]}"
        except (OSError, IndexError):
            return ""
    return _ask_ps(pid, "lstart=")


def is_set_up(pid: int, started: str) -> bool:
    """Return whether a process is the set-up program that was started at a moment.

    Args:
        pid: Its number.
        started: What `when_started` told of it then.
    """
    if pid in (os.getpid(), os.getppid()) or not started or when_started(pid) != started:
        return False
    return sys.platform == "win32" or PROGRAM in _get_command(pid)


def terminate(pid: int) -> None:
    """End the leader of a process group and its group, at once; nothing happens if it has ended.

    Nothing happens either if a number is none of a process that anybody could mean: 0 and those
    below are groups, and 1 is the whole system.
    """
    if not 1 < pid <= _LARGEST or pid == os.getpid():
        return
    if sys.platform == "win32":
        words = ["taskkill", "/T", "/F", "/PID", str(pid)]
        subprocess.run(words, capture_output=True, creationflags=subprocess.CREATE_NO_WINDOW)
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if os.getpgid(pid) == pid:
            os.killpg(pid, signal.SIGKILL)
        else:
            os.kill(pid, signal.SIGKILL)


def _get_command(pid: int) -> str:
    """Return a process' command line; empty if nobody may ask."""
    if sys.platform != "linux":
        return _ask_ps(pid, "command=")
    try:
        return (
            Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        )
    except OSError:
        return ""


def _ask_ps(pid: int, column: str) -> str:
    """Ask the program ps, which every POSIX system has; empty if it has no answer."""
    try:
        done = subprocess.run(
            ["/bin/ps", "-ww", "-o", column, "-p", str(pid)],
            env={"LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_ASK_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()


def _ask_windows(pid: int) -> str:
    """Ask Windows for the moment of a process' creation, in 100 nanoseconds."""
    import ctypes
    from ctypes import wintypes

    # On other systems mypy knows of no WinDLL.
    kernel = getattr(ctypes, "WinDLL")("kernel32", use_last_error=True)  # noqa: B009
    kernel.OpenProcess.restype = wintypes.HANDLE
    kernel.OpenProcess.argtypes = (wintypes.DWORD, wintypes.BOOL, wintypes.DWORD)
    kernel.CloseHandle.argtypes = (wintypes.HANDLE,)
    kernel.GetProcessTimes.argtypes = (wintypes.HANDLE, *[ctypes.POINTER(wintypes.FILETIME)] * 4)
    limited_information = 0x1000
    handle = kernel.OpenProcess(limited_information, False, pid)
    if not handle:
        return ""
    try:
        created, *others = (wintypes.FILETIME() for _ in range(4))
        if not kernel.GetProcessTimes(handle, ctypes.byref(created), *map(ctypes.byref, others)):
            return ""
        return f"{created.dwHighDateTime} {created.dwLowDateTime}"
    finally:
        kernel.CloseHandle(handle)
