"""Run checks in one Blender, each in an empty file, and write down their outcomes as they come.

Usage: run.py OUTCOMES SECONDS MODULE.CHECK...

Each line of OUTCOMES is the JSON of a check's name, what went wrong in it, and its seconds. A check
that has not ended after SECONDS ends this Blender, with what each of its threads was at.
"""

from __future__ import annotations

import faulthandler
import importlib
import json
import os
import sys
import time
import traceback
from pathlib import Path

import bpy
import helpers


def outcome(name: str) -> tuple[str, str, float]:
    """What becomes of a check, as it is written down."""
    module_name, _, check_name = name.partition(".")
    module = importlib.import_module(module_name)
    # A module about what Blender does with textures says which quick engine makes them.
    quick = getattr(module, "ENGINE", None)
    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    os.environ["TEXCORE_PYTHON"] = helpers.engine(quick) if quick else helpers.ENGINE_PYTHON
    start = time.monotonic()
    try:
        getattr(module, check_name)()
        said = ""
    except BaseException:
        said = traceback.format_exc()
    return name, said, time.monotonic() - start


helpers.enable()
with Path(sys.argv[1]).open("w", encoding="utf-8") as outcomes:
    for name in sys.argv[3:]:
        faulthandler.dump_traceback_later(float(sys.argv[2]), exit=True)
        print(json.dumps(outcome(name)), file=outcomes, flush=True)
faulthandler.cancel_dump_traceback_later()
sys.stdout.flush()
helpers.module("engine.jobs").engine.stop()
os._exit(0)  # some versions of the wheel hang on their way out
