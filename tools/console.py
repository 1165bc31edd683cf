"""Steps with their times on the terminal, and programs run with their noise kept back."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

Command = Sequence[str | Path]  #: a program and its arguments
TAIL = 12  #: lines of a failed program's output that are shown


class Failure(Exception):
    """Something expected went wrong: one sentence for the terminal, without a traceback."""


@contextmanager
def step(title: str) -> Iterator[None]:
    """Print a title, and the seconds it took once it is done."""
    say(f"* {title}")
    start = time.perf_counter()
    yield
    say(f"    {time.perf_counter() - start:.1f} s")


def say(text: str) -> None:
    """Print a line at once, also when the output is a pipe."""
    print(text, flush=True)


def note(text: str) -> None:
    """Print a line that belongs to the step under way."""
    say(f"    {text}")


def use_any_encoding() -> None:
    """Never fail for a character that the terminal cannot show."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def make_folder(path: Path) -> Path:
    """Make a folder that results go to, unless it is there, and return it.

    Raises:
        Failure: It cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Failure(f"The folder {path} cannot be made ({error.strerror}).") from error
    return path


def run(
    command: Command,
    *,
    doing: str,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    timeout: float | None = None,
) -> str:
    """Run a program and return what it printed.

    Args:
        command: Program and arguments.
        doing: What it is for, in words that follow "while", for the message when it fails.
        env: Variables set on top of the environment.
        cwd: Folder to run in.
        timeout: Seconds after which it is stopped and counts as failed.

    Raises:
        Failure: It cannot be started, ends with an error or runs out of time.
    """
    try:
        done = subprocess.run(
            [str(part) for part in command],
            env=environment(env),
            cwd=cwd,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
    except OSError as error:
        raise Failure(f"While {doing}: {command[0]} cannot be run ({error}).") from error
    except subprocess.TimeoutExpired as error:
        raise Failure(f"While {doing}: no end after {timeout:g} s.") from error
    if done.returncode:
        raise Failure(_failed(doing, done.returncode, done.stdout.splitlines()))
    return done.stdout


def run_showing(
    command: Command,
    *,
    doing: str,
    marker: str = "",
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> None:
    """Run a program and pass on, as they come, the lines that begin with a marker.

    Args:
        command: Program and arguments.
        doing: As in `run`.
        marker: Cut off the lines it begins; empty passes every line.
        env: Variables set on top of the environment.
        cwd: Folder to run in.

    Raises:
        Failure: It cannot be started or ends with an error.
    """
    kept: deque[str] = deque(maxlen=TAIL)
    try:
        process = subprocess.Popen(
            [str(part) for part in command],
            env=environment(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
    except OSError as error:
        raise Failure(f"While {doing}: {command[0]} cannot be run ({error}).") from error
    with process:
        assert process.stdout is not None
        for line in process.stdout:
            text = line.rstrip()
            if text.startswith(marker):
                say(text.removeprefix(marker))
            else:
                kept.append(text)
    if process.returncode:
        raise Failure(_failed(doing, process.returncode, list(kept)))


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment plus some variables, without what would bend another Python."""
    ours = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    return ours | {"PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"} | dict(extra or {})


def _failed(doing: str, code: int, lines: Sequence[str]) -> str:
    last = [f"    | {line}" for line in lines if line.strip()][-TAIL:]
    first = f"Failed while {doing} (exit status {code})." + (" It said:" if last else "")
    return "\n".join([first, *last])
