"""An engine that lays something else in the place of what it should write.

TEXCORE_TEST_LAYS says what: a link to the picture in TEXCORE_TEST_PICTURE, a pipe, a folder,
nothing, or the picture itself, with the words that it has written another file.
"""

import json
import os
import shutil
import threading
from pathlib import Path

import numpy as np
import speaking


def lay(what: str, path: Path) -> None:
    """Lay it at a path."""
    picture = os.environ["TEXCORE_TEST_PICTURE"]
    if what == "link":
        path.symlink_to(picture)
    elif what == "linked folder":
        shutil.rmtree(path.parent)
        elsewhere = Path(picture).with_name("elsewhere")
        elsewhere.mkdir()
        shutil.copy(picture, elsewhere / path.name)
        path.parent.symlink_to(elsewhere)
    elif what == "pipe":
        os.mkfifo(path)
    elif what == "folder":
        path.mkdir()
    elif what == "huge":
        head = {"descr": "|u1", "fortran_order": False, "shape": (10**6, 10**6, 4)}
        with path.open("wb") as file:
            np.lib.format.write_array_header_1_0(file, head)
    elif what == "one row":
        np.save(path, np.zeros(16, np.uint8))
    elif what == "fractions":
        np.save(path, np.zeros((4, 4, 4), np.float64))
    elif what == "objects":
        np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    elif what == "picture":
        shutil.copy(picture, path)


speaking.greet()
while (message := speaking.read()) is not None:
    if message.get("method") != "synthesize":
        continue
    params = message["params"]
    ((kind, files),) = params["maps"].items()
    what, where = os.environ["TEXCORE_TEST_LAYS"].split(" in ")
    lay(what, Path(files[where]))
    if where == "preview":
        progress = {"job": message["id"], "fraction": 0.5, "stage": "Painting", "previewed": True}
        for _ in range(3):
            line = {"jsonrpc": "2.0", "method": "progress", "params": progress}
            print(json.dumps(line), flush=True)
            threading.Event().wait(0.3)
        speaking.fail(message, "It was only about the preview.")
        continue
    made = {kind: {"output": os.environ["TEXCORE_TEST_PICTURE"], "recipe": params["recipe"]}}
    about = {"width": 64, "height": 64, "evaluations": 1, "seconds": 1.0, "network": "none"}
    speaking.answer(message, {"maps": made, **about})
