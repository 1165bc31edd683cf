"""The screen's own mouse, moved through the X server's extension XTEST.

Blender hears it as it hears an artist's, without ``--enable-event-simulate``, which keeps its loop
from ever waiting and so takes a core of the processor. No package is needed: two requests of the X
protocol, version 11, are all that is sent.
"""

from __future__ import annotations

import os
import socket
import struct

_QUERY_EXTENSION, _FAKE_INPUT = 98, 2
_PRESS, _RELEASE, _MOTION = 4, 5, 6
_connection: tuple[socket.socket, int] | None = None


def move(x: int, y: int) -> None:
    """Move the mouse to a place on the screen, its origin at the top left."""
    _send(_MOTION, 0, x, y)


def click(x: int, y: int) -> None:
    """Click there with the left button."""
    move(x, y)
    _send(_PRESS, 1)
    _send(_RELEASE, 1)


def _send(kind: int, detail: int, x: int = 0, y: int = 0) -> None:
    """Have the server believe that something was moved or pressed."""
    server, extension = _connect()
    head = struct.pack("<BBHBBHII8x", extension, _FAKE_INPUT, 9, kind, detail, 0, 0, 0)
    server.sendall(head + struct.pack("<hh8x", x, y))


def _connect() -> tuple[socket.socket, int]:
    """The connection to the screen that Blender is on, and the number that XTEST has there."""
    global _connection
    if _connection is None:
        number = os.environ["DISPLAY"].rpartition(":")[2].partition(".")[0]
        server = socket.socket(socket.AF_UNIX)
        server.connect(f"/tmp/.X11-unix/X{number}")
        server.sendall(struct.pack("<BxHHHH2x", ord("l"), 11, 0, 0, 0))
        accepted, words = struct.unpack("<B5xH", _receive(server, 8))
        said = _receive(server, 4 * words)
        assert accepted == 1, said
        name = b"XTEST"
        query = struct.pack("<BxHH2x", _QUERY_EXTENSION, 4, len(name)) + name.ljust(8, b"\0")
        server.sendall(query)
        present, extension = struct.unpack("<8xBB22x", _receive(server, 32))
        assert present, "the screen has no XTEST"
        _connection = server, extension
    return _connection


def _receive(server: socket.socket, count: int) -> bytes:
    """So many bytes."""
    data = b""
    while len(data) < count:
        data += server.recv(count - len(data))
    return data
