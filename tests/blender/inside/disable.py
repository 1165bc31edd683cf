"""Disable the extension after it has worked; nothing of it may be left."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable

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
    pictures = sys.modules.get(f"{helpers.PACKAGE}.interface.choice_pictures")
    icons = [f"icons {name}" for name in pictures.list_icons()] if pictures else []
    collections = pictures._collections if pictures else []
    open_ones = [f"picture {name}" for each in collections for name in each]
    return names + handlers + entries + threads + properties + keys + icons + open_ones


def find_timers() -> dict[str, Callable[[], float | None]]:
    """The functions that the add-on has timers call, at some time or other."""
    names = [
        *("engine.jobs._on_timer", "engine.jobs._rest", "engine.estimating._on_timer"),
        *("engine.setup_state._on_timer", "images.looking.look", "nodes.density.look"),
    ]
    split = [name.rsplit(".", 1) for name in names]
    return {f"{m}.{name}": getattr(helpers.module(m), name) for m, name in split}


def start_engine() -> subprocess.Popen[bytes]:
    bpy.ops.texcore.check_engine()
    return helpers.module("engine.jobs").engine._process


helpers.enable()
for round in range(2):
    expected = {"Scene.texcore", "TEXCORE_OT_synthesize", "TEXCORE_PT_node", *MENUS, "undo_post"}
    expected |= {"icons model", "picture model/default"}
    assert expected <= set(present()), present()
    process = start_engine() if round == 0 else None
    timers = find_timers()
    running = [name for name, call in timers.items() if bpy.app.timers.is_registered(call)]
    assert process is None or running, "no timer of an engine is seen"
    bpy.ops.preferences.addon_disable(module=helpers.PACKAGE)
    assert process is None or process.poll() is not None, "the engine is still there"
    assert present() == [], present()
    left = [name for name, call in timers.items() if bpy.app.timers.is_registered(call)]
    assert not left, left
    bpy.ops.preferences.addon_enable(module=helpers.PACKAGE)
print("nothing left")
sys.stdout.flush()
os._exit(0)  # some versions of the wheel hang on their way out
