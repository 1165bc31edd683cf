"""An engine that dies in the middle of its work."""

import os
import sys

import speaking

speaking.greet()
speaking.read()
print("last words", file=sys.stderr, flush=True)
os._exit(7)
