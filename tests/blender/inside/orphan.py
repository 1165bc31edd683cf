"""Start an engine, print its process id, and wait to be killed."""

from __future__ import annotations

import time

import bpy
import helpers

helpers.enable()
jobs = helpers.module("engine.jobs")
assert bpy.ops.texcore.check_engine() == {"FINISHED"}
print("engine", jobs.engine._process.pid, flush=True)
time.sleep(600)
