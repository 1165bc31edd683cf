"""The engine on the other side of the pipe: silent, talking without end, or out of its senses."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import bpy
import helpers
from driving import job, until
from refusing import refuses

ENGINE = "painting.py"


@contextlib.contextmanager
def silence(seconds: float) -> Iterator[None]:
    """Have an engine be given up after so many seconds without a word."""
    process = helpers.module("engine.process")
    with mock.patch.object(process, "SILENCE_SECONDS", seconds):
        yield


def faulty(name: str) -> None:
    helpers.textured(helpers.load())
    os.environ["TEXCORE_PYTHON"] = helpers.faulty_engine(name)


def check_an_engine_that_falls_silent_is_given_up_by_scripts():
    faulty("deaf.py")
    with silence(0.5):
        refuses("The engine has said nothing for", "try again")
    assert not helpers.module("engine.jobs").engine.running
    assert not helpers.module("engine.jobs").latest["synthesize"].needs_set_up


def check_an_engine_that_falls_silent_is_given_up_by_the_panel():
    jobs = helpers.module("engine.jobs")
    faulty("deaf.py")
    work = job()
    with silence(0.5):
        jobs.start(work)
        until(lambda: work.ended)
    assert work.state is jobs.State.FAILED and "has said nothing for" in work.message
    assert not jobs.engine.running
    os.environ["TEXCORE_PYTHON"] = helpers.engine(ENGINE)
    assert helpers.synthesize() is not None  # the next one starts another


def check_work_may_take_longer_than_silence():
    faulty("patient.py")
    with silence(0.6):  # it works for twice as long
        refuses("It was worked to the end.")


def check_time_in_which_blender_did_not_look_is_not_the_engine_s_silence():
    jobs, process = helpers.module("engine.jobs"), helpers.module("engine.process")
    faulty("deaf.py")
    work = job()
    jobs.start(work)
    until(lambda: work.state is jobs.State.RUNNING)
    now = time.monotonic
    with mock.patch.object(process.time, "monotonic", lambda: now() + 10_000):
        jobs._on_timer()
    assert not work.ended
    work.cancel()
    until(lambda: not jobs.engine.cancelling)


def check_an_engine_that_talks_without_end_does_not_hold_blender_up():
    jobs = helpers.module("engine.jobs")
    faulty("endless.py")
    work = job()
    jobs.start(work)
    until(lambda: work.stage == "Talking")
    time.sleep(1)  # in which Blender does something else, and the engine talks on
    take, taken = work._take, []
    work._take = lambda message: (taken.append(1), take(message))
    jobs._on_timer()
    # As many as there is time for; before there was a bound, all of that second's, and more.
    assert 0 < len(taken) < 3000, len(taken)
    assert not work.ended
    mailbox = helpers.module("engine.mailbox")
    assert len(jobs.engine._mailbox._waiting) <= mailbox.MOST_WAITING + 1
    work.cancel()
    assert work.state is jobs.State.CANCELLED
    until(lambda: not jobs.engine.cancelling)


def check_a_line_without_end_is_not_kept_in_memory():
    faulty("without_end.py")
    unit = 1 if sys.platform == "darwin" else 1024
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    refuses("It was heard all the same.")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit - before
    assert grown < 50 << 20, f"{grown >> 20} MB of 200"
    assert len(helpers.module("engine.jobs").latest["synthesize"].log) < 100_000


@contextlib.contextmanager
def saying(*messages: dict) -> Iterator:
    """A job at work whose engine says just this."""
    jobs = helpers.module("engine.jobs")
    faulty("telling.py")
    path = helpers.folder() / "says.txt"
    lines = [json.dumps({"jsonrpc": "2.0", **message}) for message in messages]
    path.write_text("\n".join(lines).replace('"JOB"', "JOB"), encoding="utf-8")
    with mock.patch.dict(os.environ, {"TEXCORE_TEST_SAYS": str(path)}):
        work = job()
        jobs.start(work)
        yield work


def says(*messages: dict):
    """What becomes of a job whose engine says just this."""
    with saying(*messages) as work, silence(2.0):
        until(lambda: work.ended)
    assert "mistake" not in work.message and "Traceback" not in work.log, (work.message, work.log)
    return work


def failure(**odd) -> dict:
    return {"id": "JOB", "error": {"code": -32001, "message": "The end.", **odd}}


def progress(**odd) -> dict:
    params = {"job": "JOB", "fraction": 0.5, "stage": "Painting", **odd}
    return {"method": "progress", "params": params}


def check_progress_that_cannot_be_is_passed_over():
    odd = (
        progress(fraction=float("nan")),
        progress(fraction=float("inf")),
        progress(fraction=-1),
        progress(fraction="half"),
        progress(remaining=float("nan")),
        progress(remaining=1e308),
        progress(stage=7),
        progress(job=[1]),
        progress(previewed="yes"),
        {"method": "progress"},
        {"method": "progress", "params": "half"},
        {"method": "alive", "params": "yes"},
        {"method": ["progress"], "params": {}},
        {"method": "progress", "params": {"job": {}, "stage": {}}},
    )
    for message in odd:
        work = says(progress(), message, failure())
        assert work.message == "The end.", (message, work.message)


def check_a_fraction_that_is_no_number_does_not_stop_the_timer():
    jobs = helpers.module("engine.jobs")
    for fraction in (float("nan"), float("inf")):
        with saying(progress(fraction=fraction, stage="Odd")) as work:
            # A line with such a number is none of JSON's, and goes to the log as it is.
            until(lambda: '"stage": "Odd"' in jobs.engine.log)
            assert work.stage != "Odd"
            jobs._on_timer()  # one that raises is dropped by Blender
            assert not work.ended and 0 <= work.fraction <= 1
            work.cancel()
            until(lambda: not jobs.engine.cancelling)


def check_ids_that_cannot_be_are_passed_over():
    for id in ([1], {}, "1", 1.5, True, False, None, -1):
        work = says({"id": id, "result": {}}, failure())
        assert work.message == "The end.", (id, work.message)


def check_answers_that_make_no_sense_are_said_in_a_sentence():
    about = {"width": 1, "height": 1, "evaluations": 1, "seconds": 1.0, "network": ""}
    made = {"output": "/a.png", "recipe": {}}
    errors = ("it failed", 7, [], True, {}, {"code": "1", "message": 5})
    results = (
        None,
        "a.png",
        {},
        {"maps": {}, **about},
        {"maps": {"picture": made, "height": made}, **about},
        {"maps": {"../picture": made}, **about},
        {"maps": {"picture": {**made, "recipe": {"seed": "x"}}}, **about},
        {"maps": {"picture": made}, **about, "width": "wide"},
    )
    odd = [{"id": "JOB", "error": error} for error in errors]
    odd += [{"id": "JOB", "result": result} for result in results]
    for message in odd:
        work = says(message)
        assert work.state.value == "failed" and work.message, message
        known = ("makes no sense", "seed")
        assert any(word in work.message for word in known), (message, work.message)


def check_long_sentences_are_cut():
    work = says(progress(stage="s" * 100_000), failure(message="m" * 500_000))
    assert len(work.message) < 10_000 and len(work.stage) < 1000


def lays(what: str, live: bool = False):
    """What becomes of a job whose engine lays something else in the place of a file."""
    jobs = helpers.module("engine.jobs")
    os.environ["TEXCORE_PYTHON"] = helpers.faulty_engine("laying.py")
    secret = helpers.write_png(helpers.folder() / "secret.png", helpers.picture(16))
    words = {"TEXCORE_TEST_LAYS": what, "TEXCORE_TEST_PICTURE": str(secret)}
    with mock.patch.dict(os.environ, words):
        work = job(live=live)
        jobs.start(work)
        until(lambda: work.ended)
    return work


def check_only_files_of_the_job_s_own_folder_are_brought_in():
    node = helpers.textured(helpers.load())
    for what in ("link", "linked folder", "pipe", "folder", "nothing"):
        work = lays(f"{what} in output")
        assert work.state.value == "failed", (what, work.message)
        assert "engine" in work.message and "picture" in work.message, (what, work.message)
        assert "mistake" not in work.message, work.message
        assert node.image.name == "bricks.png" and len(bpy.data.images) == 1, what


def check_a_file_that_the_engine_names_is_not_opened():
    node = helpers.textured(helpers.load())
    exchange = helpers.module("images.exchange")
    with mock.patch.object(exchange, "bring_in", wraps=exchange.bring_in) as brought:
        work = lays("picture in output")
    assert work.state.value == "done", work.message
    (call,) = brought.call_args_list
    assert Path(call.args[0]).name.startswith("new texture") and node.image != "bricks.png"


def check_only_previews_of_the_job_s_own_folder_are_shown():
    node = helpers.textured(helpers.load())
    for what in ("link", "pipe", "folder", "huge", "one row", "fractions", "objects", "nothing"):
        work = lays(f"{what} in preview", live=True)
        assert work.message == "It was only about the preview.", (what, work.message)
        assert node.image.name == "bricks.png" and len(bpy.data.images) == 1, what


def check_an_engine_killed_at_its_start_is_not_to_be_set_up():
    faulty("killed.py")
    refuses("The engine was killed while it was starting (SIGKILL)", "try again")
    latest = helpers.module("engine.jobs").latest["synthesize"]
    assert "set the engine up" not in latest.message and not latest.needs_set_up
