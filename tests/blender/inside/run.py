"""Run the checks of modules in one Blender, each in an empty file, and write down their outcomes.

Usage: run.py RESULTS.json MODULE...
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
import traceback
from pathlib import Path

import bpy
import helpers

helpers.enable()
results = {}
for name in sys.argv[2:]:
    module = importlib.import_module(name)
    # A module about what Blender does with textures says which quick engine makes them.
    quick = getattr(module, "ENGINE", None)
    for check in [v for k, v in vars(module).items() if k[:6] == "check_"]:
        bpy.ops.wm.read_homefile(app_template="", use_empty=True)
        os.environ["TEXCORE_PYTHON"] = helpers.engine(quick) if quick else helpers.ENGINE_PYTHON
        start = time.monotonic()
        try:
            check()
            said = ""
        except BaseException:
            said = traceback.format_exc()
        results[f"{name}.{check.__name__}"] = [said, time.monotonic() - start]
Path(sys.argv[1]).write_text(json.dumps(results), encoding="utf-8")
sys.stdout.flush()
helpers.module("engine.jobs").engine.stop()
os._exit(0)  # some versions of the wheel hang on their way out
