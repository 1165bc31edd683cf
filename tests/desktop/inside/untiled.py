"""An artist who puts another image into the node of a map that is un-tiled, and undoes it."""

from __future__ import annotations

import bpy
import helpers
import stepping
from stepping import Steps, wait

results: dict = {}


def list_shown() -> set[str]:
    """The names of the images that the map shows, in all three places."""
    taps = helpers.module("nodes.untiling_taps").list_taps(helpers.the_node())
    return {tap.image.name for tap in taps if tap.image} if len(taps) == 3 else set()


def put_another_image_into_the_node() -> Steps:
    """It is in all three places at once, and they go back and forth with every undo step."""
    stepping.textured_plane(helpers.load())
    bpy.ops.texcore.untile(material="Bricks")
    for _ in range(2):
        bpy.ops.ed.undo_push(message="before")
        yield wait(0.3)
    for name in ("second", "third"):
        image = helpers.generated()
        image.name = name
        helpers.the_node().image = image
        bpy.ops.ed.undo_push(message=name)
        assert list_shown() > {name}
        yield lambda name=name: list_shown() == {name}
    for undo, name in (
        (bpy.ops.ed.undo, "second"),
        (bpy.ops.ed.undo, "bricks.png"),
        (bpy.ops.ed.redo, "second"),
        (bpy.ops.ed.redo, "third"),
    ):
        with stepping.in_the_panel():
            undo()
        yield lambda name=name: list_shown() == {name}
        yield wait(0.3)
        assert list_shown() == {name}


stepping.run((put_another_image_into_the_node,), results)
