"""What the artist changes by hand on an un-tiled map goes to all of its places, and back."""

from __future__ import annotations

import bpy
import helpers
import numpy as np
from material import loaded, wired
from untiling import picture

ENGINE = "painting.py"


def check_the_other_places_follow_what_the_artist_puts_into_the_node():
    material = wired(base_color=loaded("base_color"))
    bpy.ops.texcore.untile(material=material.name)
    taps, twin = helpers.module("nodes.untiling_taps"), material.copy()
    bpy.data.objects["Bricks"].data.materials.append(twin)
    node, copy = (each.node_tree.nodes["base_color"] for each in (material, twin))
    old, values = node.image, np.full((24, 96, 3), (0.2, 0.4, 0.6))
    node.interpolation = "Closest"
    for _ in range(2):
        bpy.context.view_layer.update()
        seen = [{tap.interpolation for tap in taps.list_taps(each)} for each in (node, copy)]
        assert seen == [{"Closest"}, {"Linear"}]
    node.image = picture(values, "new")
    bpy.context.view_layer.update()
    assert {tap.image.name for tap in taps.list_taps(node)} == {"new"}
    held = [
        entry.default_value for entry in taps.find_blending(node).node_tree.nodes["Mean"].inputs
    ]
    assert np.allclose(held, np.sqrt(values[0, 0]), atol=1e-3)
    assert taps.find_cells(node).inputs["Aspect"].default_value == 4
    # A copy of the material keeps its own.
    assert {tap.image for tap in taps.list_taps(copy)} == {old}
    copy.extension = "EXTEND"
    bpy.context.view_layer.update()
    assert {tap.extension for tap in taps.list_taps(copy)} == {"EXTEND"}
    node.image = None
    bpy.context.view_layer.update()
    assert {tap.image for tap in taps.list_taps(node)} == {None}


def check_what_has_followed_outlives_undo():
    material = wired(base_color=loaded("base_color"))
    bpy.ops.texcore.untile(material=material.name)
    taps, name = helpers.module("nodes.untiling_taps"), material.name
    following, handlers = helpers.module("nodes.untiling_following"), bpy.app.handlers
    gone: list[bpy.types.Image] = []

    def shown() -> list[str]:
        node = bpy.data.materials[name].node_tree.nodes["base_color"]
        return [tap.image.name for tap in taps.list_taps(node)]

    def find_gone(*_: object) -> None:
        """Note images that Blender has kept in a node though they are gone."""
        here = {image.as_pointer() for image in bpy.data.images}
        nodes = [node for tree in bpy.data.node_groups for node in tree.nodes]
        images = [node.image for node in nodes if node.type == "TEX_IMAGE"]
        gone.extend(image for image in images if image and image.as_pointer() not in here)

    # In a window Blender tells of a change when its undo step is there; here each operator tells.
    handlers.depsgraph_update_post.remove(following._on_change)
    handlers.undo_post.insert(0, find_gone)
    try:
        for _ in range(3):  # of a group that no step has changed Blender keeps what it has
            bpy.ops.ed.undo_push(message="before")
        for title in ("second", "third"):
            node = bpy.data.materials[name].node_tree.nodes["base_color"]
            node.image = picture(np.full((8, 8, 3), 0.5), title)
            bpy.ops.ed.undo_push(message=title)
            assert title not in shown()[1:]
            following.follow()
            assert shown() == [title] * 3
        for title in ("second", "base_color.png"):
            bpy.ops.ed.undo()
            assert not gone and shown() == [title] * 3
        for title in ("second", "third"):
            bpy.ops.ed.redo()
            assert shown() == [title] * 3
    finally:
        handlers.undo_post.remove(find_gone)
        handlers.depsgraph_update_post.append(following._on_change)
