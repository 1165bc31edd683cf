"""How long it will take, said below the button before it is pressed."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import time
import types

import bpy
import driving
import helpers

ENGINE = "painting.py"


class Layout(helpers.Layout):
    """Takes whatever the panel draws, and keeps the words and the operators."""

    def __init__(self):
        self.words, self.operators = [], []

    def label(self, text="", **more):
        self.words.append(text)

    def operator(self, name, text="", **more):
        self.operators.append((name, text))
        return types.SimpleNamespace()


@contextlib.contextmanager
def kept(known, text=None):
    """Let a file, of what is known or of any text, be the user's; None for no file."""
    contract = helpers.module("bundled.texcore.contract.calibration")
    estimating = helpers.module("engine.estimating")
    before = os.environ.get("TEXCORE_HOME")
    os.environ["TEXCORE_HOME"] = str(helpers.folder())
    try:
        if known is not None:
            contract.write_calibration(known)
        if text is not None:
            path = contract.calibration_file()
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        estimating.refresh()
        yield
    finally:
        del os.environ["TEXCORE_HOME"]
        if before is not None:
            os.environ["TEXCORE_HOME"] = before
        estimating.refresh()


def calibration(second=1.0):
    """What is known of a machine whose every speed is a multiple of a fast one's."""
    contract = helpers.module("bundled.texcore.contract.calibration")
    schedule = helpers.module("bundled.texcore.contract.schedule")
    effort = schedule.Effort(3e5, 1e5)
    schedules = {
        contract.name_schedule("net", "default", quality, several): {
            "0.0": schedule.Schedule(
                32, layout=True, sewn=True, evaluations=n, finer=n, first=effort, rest=effort
            )
        }
        for quality, n in (("draft", 5), ("standard", 24))
        for several in (False, True)
    }
    rates = contract.Rates(second, 1e-7 * second, 1e-11 * second, 1e-3 * second)
    place = contract.ComputeDevice("here", "cpu", "2 cores", 2)
    words = "auto", "random", "vgg19", "vgg16"
    return contract.Calibration(
        engine="1",
        places=dict.fromkeys(("auto", "cpu"), place),
        rates={"here, net": rates},
        networks=dict.fromkeys(words, "net"),
        schedules=schedules,
    )


def drawn():
    """What the panel shows below the button."""
    asked = helpers.module("interface.panels")._find_intention(bpy.context)
    layout = Layout()
    helpers.module("interface.button").draw_outlook(layout, *asked)
    return layout


def image():
    """A picture in a node, with its pixels in memory as in an artist's file."""
    made = helpers.generated()
    helpers.textured(made)
    return made


def check_it_is_said_before_the_button_is_pressed_without_an_engine():
    image()
    engine = helpers.module("engine.jobs").engine
    engine.stop()
    with kept(calibration()):
        (words,) = drawn().words
        assert words.startswith("About ") and words.endswith(" s on CPU"), words
        assert drawn().operators == []
    # An engine that has to be started first takes as much longer.
    with kept(dataclasses.replace(calibration(), start=50.0)):
        seconds = int(drawn().words[0].split()[1])
        assert seconds >= 50, seconds
    assert not engine.running


def check_where_nothing_is_known_nothing_is_said():
    image()
    for known, text in ((None, None), (None, "{"), (None, "[" * 9999), (None, '{"version": 9}')):
        with kept(known, text):
            assert (drawn().words, drawn().operators) == ([], [])
    with kept(dataclasses.replace(calibration(), networks={})):
        assert drawn().words == []
        bpy.context.scene.texcore.quality = "sketch"
        assert len(drawn().words) == 1


def check_a_larger_size_takes_longer_and_a_mixture_is_not_guessed():
    image()
    settings = bpy.context.scene.texcore
    with kept(calibration()):
        small = drawn().words
        settings.size, settings.width, settings.height = "custom", 1024, 1024
        assert drawn().words != small
        settings.mix = bpy.data.images.new("Other", 64, 64)
        assert drawn().words == []


def check_beyond_three_minutes_a_quicker_quality_is_offered():
    image()
    settings = bpy.context.scene.texcore
    settings.size, settings.width, settings.height = "custom", 1024, 1024
    with kept(calibration(second=100.0)):
        shown = drawn()
        assert " min on CPU" in shown.words[0] or " h " in shown.words[0], shown.words
        ((name, text),) = shown.operators
        assert name == "texcore.quicker" and text.startswith("Draft instead: about "), text
        assert bpy.ops.texcore.quicker() == {"FINISHED"} and settings.quality == "draft"
        ((name, text),) = drawn().operators
        assert text.startswith("Sketch instead: about "), text
        assert bpy.ops.texcore.quicker() == {"FINISHED"} and settings.quality == "sketch"
        assert drawn().operators == []
        assert bpy.ops.texcore.quicker() == {"FINISHED"} and settings.quality == "sketch"


def check_all_maps_of_a_material_take_longer_than_one():
    node = helpers.textured(helpers.generated())
    tree = node.id_data
    rough = tree.nodes.new("ShaderNodeTexImage")
    rough.image = helpers.generated()
    rough.image.colorspace_settings.name = "Non-Color"
    helpers.pixels(rough.image)  # another colour space has thrown them away
    tree.links.new(rough.outputs["Color"], tree.nodes["Principled BSDF"].inputs["Roughness"])
    tree.nodes.active = None
    with kept(calibration(second=20.0)):
        (all_maps,) = drawn().words
        bpy.context.scene.texcore.all_maps = False
        (one,) = drawn().words
        assert int(one.split()[1]) < int(all_maps.split()[1]), (one, all_maps)


def check_the_time_left_is_there_before_the_engine_says_anything():
    image()
    with kept(calibration(second=100.0)):
        work = driving.job(quality="draft", width=512, height=512)
    assert work.task.expected > 0 and work.remaining is None
    jobs = helpers.module("engine.jobs")
    jobs.start(work)
    driving.until(lambda: work.state is jobs.State.RUNNING)
    first = work.remaining
    assert 0 < first <= work.task.expected
    time.sleep(0.02)
    assert work.remaining is None or work.remaining < first
    work.cancel()
    assert work.remaining is None
    driving.until(lambda: not jobs.engine.cancelling)


def check_drawing_only_reads_what_is_in_memory():
    image()
    with kept(calibration()):
        contract = helpers.module("bundled.texcore.contract.calibration")
        path = contract.calibration_file()
        before = drawn().words
        path.unlink()
        assert drawn().words == before
        assert helpers.module("engine.estimating").refresh()
        assert drawn().words == []
