"""An engine that says it has written a picture, and has not."""

from pathlib import Path

import speaking

speaking.greet()
message = speaking.read()
params = message["params"]
Path(params["output"]).write_text("no picture")
speaking.answer(
    message,
    {
        "output": params["output"],
        "width": 64,
        "height": 64,
        "evaluations": 1,
        "seconds": 1.0,
        "network": "none",
        "recipe": params["recipe"],
    },
)
speaking.read()
