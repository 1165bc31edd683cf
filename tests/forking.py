"""Programs of the engine that need not import PyTorch: forks of a process that has done so.

The import takes two seconds of a processor, and the tests start more than a hundred programs. A
fork is the program from there on: it has arguments, environment, streams and an exit status of its
own, imports Texcore's modules anew, and ends as Python ends. It measures no machine, which takes
a second more in every new home. What a test says of the import, of that, of hashing or of Python's
own options has to start a program with `subprocess` instead.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import gc
import importlib
import importlib.abc
import importlib.machinery
import json
import os
import runpy
import select
import selectors
import signal
import socket
import struct
import subprocess
import sys
import types
from collections.abc import Sequence
from pathlib import Path

_ROOT = Path(__file__).parent.parent
#: Of these, what they import from others is kept for all forks.
_PRELOADED = ("texcore.cli", "texcore.service.pipeline", "tests.making")
_OWN = ("texcore", "tests")
_LENGTH, _STATUS = struct.Struct("=Q"), struct.Struct("=i")
#: What macOS brings for numbers does not bear a fork, and Windows has none.
POSSIBLE = sys.platform == "linux"


class Popen(subprocess.Popen):
    """`subprocess.Popen` of ``[python, "-m", module, ...]`` or ``[python, "-c", code, ...]``."""

    def _execute_child(self, args, _executable, _preexec, _close, _pass, cwd, env, *more):
        pipes = more[3:9]  # after what is for Windows, and the shell: each pipe's two ends
        streams = [fd if fd >= 0 else own for own, fd in enumerate((pipes[0], pipes[3], pipes[5]))]
        request = {
            "words": [os.fspath(word) for word in args[1:]],
            "folder": os.fspath(cwd or Path.cwd()),
            "environment": dict(os.environ if env is None else env),
        }
        self._ended, ends = os.pipe()
        try:
            self.pid = _server().fork(request, [*streams, ends])
        finally:
            os.close(ends)
        self._child_created = True
        self._close_pipe_fds(*pipes)

    def _try_wait(self, wait_flags):
        if wait_flags & os.WNOHANG and not select.select([self._ended], [], [], 0)[0]:
            return 0, 0
        said = os.read(self._ended, _STATUS.size)
        os.close(self._ended)
        # Where the server was lost nobody knows; that is no status of success.
        return self.pid, _STATUS.unpack(said)[0] if said else signal.SIGKILL

    def _internal_poll(self, _deadstate=None):
        if self.returncode is None and self._waitpid_lock.acquire(blocking=False):
            with contextlib.ExitStack() as stack:
                stack.callback(self._waitpid_lock.release)
                pid, status = self._try_wait(os.WNOHANG)
                if pid:
                    self._handle_exitstatus(status)
        return self.returncode


class _Client:
    """The server as those see it who want forks."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair()
        with theirs:
            words = [sys.executable, "-m", __name__, str(theirs.fileno())]
            self._process = subprocess.Popen(
                words,
                cwd=_ROOT,
                env={**os.environ, "PYTHONIOENCODING": "utf-8", "OMP_NUM_THREADS": "1"},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )

    def fork(self, request: dict, descriptors: Sequence[int]) -> int:
        """Have a fork for a request; its process id.

        Args:
            request: Its words, folder and environment.
            descriptors: Its three streams, and where its exit status goes.
        """
        text = json.dumps(request).encode()
        socket.send_fds(self._socket, [_LENGTH.pack(len(text))], descriptors)
        self._socket.sendall(text)
        return _LENGTH.unpack(self._socket.recv(_LENGTH.size, socket.MSG_WAITALL))[0]

    def close(self) -> None:
        """End the server; what it has forked goes on."""
        self._socket.close()
        self._process.wait()


@functools.cache
def _server() -> _Client:
    """The one of this process."""
    client = _Client()
    atexit.register(client.close)
    return client


class _Unmeasured(importlib.abc.MetaPathFinder):
    """Finds `texcore.service.calibrating` without what measures."""

    NAME = "texcore.service.calibrating"

    def find_spec(self, name, path, target=None):
        if name != self.NAME:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        execute = spec.loader.exec_module

        def exec_module(module):
            from tests import unmeasured

            execute(module)
            module._measure_machine = unmeasured.measure_machine
            module._measure_network = unmeasured.measure_network

        spec.loader.exec_module = exec_module
        return spec


def _preload() -> None:
    """Import what is not Texcore's own, once for all."""
    for name in _PRELOADED:
        importlib.import_module(name)
    for name in [name for name in sys.modules if name.partition(".")[0] in _OWN]:
        del sys.modules[name]
    gc.collect()
    gc.freeze()  # or the first collection in each fork would copy it all


def _serve(connection: socket.socket) -> tuple[dict, list[int]] | None:
    """Fork for each request; what is returned is a request in its fork, or None at the end."""
    ends: dict[int, int] = {}  # by process id, where the exit status goes
    woken, wake = os.pipe()
    for fd in (woken, wake):
        os.set_blocking(fd, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    with selectors.DefaultSelector() as selector:
        selector.register(connection, selectors.EVENT_READ)
        selector.register(woken, selectors.EVENT_READ)
        while True:
            if woken in [key.fd for key, _ in selector.select()]:
                os.read(woken, 512)
                _tell_of_the_dead(ends)
                continue
            head, descriptors, _, _ = socket.recv_fds(connection, _LENGTH.size, 4)
            if not head:
                return None
            text = connection.recv(_LENGTH.unpack(head)[0], socket.MSG_WAITALL)
            process = os.fork()
            if not process:
                break
            ends[process] = descriptors.pop()
            for fd in descriptors:
                os.close(fd)
            connection.sendall(_LENGTH.pack(process))
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for fd in (woken, wake, descriptors.pop(), *ends.values()):
        os.close(fd)
    return json.loads(text), descriptors


def _tell_of_the_dead(ends: dict[int, int]) -> None:
    """Hand on the exit status of each fork that has ended."""
    while ends:
        process, status = os.waitpid(-1, os.WNOHANG)
        if not process:
            return
        fd = ends.pop(process)
        with contextlib.suppress(BrokenPipeError):
            os.write(fd, _STATUS.pack(status))
        os.close(fd)


def _become(request: dict, streams: Sequence[int]) -> None:
    """Be the program that was asked for; whatever it raises is for Python to end with."""
    for own, fd in enumerate(streams):
        os.dup2(fd, own)
        os.close(fd)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    # As Python opens them where none is a terminal.
    encoding = os.environ.get("PYTHONIOENCODING", "utf-8")
    sys.stdin = sys.__stdin__ = open(0, encoding=encoding, closefd=False)  # noqa: SIM115
    sys.stdout = sys.__stdout__ = open(1, "w", encoding=encoding, closefd=False)  # noqa: SIM115
    words = {"encoding": encoding, "errors": "backslashreplace", "closefd": False}
    sys.stderr = sys.__stderr__ = open(2, "w", buffering=1, **words)  # noqa: SIM115
    sys.meta_path.insert(0, _Unmeasured())
    option, what, *more = request["words"]
    sys.argv = [option, *more]
    if option == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
        return
    main = sys.modules["__main__"] = types.ModuleType("__main__")
    exec(compile(what, "<string>", "exec"), main.__dict__)


def _main() -> None:
    with socket.socket(fileno=int(sys.argv[1])) as connection:
        _preload()
        asked = _serve(connection)
    if asked:
        _become(*asked)


if __name__ == "__main__":
    _main()
