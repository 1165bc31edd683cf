"""Another computer that is none: a stand-in for ssh, whose far side has a home of its own."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

from tests.running import Engine

_SSH = """#!/bin/sh
while case "$1" in -*) true ;; *) false ;; esac; do shift; done
shift
{before}
echo $$ > {pid}
exec env -i PATH={path} HOME={home} OMP_NUM_THREADS=1 TMPDIR={home}/tmp {python} sh -c "exec $*"
"""


class Far:
    """The other computer.

    Args:
        folder: A new one, for its home and the program.
        before: Lines of shell that the program runs first.
        has_engine: Whether an engine is set up there.
    """

    def __init__(self, folder: Path, before: str = "", has_engine: bool = True) -> None:
        self.home = folder / "far home"
        (self.home / "tmp").mkdir(parents=True)
        self.ssh = folder / "ssh"
        self.pid_file = folder / "pid"
        where = f"TEXCORE_PYTHON={shlex.quote(sys.executable)}" if has_engine else ""
        text = _SSH.format(
            before=before,
            pid=shlex.quote(str(self.pid_file)),
            path=shlex.quote(os.environ["PATH"]),
            home=shlex.quote(str(self.home)),
            python=where,
        )
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

    def list_jobs(self) -> list[str]:
        """Names of the jobs' folders that are there."""
        folder = self.home / ".cache" / "texcore" / "remote-jobs"
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []

    def reach(self, home: Path) -> Engine:
        """Start a link to it."""
        words = [sys.executable, "-m", "texcore.link", "studio"]
        return Engine(home, words=words, variables=self.variables)
