"""An engine that writes a very long line to both of its pipes, and then fails as it should."""

import sys

import speaking

speaking.greet()
message = speaking.read()
for _ in range(100):
    for pipe in (sys.stdout, sys.stderr):
        pipe.write("x" * (1 << 20))
for pipe in (sys.stdout, sys.stderr):
    pipe.write("\n")
    pipe.flush()
speaking.fail(message, "It was heard all the same.")
speaking.read()
