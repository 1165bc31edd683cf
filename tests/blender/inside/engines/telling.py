"""An engine that says what is in a file, whatever it is asked; JOB is the id of the request."""

import os
import sys
from pathlib import Path

import speaking

speaking.greet()
while (message := speaking.read()) is not None:
    text = Path(os.environ["TEXCORE_TEST_SAYS"]).read_text("utf-8")
    sys.stdout.write(text.replace("JOB", str(message["id"])) + "\n")
    sys.stdout.flush()
