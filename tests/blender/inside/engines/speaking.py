"""The little of the protocol that the faulty engines speak, without the code under test."""

from __future__ import annotations

import json
import sys


def read() -> dict | None:
    """The next message; None at the end of stdin."""
    line = sys.stdin.readline()
    return json.loads(line) if line else None


def answer(message: dict, result: dict) -> None:
    """Answer a request."""
    print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}), flush=True)


def greet(protocol: int = 3) -> None:
    """Answer ``hello``."""
    about = {"protocol": protocol, "version": "0", "device": "cpu", "device_name": ""}
    answer(read(), about)


def fail(message: dict, sentence: str) -> None:
    """Answer a request with an error that an artist may read."""
    error = {"code": -32001, "message": sentence}
    print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "error": error}), flush=True)
