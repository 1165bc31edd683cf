"""An engine that works for long, says all the while that it lives, and then that it has failed."""

import json
import time

import speaking

speaking.greet()
message = speaking.read()
for _ in range(60):
    line = {"jsonrpc": "2.0", "method": "alive", "params": {"job": message["id"]}}
    print(json.dumps(line), flush=True)
    time.sleep(0.02)
speaking.fail(message, "It was worked to the end.")
speaking.read()
