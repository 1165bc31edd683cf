"""Disable the extension after it has worked; nothing of it may be left."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import bpy
import helpers


def present() -> list[str]:
    names = [name for name in dir(bpy.types) if "texcore" in name.lower()]
    handlers = [h.__module__ for h in bpy.app.handlers.load_pre if helpers.PACKAGE in h.__module__]
    threads = [t.name for t in threading.enumerate() if t.name.startswith("texcore")]
    scene = ["scene.texcore"] if hasattr(bpy.types.Scene, "texcore") else []
    return names + handlers + threads + scene


def start_engine() -> subprocess.Popen[bytes]:
    bpy.ops.texcore.check_engine()
    return helpers.module("jobs").engine._process


helpers.enable()
for round in range(2):
    assert {"scene.texcore", "TEXCORE_OT_synthesize", "TEXCORE_PT_node"} <= set(present())
    process = start_engine() if round == 0 else None
    bpy.ops.preferences.addon_disable(module=helpers.PACKAGE)
    assert process is None or process.poll() is not None, "the engine is still there"
    assert present() == [], present()
    bpy.ops.preferences.addon_enable(module=helpers.PACKAGE)
print("nothing left")
sys.stdout.flush()
os._exit(0)  # some versions of the wheel hang on their way out
