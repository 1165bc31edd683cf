"""What ssh is told, and what its end means."""

from __future__ import annotations

import os

from ..contract.errors import TexcoreError, Unavailable
from ..contract.hosts import check_host

#: The environment variable with another program than ``ssh`` of the path.
SSH_VARIABLE = "TEXCORE_SSH"
_ASKS = (
    "permission denied",
    "host key verification failed",
    "too many authentication failures",
    "no such identity",
    "remote host identification has changed",
)
# Options that every OpenSSH has, that of Windows and of macOS too. Nothing is asked, nothing is
# forwarded, and a network that has died is noticed within 15 seconds.
_OPTIONS = {
    "BatchMode": "yes",
    "ConnectTimeout": "15",
    "ServerAliveInterval": "5",
    "ServerAliveCountMax": "3",
    "ClearAllForwardings": "yes",
    "ForwardAgent": "no",
    "ForwardX11": "no",
    "EscapeChar": "none",
    "LogLevel": "ERROR",
}


def compose_command(host: str, *words: str) -> list[str]:
    """Return the command that runs words in a shell of another computer.

    Raises:
        BadInput: The name is none.
    """
    options = [f"-o{name}={value}" for name, value in _OPTIONS.items()]
    program = os.environ.get(SSH_VARIABLE) or "ssh"
    return [program, "-T", *options, check_host(host), *words]


def explain_end(host: str, code: int | None, log: str) -> TexcoreError:
    """Return what is to be said of an ssh that has ended before the engine spoke.

    Args:
        host: The other computer.
        code: The exit code of ssh.
        log: What it wrote to stderr.
    """
    said = log.lower()
    if any(text in said for text in _ASKS):
        return Unavailable(
            f"{host} asks for a password, or its key is not known here: run “ssh {host}” once in a "
            "terminal, and see that it asks for nothing."
        )
    if code == 127 or ("python3" in said and "not found" in said):
        return Unavailable(f"{host} has no python3: install Python 3.10 or newer there.")
    last = log.strip().rpartition("\n")[2].strip().rstrip(".")[:300] or f"exit code {code}"
    return Unavailable(
        f"The engine on {host} cannot be reached ({last}): try “ssh {host}” in a terminal."
    )
