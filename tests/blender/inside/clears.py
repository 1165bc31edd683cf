"""Start, and say when what others have left is cleared."""

from __future__ import annotations

import os
import sys

import bpy
import helpers

assert bpy.app.tempdir
helpers.enable()
helpers.module("synthesis.folders")._clearing.join()
print("cleared", flush=True)
sys.stdout.flush()
os._exit(0)  # some versions of the wheel hang on their way out
