"""An engine of a far future."""

import speaking

speaking.greet(protocol=99)
speaking.read()
