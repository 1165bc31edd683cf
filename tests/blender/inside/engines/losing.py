"""A link whose other computer is gone: in the midst of a texture, and then at its very start."""

import json
import os

import speaking

LOST, UNREACHABLE = -32007, -32008


def fail(message, code):
    error = {"code": code, "message": "The connection was lost."}
    print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "error": error}), flush=True)


if "TEXCORE_TEST_UNREACHABLE" in os.environ:
    fail(speaking.read(), UNREACHABLE)
else:
    speaking.greet()
while (message := speaking.read()) is not None:
    if message.get("method") == "synthesize":
        progress = {"job": message["id"], "fraction": 0.5, "stage": "Shaping", "keepable": True}
        said = {"jsonrpc": "2.0", "method": "progress", "params": progress}
        print(json.dumps(said), flush=True)
        fail(message, LOST)
        break
