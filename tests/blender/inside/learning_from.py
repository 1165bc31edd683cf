"""Which part of the photo is learnt from: all, the even one, or a rectangle drawn on it."""

from __future__ import annotations

import dataclasses
import types
from unittest import mock

import bpy
import drawing
import helpers
import numpy as np
import overlaying

ENGINE = "painting.py"


def recipe_of(image: bpy.types.Image):
    return helpers.module("images.marks").read_recipe(image)


def asked() -> str:
    """What the panel asks for."""
    return bpy.context.scene.texcore.read_values()["learn_from"]


def check_the_recipe_has_the_rectangle_of_the_panel_and_keeps_it():
    helpers.textured(helpers.load())
    settings = bpy.context.scene.texcore
    settings.learn_from, settings.rectangle = "rectangle", (0.5, 0, 0.9, 1)
    assert asked() == "0.5,0,0.5,1"  # as far as there is a photo
    settings.rectangle = (0.1, 0.2, 0.5, 0.25)
    image = helpers.synthesize()
    assert recipe_of(image).learn_from == asked() == "0.1,0.2,0.5,0.25"
    settings.learn_from = "all"
    assert asked() == "all"
    before = set(bpy.data.images)
    assert bpy.ops.texcore.again(image=image.name) == {"FINISHED"}
    (again,) = set(bpy.data.images) - before
    assert recipe_of(again).learn_from == "0.1,0.2,0.5,0.25"
    # A script, a queue and the command name it in words.
    assert recipe_of(helpers.synthesize(learn_from="0,0,0.5,1")).learn_from == "0,0,0.5,1"
    assert helpers.options(learn_from="0,0,0.5,1").recipe.learn_from == "0,0,0.5,1"
    try:
        helpers.synthesize(learn_from="0,0,2,1")
    except RuntimeError as e:
        assert "“0,0,2,1” is no part to learn from" in str(e), e
    else:
        raise AssertionError("nothing was refused")


class View:
    """The view of an editor of 400 × 400 pixels whose middle half shows the photo."""

    def region_to_view(self, x: float, y: float) -> tuple[float, float]:
        return (x - 100) / 200, (y - 100) / 200


def an_area() -> types.SimpleNamespace:
    return overlaying.area(overlaying.region("WINDOW", "NONE", 50, 30, 400, 400, View()))


def drag(frame, *events: tuple[str, str, tuple[int, int]]) -> list[set[str]]:
    """What the operator answers to events at places of the editor."""
    cls = helpers.module("operators.framing").TEXCORE_OT_draw_rectangle
    with overlaying.opened(cls, frame) as operator:
        return [
            overlaying.happen(operator, kind, (50 + x, 30 + y), value)
            for kind, value, (x, y) in events
        ]


def check_a_drag_over_the_photo_sets_the_rectangle():
    helpers.textured(helpers.load())
    settings = bpy.context.scene.texcore
    frame = helpers.module("operators.framing").Frame(an_area())
    answers = drag(
        frame,
        ("MOUSEMOVE", "NOTHING", (200, 200)),
        ("WHEELUPMOUSE", "PRESS", (200, 200)),
        ("LEFTMOUSE", "PRESS", (-20, 200)),
        ("LEFTMOUSE", "PRESS", (200, 120)),
        ("LEFTMOUSE", "RELEASE", (200, 120)),
        ("LEFTMOUSE", "PRESS", (250, 120)),
        ("MOUSEMOVE", "NOTHING", (180, 180)),
        ("LEFTMOUSE", "RELEASE", (150, 260)),
    )
    through, on = {"PASS_THROUGH"}, {"RUNNING_MODAL"}
    assert answers == [through, through, through, on, on, on, on, {"FINISHED"}], answers
    assert settings.learn_from == "rectangle"
    assert np.allclose(settings.rectangle, (0.25, 0.2, 0.5, 0.7)), settings.rectangle[:]
    settings.learn_from = "all"
    frame = helpers.module("operators.framing").Frame(an_area())
    answers = drag(frame, ("LEFTMOUSE", "PRESS", (200, 120)), ("ESC", "PRESS", (300, 300)))
    assert answers[-1] == {"CANCELLED"} and settings.learn_from == "all"
    # Beyond the photo it ends at its border.
    drag(frame, ("LEFTMOUSE", "RELEASE", (390, 390)))
    assert np.allclose(settings.rectangle, (0.5, 0, 0.5, 0.9)), settings.rectangle[:]


def check_the_frame_is_dark_around_and_leaves_the_middle_free():
    framing, overlay = helpers.module("operators.framing"), helpers.module("operators.overlay")
    middle = overlay.Cell(30, 20, 40, 50)
    for around, whole in ((False, 100 * 90), (True, 44 * 54)):
        size = (2, 2) if around else (100, 90)
        parts = framing.surround(middle, *size, around=around)
        assert sum(part.width * part.height for part in parts) == whole - 40 * 50
        assert all(part.width >= 0 and part.height >= 0 for part in parts)
        assert overlay.find_cell(parts, 50, 40) is None


def check_a_photo_that_changes_is_told_of_with_a_button():
    helpers.textured(helpers.load())
    task, notes = helpers.module("synthesis.task"), helpers.module("bundled.texcore.contract.notes")
    read = task.messages.read
    settings = bpy.context.scene.texcore

    def tell(kind, result):
        found = read(kind, result)
        if not hasattr(found, "notes"):
            return found
        return dataclasses.replace(found, notes=["It changes."], note_codes=[notes.PHOTO_CHANGES])

    with mock.patch.object(task.messages, "read", tell):
        helpers.synthesize()
    assert "Learn From the Even Part" in drawing.list_words()
    made_by = helpers.module("engine.jobs").latest["synthesize"].task
    with mock.patch.object(made_by, "photo_changes", False):
        assert "Learn From the Even Part" not in drawing.list_words()
    with drawing.in_german():
        drawing.expect_room(drawing.draw_panel())
    assert bpy.ops.texcore.learn_even() == {"FINISHED"} and settings.learn_from == "even"
    assert "Learn From the Even Part" not in drawing.list_words()


def check_the_sides_of_the_rectangle_are_shown_with_their_names():
    helpers.textured(helpers.load())
    bpy.context.scene.texcore.learn_from = "rectangle"
    with drawing.in_german():
        seen = drawing.draw_panel()
    drawing.expect_room(seen)
    assert {"Rechteck", "Von links", "Von oben", "Breite", "Höhe"} <= {w.shown for w in seen}
