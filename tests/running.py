"""The engine as other programs see it: the command line and the service, in real processes.

On Linux they begin behind the import of PyTorch (`tests.forking`), unless they are
to be `fresh`.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from tests import forking
from texcore.contract import messages

# Whoever starts the tests with nohup, or in the background of a script, has interrupts ignored, and
# children inherit that. What is tested is a program that somebody can interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).parent.parent
# Only against hanging for ever; nothing is measured by it.
SECONDS = 240


def closed_port() -> int:
    """A port of this machine on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def offline() -> dict[str, str]:
    """Variables that keep urllib and pip from every network."""
    nowhere = f"http://127.0.0.1:{closed_port()}"
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), nowhere)
    return {**proxies, "no_proxy": "", "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}


def environment(home: Path) -> dict[str, str]:
    """For a child with its own home of Texcore and no network."""
    kept = {k: v for k, v in os.environ.items() if not k.upper().startswith("PIP_")}
    return {
        **kept,
        **offline(),
        "TEXCORE_HOME": str(home),
        "PYTHONPATH": str(ROOT),
        "PYTHONIOENCODING": "utf-8",
        "OMP_NUM_THREADS": "1",
    }


def begin(words: Sequence[str], fresh: bool = False, **more: object) -> subprocess.Popen:
    """Start a program as `subprocess.Popen` does.

    Args:
        words: Python and its arguments, as `command` gives them.
        fresh: Have a new Python, which imports everything.
        more: For `subprocess.Popen`.
    """
    return (subprocess.Popen if fresh or not forking.POSSIBLE else forking.Popen)(words, **more)


def run(
    words: Sequence[str], env: dict[str, str], fresh: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end and have what it says as text."""
    pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
    more = {"env": env, "stdin": nothing, "stdout": pipe, "stderr": pipe, "encoding": "utf-8"}
    with begin(words, fresh, **more) as process:
        try:
            out, err = process.communicate(timeout=SECONDS)
        finally:
            process.kill()
    return subprocess.CompletedProcess(words, process.returncode, out, err)


def texcore(
    home: Path, *words: object, code: str = "", fresh: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run ``python -m texcore`` to its end, or the same behind some ``code``."""
    return run(command(*words, code=code), environment(home), fresh)


def command(*words: object, code: str = "") -> list[str]:
    whole = ["-c", f"{code}\nimport sys\nfrom texcore.cli import main\nsys.exit(main())"]
    return [sys.executable, *(whole if code else ["-m", "texcore"]), *map(str, words)]


class Engine:
    """A client of ``python -m texcore serve``, or of another command that speaks as that does.

    It is killed if it is there after ``seconds``.
    """

    def __init__(
        self,
        home: Path,
        code: str = "",
        seconds: float = SECONDS,
        words: list[str] | None = None,
        variables: dict[str, str] | None = None,
        fresh: bool = False,
    ) -> None:
        self.log = home.with_name(f"{home.name}-{id(self)}.log")
        with self.log.open("wb") as log:
            self.process = begin(
                words or command("serve", code=code),
                fresh or words is not None,
                env={**environment(home), **(variables or {})},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        # A hang becomes the end of the output.
        self._watchdog = threading.Timer(seconds, self.process.kill)
        self._watchdog.daemon = True
        self._watchdog.start()
        self._id = 0

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *error: object) -> None:
        self._watchdog.cancel()
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def send(self, line: bytes) -> None:
        self.process.stdin.write(line)
        self.process.stdin.flush()

    def receive(self) -> dict:
        """The next message, but for those that say no more than that it lives."""
        while True:
            line = self.process.stdout.readline()
            assert line.endswith(b"\n"), self.log.read_text(encoding="utf-8", errors="replace")
            message = json.loads(line)
            assert message["jsonrpc"] == "2.0"
            if message.get("method") != "alive":
                return message

    def ask(self, method: str, params: object = None) -> int:
        self._id += 1
        self.send(messages.request(self._id, method, params))
        return self._id

    def until_answer(self, id: int | None) -> tuple[dict, list[dict]]:
        """The answer to a request, and the notifications before it."""
        before = []
        while True:
            message = self.receive()
            if "method" not in message and message["id"] == id:
                return message, before
            before.append(message)

    def answer(self, method: str, params: object = None) -> dict:
        return self.until_answer(self.ask(method, params))[0]

    def greet(self) -> dict:
        return self.answer("hello", messages.Hello(messages.PROTOCOL_VERSION, "tests"))

    def until_at_work(self, id: int) -> dict:
        """Wait for progress of a job that is past its first steps."""
        while True:
            message = self.receive()
            assert message.get("method") == "progress", message
            if message["params"]["job"] == id and message["params"]["fraction"] > 0:
                return message["params"]

    def end_of_input(self) -> int:
        """Close its stdin, read its output to the end and return its exit status."""
        self.process.stdin.close()
        while self.process.stdout.readline():
            pass
        return self.process.wait()
