"""A real sshd on this machine, with keys, settings and a port of its own, behind a slow line.

Nothing of the machine's own ssh is read or changed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from tests.running import Engine, closed_port

_SSHD = """
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/key.pub
PidFile {folder}/sshd.pid
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
SetEnv {variables}
"""
_CONFIG = """
Host studio
    HostName 127.0.0.1
    Port {port}
    IdentityFile {folder}/key
    IdentitiesOnly yes
    UserKnownHostsFile {folder}/known
    GlobalKnownHostsFile /dev/null
"""


class Line:
    """A line between two ports of this machine that is far and narrow.

    Args:
        to: The port that it leads to.
        delay: Seconds that each byte takes, one way.
        rate: Bytes a second, each way.
    """

    def __init__(self, to: int, delay: float, rate: float) -> None:
        self._to, self._delay, self._rate = to, delay, rate
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self.carried = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Accept no more."""
        self._server.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._server.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self._to))
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        """Carry bytes one way: each leaves when the line is free, and comes a delay later."""
        waiting: list[tuple[float, bytes]] = []
        changed = threading.Condition()

        def deliver() -> None:
            data = b"-"
            while data:
                with changed:
                    changed.wait_for(lambda: waiting)
                    due, data = waiting.pop(0)
                    changed.notify_all()
                time.sleep(max(0.0, due - time.monotonic()))
                try:
                    other.sendall(data)
                except OSError:
                    continue  # nobody is there: what still comes is thrown away
            # The other way ends as well: ssh and sshd leave nothing half open.
            for each in (one, other):
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
                each.close()

        threading.Thread(target=deliver, daemon=True).start()
        free = 0.0
        data = b"-"
        while data:
            try:
                data = one.recv(1 << 14)
            except OSError:
                data = b""
            self.carried += len(data)
            free = max(free, time.monotonic()) + len(data) / self._rate
            with changed:
                changed.wait_for(lambda: len(waiting) < 64)
                waiting.append((free + self._delay, data))
                changed.notify_all()


class Sshd:
    """The server and the line to it.

    Args:
        folder: A new one, for keys and the other side's home.
        delay, rate: Of the line.
        variables: That a session there has; by default this Python is that of the engine there, on
            one thread.
    """

    def __init__(
        self,
        folder: Path,
        delay: float = 0.025,
        rate: float = 10e6,
        variables: dict[str, str] | None = None,
    ) -> None:
        self.home = folder / "far"
        self.home.mkdir()
        program = shutil.which("sshd") or "/usr/sbin/sshd"
        Path("/run/sshd").mkdir(exist_ok=True)  # where sshd locks itself up, empty
        for name in ("host", "key"):
            words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
            subprocess.run(words, check=True)
        port = closed_port()
        if variables is None:
            variables = {"TEXCORE_PYTHON": sys.executable, "OMP_NUM_THREADS": "1"}
        all_of_them = {"TEXCORE_HOME": str(self.home), **variables}
        said = " ".join(f"{name}={value}" for name, value in all_of_them.items())
        words = {"folder": folder, "port": port, "variables": said}
        (folder / "sshd_config").write_text(_SSHD.format(**words))
        self._log = (folder / "sshd.log").open("wb")
        self._process = subprocess.Popen(
            [program, "-D", "-e", "-f", str(folder / "sshd_config")], stderr=self._log
        )
        deadline = time.monotonic() + 20
        while not _answers(port):
            assert self._process.poll() is None, (folder / "sshd.log").read_text()
            assert time.monotonic() < deadline
        self.line = Line(port, delay, rate)
        self.config = folder / "config"
        self.config.write_text(_CONFIG.format(**words | {"port": self.line.port}))
        key = (folder / "host.pub").read_text().strip()
        (folder / "known").write_text(f"[127.0.0.1]:{self.line.port} {key}\n")
        self.ssh = folder / "ssh"
        self.ssh.write_text(f'#!/bin/sh\nexec ssh -F "{self.config}" "$@"\n')
        self.ssh.chmod(0o755)

    def reach(self, home: Path) -> Engine:
        """Start a link to it."""
        words = [sys.executable, "-m", "texcore.link", "studio"]
        return Engine(home, words=words, variables={"TEXCORE_SSH": str(self.ssh)})

    def list_left(self) -> list[str]:
        """Folders of jobs, and processes of engines, on the other side."""
        jobs = self.home / "cache" / "remote-jobs"
        left = [path.name for path in jobs.iterdir()] if jobs.is_dir() else []
        mark = f"TEXCORE_HOME={self.home}".encode()
        for entry in Path("/proc").iterdir():
            try:
                variables = (entry / "environ").read_bytes().split(b"\0")
                if entry.name.isdigit() and mark in variables:
                    left.append((entry / "cmdline").read_text()[:80])
            except OSError:
                continue
        return left

    def close(self) -> None:
        """End it."""
        self.line.close()
        self._process.terminate()
        self._process.wait()
        self._log.close()


def _answers(port: int) -> bool:
    """Whether somebody listens on a port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def find_children(pid: int) -> list[int]:
    """Processes that a process has started."""
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(word) for word in text.split()]


#: The variable that asks for the tests with a real sshd.
ASKED = bool(os.environ.get("TEXCORE_TEST_SSHD"))
