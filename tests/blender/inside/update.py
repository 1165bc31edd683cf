"""Install the extension again over itself; what was set up and the preferences must stay."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import bpy
import helpers

helpers.enable()
preferences = bpy.context.preferences.addons[helpers.PACKAGE].preferences
preferences.device = "cpu"
folder = Path(bpy.utils.extension_path_user(helpers.PACKAGE, path="engine", create=True))
(folder / "engine.json").write_text("{}")
inside = Path(sys.modules[helpers.PACKAGE].__file__).parent
(inside / "of the old version").touch()
bpy.ops.extensions.package_install_files(
    filepath=sys.argv[1], repo="user_default", enable_on_install=True
)
assert not (inside / "of the old version").exists(), "nothing was installed"
assert (folder / "engine.json").exists()
assert bpy.context.preferences.addons[helpers.PACKAGE].preferences.device == "cpu"
print("kept")
sys.stdout.flush()
os._exit(0)  # some versions of the wheel hang on their way out
