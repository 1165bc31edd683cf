"""Begin a texture, print the folder of its files, and wait to be killed."""

from __future__ import annotations

import os
import time

import bpy
import helpers

helpers.enable()
os.environ["TEXCORE_PYTHON"] = helpers.engine("painting.py")
helpers.textured(helpers.load())
task = helpers.module("synthesis.task")
options = helpers.options(**helpers.FAST | {"quality": "high", "live": True})
work = task.Synthesis(bpy.context, options)
jobs = helpers.module("engine.jobs")
job = jobs.EngineJob(work, helpers.module("engine.choices").find_python(bpy.context), work.watch)
jobs.start(job)
while not any(path.name == "preview.npy" for path in helpers.files_of(work)):
    jobs._on_timer()
print("folder", work._folder.name, flush=True)
time.sleep(600)
