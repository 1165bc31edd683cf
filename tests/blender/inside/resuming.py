"""What was cancelled is gone on with, by the real engine; what was lost can be, too."""

from __future__ import annotations

import os
from pathlib import Path

import bpy
import helpers
from driving import job, until
from on_object import texture_node, thing


def check_what_was_cancelled_is_gone_on_with():
    jobs, suspending = helpers.module("engine.jobs"), helpers.module("engine.suspending")
    node = helpers.textured(helpers.load(size=32))
    work = job(quality="standard", seed=4)
    folder = Path(work.task._folder.name)
    jobs.start(work)
    until(lambda: work.ended or work.fraction > 0)
    bpy.ops.texcore.cancel()
    assert work.state is jobs.State.CANCELLED and node.image.name == "bricks.png"
    kept = suspending.look()
    assert kept.task is work.task and kept.fraction > 0 and folder.is_dir()
    until(lambda: not jobs.engine.cancelling)
    assert jobs.engine.running  # it has kept what was done, and was not killed over it
    assert bpy.ops.texcore.resume() == {"FINISHED"}
    last = jobs.latest["synthesize"]
    assert "Gone on after" in last.message and node.image.name == "bricks Texcore", last.message
    assert suspending.look() is None and not folder.exists()


def check_a_texture_for_an_object_is_gone_on_with():
    jobs = helpers.module("engine.jobs")
    box = thing()
    work = job(object="Box", width=256, height=256, quality="high")
    jobs.start(work)
    until(lambda: work.ended or work.stage == "Mending joints")
    bpy.ops.texcore.cancel()
    assert work.state is jobs.State.CANCELLED
    until(lambda: not jobs.engine.cancelling)
    assert bpy.ops.texcore.resume() == {"FINISHED"}
    last = jobs.latest["synthesize"]
    assert "Gone on after" in last.message, last.message
    assert texture_node(box).image.name == "bricks Texcore"


def check_what_was_lost_can_be_gone_on_with_again_and_again():
    jobs, suspending = helpers.module("engine.jobs"), helpers.module("engine.suspending")
    node = helpers.textured(helpers.load())
    os.environ["TEXCORE_PYTHON"] = helpers.faulty_engine("losing.py")
    work = job()
    jobs.start(work)
    until(lambda: work.state is jobs.State.RUNNING)
    # Its answer and its end are seen at one look: the answer counts.
    jobs.engine._process.wait()
    for thread in jobs.engine._threads:
        thread.join()
    until(lambda: work.ended)
    assert work.state is jobs.State.FAILED and node.image.name == "bricks.png"
    assert work.message == "The connection was lost."
    for unreachable in (False, True):
        assert suspending.look().task is work.task and suspending.look().fraction == 0.5
        if unreachable:
            os.environ["TEXCORE_TEST_UNREACHABLE"] = "1"
            jobs.engine.stop()
        again = jobs.resume()
        jobs.start(again)
        until(lambda again=again: again.ended)
        assert again.state is jobs.State.FAILED and again.task.params.resume
    del os.environ["TEXCORE_TEST_UNREACHABLE"]
    folder = Path(work.task._folder.name)
    assert suspending.look().fraction == 0.5 and folder.is_dir()
    suspending.forget()
    assert not folder.exists()
