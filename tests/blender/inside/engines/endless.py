"""An engine that tells of its progress, and of what nobody has asked, as fast as it can."""

import json
import sys

import speaking

speaking.greet()
message = speaking.read()
progress = {"job": message["id"], "fraction": 0.5, "stage": "Talking"}
lines = [
    json.dumps({"jsonrpc": "2.0", "method": "progress", "params": progress}),
    json.dumps({"jsonrpc": "2.0", "id": 10**6, "result": "x"}),
]
text = "\n".join(lines * 100) + "\n"
while True:
    sys.stdout.write(text)
