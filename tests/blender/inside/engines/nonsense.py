"""An engine that says it has written a picture, and has not."""

from pathlib import Path

import speaking

speaking.greet()
message = speaking.read()
params = message["params"]
made = {}
for kind, files in params["maps"].items():
    Path(files["output"]).write_text("no picture")
    made[kind] = {"output": files["output"], "recipe": params["recipe"]}
about = {"width": 64, "height": 64, "evaluations": 1, "seconds": 1.0, "network": "none"}
speaking.answer(message, {"maps": made, **about})
speaking.read()
