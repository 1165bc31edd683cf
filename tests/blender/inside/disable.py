"""Disable the extension after it has worked; nothing of it may be left."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import bpy
import helpers

MENUS = ("VIEW3D_MT_object", "NODE_MT_node", "IMAGE_MT_image")


def ours(function) -> bool:
    return helpers.PACKAGE in getattr(function, "__module__", "")


def present() -> list[str]:
    names = [name for name in dir(bpy.types) if "texcore" in name.lower()]
    lists = {name: getattr(bpy.app.handlers, name) for name in dir(bpy.app.handlers)}
    handlers = [n for n, each in lists.items() if isinstance(each, list) and any(map(ours, each))]
    entries = [n for n in MENUS if any(map(ours, getattr(bpy.types, n).draw._draw_funcs))]
    threads = [t.name for t in threading.enumerate() if t.name.startswith("texcore")]
    owners = (bpy.types.Scene, bpy.types.WindowManager)
    properties = [f"{o.__name__}.{n}" for o in owners for n in dir(o) if n.startswith("texcore")]
    configurations = bpy.context.window_manager.keyconfigs
    keys = [
        f"key {item.idname}"
        for configuration in (configurations.addon, configurations.user)
        for keymap in (configuration.keymaps if configuration else ())
        for item in keymap.keymap_items
        if item.idname.startswith("texcore.")
    ]
    jobs = sys.modules.get(f"{helpers.PACKAGE}.jobs")
    timers = [
        name
        for name in ("_on_timer", "_rest")
        if jobs and bpy.app.timers.is_registered(getattr(jobs, name))
    ]
    pictures = sys.modules.get(f"{helpers.PACKAGE}.interface.choice_pictures")
    icons = [f"icons {name}" for name in pictures.list_icons()] if pictures else []
    collections = pictures._collections if pictures else []
    open_ones = [f"picture {name}" for each in collections for name in each]
    return names + handlers + entries + threads + properties + keys + timers + icons + open_ones


def start_engine() -> subprocess.Popen[bytes]:
    bpy.ops.texcore.check_engine()
    return helpers.module("engine.jobs").engine._process


helpers.enable()
for round in range(2):
    expected = {"Scene.texcore", "TEXCORE_OT_synthesize", "TEXCORE_PT_node", *MENUS, "undo_post"}
    expected |= {"icons model", "picture model/default"}
    assert expected <= set(present()), present()
    process = start_engine() if round == 0 else None
    bpy.ops.preferences.addon_disable(module=helpers.PACKAGE)
    assert process is None or process.poll() is not None, "the engine is still there"
    assert present() == [], present()
    bpy.ops.preferences.addon_enable(module=helpers.PACKAGE)
print("nothing left")
sys.stdout.flush()
os._exit(0)  # some versions of the wheel hang on their way out
