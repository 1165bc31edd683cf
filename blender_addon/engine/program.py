"""The program that the engine is: where it is, how it is begun, what its end means."""

from __future__ import annotations

import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ..add_on import BUNDLED
from ..bundled.texcore.contract.errors import TexcoreError

#: In which a program that is to end does so; else it is killed.
STOP_SECONDS = 2.0
SET_UP = "set the engine up, or choose another Python, in Texcore's preferences"


@dataclass(frozen=True)
class Host:
    """An engine on another computer.

    Attributes:
        python: The interpreter here that runs the link to it: Blender's own does.
        name: Of the other computer, as ssh knows it.
    """

    python: Path
    name: str


class EngineError(TexcoreError):
    """The engine cannot be started or talked to: one sentence.

    Attributes:
        log: The engine's stderr.
        code: What the engine's answer had, of `messages.ErrorCode`; None where there was none.
        needs_set_up: Whether setting the engine up again mends it.
    """

    def __init__(self, message: str, log: str = "", code: int | None = None) -> None:
        super().__init__(message)
        self.log = log
        self.code = code
        self.needs_set_up = SET_UP in message


def open_program(python: Path | Host) -> subprocess.Popen[bytes]:
    """Begin the engine, its stdin, stdout and stderr as pipes.

    Args:
        python: The interpreter that has PyTorch, or the other computer.

    Raises:
        EngineError: The interpreter cannot be run.
    """
    try:
        return subprocess.Popen(
            _compose_command(python),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # -m looks in the working folder first: no other texcore can be found before it.
            cwd=BUNDLED,
            env=_environment(),
            # Ctrl-C in Blender's terminal is Blender's to handle, as a cancel.
            start_new_session=os.name != "nt",
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as e:
        program = python.python if isinstance(python, Host) else python
        raise EngineError(
            f"The engine Python {program} cannot be run ({e.strerror}): {SET_UP}."
        ) from None


def _compose_command(python: Path | Host) -> list[str]:
    if isinstance(python, Host):
        return [str(python.python), "-s", "-m", "texcore.link", python.name]
    return [str(python), "-m", "texcore", "serve"]


def _environment() -> dict[str, str]:
    """The engine's environment: this process's, without what is meant for Blender's Python."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PYTHON") and name != "__PYVENV_LAUNCHER__"
    }
    return {
        **kept,
        "PYTHONPATH": str(BUNDLED),
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
        # An extension's folder holds what was installed and nothing else.
        "PYTHONDONTWRITEBYTECODE": "1",
    }


# Signals by which a person, or the system that is short of memory, ends a program. One that makes
# mistakes of its own, such as an instruction that its processor lacks, dies of others.
_KILLED = {
    getattr(signal, name).value
    for name in ("SIGKILL", "SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT")
    if os.name != "nt" and hasattr(signal, name)
}


def find_killer(code: int | None) -> str:
    """Return the name of the signal that a program was ended by from outside; empty for none."""
    return signal.Signals(-code).name if code is not None and -code in _KILLED else ""


def wait_for_exit_code(process: subprocess.Popen[bytes] | None) -> int | None:
    """The exit code of a process about to end; None if it does not."""
    try:
        return process.wait(STOP_SECONDS) if process else None
    except subprocess.TimeoutExpired:
        return None
