"""The engine on another computer, with a program in ssh's place and no folder shared."""

from __future__ import annotations

import contextlib
import os
import shlex
from pathlib import Path

import bpy
import helpers

_SSH = """#!/bin/sh
while case "$1" in -*) true ;; *) false ;; esac; do shift; done
echo "$1" >> {folder}/hosts
shift
exec env -i PATH={path} HOME={folder} OMP_NUM_THREADS=1 TEXCORE_PYTHON={python} sh -c "exec $*"
"""


@contextlib.contextmanager
def other_computer(host):
    """Let the engine be on another computer; yields its home."""
    folder = helpers.folder()
    program = folder / "ssh"
    words = {"folder": folder, "path": os.environ["PATH"], "python": helpers.ENGINE_PYTHON}
    program.write_text(_SSH.format(**{name: shlex.quote(str(v)) for name, v in words.items()}))
    program.chmod(0o755)
    os.environ["TEXCORE_SSH"] = str(program)
    preferences = helpers.module("add_on").get_preferences(bpy.context)
    preferences.host = host
    try:
        yield folder
    finally:
        helpers.module("engine.jobs").engine.stop()
        preferences.host = ""
        del os.environ["TEXCORE_SSH"]


def check_a_texture_comes_from_another_computer():
    node = helpers.textured(helpers.load())
    old = node.image
    with other_computer("render@studio") as folder:
        image = helpers.synthesize(seed=3)
        assert node.image == image != old and image["texcore_recipe"]
        assert Path(folder, "hosts").read_text().split() == ["render@studio"]
        jobs = folder / ".cache" / "texcore" / "remote-jobs"
        assert jobs.is_dir() and not list(jobs.iterdir())
    assert helpers.module("engine.setup_state").known.host == ""


def check_a_name_that_ssh_would_take_for_an_option_is_refused():
    node = helpers.textured(helpers.load())
    old = node.image
    with other_computer("-oProxyCommand=touch /tmp/x") as folder:
        try:
            helpers.synthesize(seed=3)
        except RuntimeError as e:
            assert "is no name of a computer" in str(e), e
        else:
            raise AssertionError("it was accepted")
        assert not (folder / "hosts").exists()
    assert node.image == old
