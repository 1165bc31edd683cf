"""An engine that works for ever and does not hear a cancel."""

import speaking

speaking.greet()
while speaking.read() is not None:
    continue
