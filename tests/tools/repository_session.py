"""In Blender: install, update and remove the extension from a repository.

Usage: repository_session.py URL

Each line of the input is a verb, and is answered by one of the output: the verb, the version that
is installed then, and whether it is enabled.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import bpy
import tomllib

url = sys.argv[-1]
bpy.context.preferences.system.use_online_access = True
bpy.ops.preferences.extension_repo_add(name="Texcore", remote_url=url, type="REMOTE")
repositories = list(bpy.context.preferences.extensions.repos)
(repository,) = [each for each in repositories if each.remote_url == url]
index = repositories.index(repository)
for verb in map(str.strip, sys.stdin):
    bpy.ops.extensions.repo_sync(repo_index=index)
    if verb == "install":
        bpy.ops.extensions.package_install(repo_index=index, pkg_id="texcore")
    elif verb == "update":
        bpy.ops.extensions.package_upgrade_all()
    else:
        bpy.ops.extensions.package_uninstall(repo_index=index, pkg_id="texcore")
    manifest = Path(repository.directory) / "texcore" / "blender_manifest.toml"
    found = tomllib.loads(manifest.read_text("utf-8"))["version"] if manifest.exists() else "none"
    enabled = f"bl_ext.{repository.module}.texcore" in bpy.context.preferences.addons
    if enabled:
        bpy.ops.texcore.synthesize.get_rna_type()  # it is at work
    print(f"\n{verb}: {found} {enabled}", flush=True)
os._exit(0)  # some versions of the wheel hang on their way out
