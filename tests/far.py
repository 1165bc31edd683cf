"""Another computer that is none: a stand-in for ssh, whose far side has a home of its own."""

from __future__ import annotations

import os
import shlex
import signal
import sys
from pathlib import Path

from tests.running import Engine

_SSH = """#!/bin/sh
while case "$1" in -*) true ;; *) false ;; esac; do shift; done
shift
{before}
echo $$ > {line}
exec {python} -S -E {carry} env -i PATH={path} HOME={home} OMP_NUM_THREADS=1 TMPDIR={home}/tmp \\
    {engine} sh -c "echo \\$\\$ > {pid}; exec $*"
"""
# What is said goes through a process of its own, as through ssh: when that is killed, both sides
# see the end, and neither of them is hurt.
_CARRY = """
import os, subprocess, sys, threading
far = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
def carry(one, other):
    try:
        while data := os.read(one, 1 << 16):
            while data:
                data = data[os.write(other, data):]
    except OSError:
        pass
def carry_there():
    carry(0, far.stdin.fileno())
    far.stdin.close()
threading.Thread(target=carry_there, daemon=True).start()
carry(far.stdout.fileno(), 1)
os._exit(far.wait() & 255)
"""


class Far:
    """The other computer.

    Args:
        folder: A new one, for its home and the program.
        before: Lines of shell that the program runs first.
        engine: The Python that is set up there; empty for none.
    """

    def __init__(self, folder: Path, before: str = "", engine: str = sys.executable) -> None:
        self.home = folder / "far home"
        (self.home / "tmp").mkdir(parents=True)
        self.ssh = folder / "ssh"
        self.pid_file, self.line_file = folder / "pid", folder / "line"
        carry = folder / "carry.py"
        carry.write_text(_CARRY, encoding="utf-8")
        paths = {
            "pid": self.pid_file,
            "line": self.line_file,
            "carry": carry,
            "path": os.environ["PATH"],
            "home": self.home,
            "python": sys.executable,
        }
        quoted = {name: shlex.quote(str(path)) for name, path in paths.items()}
        where = f"TEXCORE_PYTHON={shlex.quote(engine)}" if engine else ""
        text = _SSH.format(before=before, engine=where, **quoted)
        self.ssh.write_text(text, encoding="utf-8")
        self.ssh.chmod(0o755)

    @property
    def variables(self) -> dict[str, str]:
        """What the near side has to know."""
        return {"TEXCORE_SSH": str(self.ssh)}

    @property
    def pid(self) -> int:
        """Of the engine there."""
        return int(self.pid_file.read_text())

    def cut(self) -> None:
        """Have the connection be lost."""
        os.kill(int(self.line_file.read_text()), signal.SIGKILL)

    def list_jobs(self) -> list[str]:
        """Names of the jobs' folders that are there."""
        folder = self.home / ".cache" / "texcore" / "remote-jobs"
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []

    def reach(self, home: Path, code: str = "") -> Engine:
        """Start a link to it.

        Args:
            home: Of this side.
            code: What the link's program does first.
        """
        main = "import sys; from texcore.link.__main__ import main; sys.exit(main(['studio']))"
        words = [sys.executable, "-c", f"{code}\n{main}"]
        return Engine(home, words=words, variables=self.variables)
