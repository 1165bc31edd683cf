"""The engine on another computer, with a program in ssh's place and no folder shared."""

from __future__ import annotations

import contextlib
import os
import shlex
from pathlib import Path

import bpy
import helpers
from driving import until
from material import loaded, synthesize, wired

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


def list_jobs(folder):
    """The jobs of which something lies on the other computer."""
    return list((folder / ".cache" / "texcore" / "remote-jobs").iterdir())


def start(**words):
    """Start a job on the other computer, and wait until it is at work."""
    choices, jobs = helpers.module("engine.choices"), helpers.module("engine.jobs")
    options = helpers.options(**helpers.FAST | words)
    task = helpers.module("synthesis.task").Synthesis(bpy.context, options)
    work = jobs.EngineJob(task, choices.find_engine(bpy.context), task.watch)
    jobs.start(work)
    until(lambda: work.ended or work.keepable)
    return work


def check_a_texture_comes_from_another_computer():
    node = helpers.textured(helpers.load())
    old = node.image
    with other_computer("render@studio") as folder:
        image = helpers.synthesize(seed=3)
        assert node.image == image != old and image["texcore_recipe"]
        assert Path(folder, "hosts").read_text().split() == ["render@studio"]
        until(lambda: not list_jobs(folder))
    assert helpers.module("engine.setup_state").known.host == ""


def check_what_was_cancelled_there_is_gone_on_with_and_kept_as_it_is():
    jobs = helpers.module("engine.jobs")
    node = helpers.textured(helpers.load(size=32))
    with other_computer("studio") as folder:
        work = start(width=64, height=64, quality="high", seed=4)
        until(
            lambda: work.fraction > 0 or work.ended
        )  # of a layout alone there is nothing to go on
        bpy.ops.texcore.cancel()
        assert work.state is jobs.State.CANCELLED and node.image.name == "bricks.png"
        until(lambda: not jobs.engine.cancelling)
        assert len(list_jobs(folder)) == 1
        again = jobs.resume()
        jobs.start(again)
        until(lambda: again.ended or again.keepable)
        bpy.ops.texcore.keep()
        until(lambda: again.ended)
        assert again.state is jobs.State.DONE, again.message
        assert "Gone on after" in again.message and "Stopped after" in again.message, again.message
        assert node.image.name == "bricks Texcore"
        until(lambda: not list_jobs(folder))


def check_a_whole_material_comes_from_another_computer():
    kinds = ("base_color", "normal", "height")
    material = wired(**{kind: loaded(kind) for kind in kinds})
    with other_computer("studio") as folder:
        synthesize(material=material.name, width=48, height=40, seed=3)
        until(lambda: not list_jobs(folder))
    for kind in kinds:
        image = material.node_tree.nodes[kind].image
        assert image.name == f"{kind} Texcore" and tuple(image.size) == (48, 40), image


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
