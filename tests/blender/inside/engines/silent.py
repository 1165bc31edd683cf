"""An engine that never says anything."""

import speaking

while speaking.read() is not None:
    continue
