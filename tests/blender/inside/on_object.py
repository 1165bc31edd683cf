"""Textures on objects, by the engine: what is in the file then, again, what is refused."""

from __future__ import annotations

import json
from unittest import mock

import bpy
import helpers
import numpy as np
import udim

#: A warm engine sews such a texture in a fraction of a second.
QUICK = {"width": 48, "height": 48, "quality": "sketch", "device": "cpu"}


def thing(name: str = "Box", repeats: float = 6.0, unwrapped: bool = True) -> bpy.types.Object:
    """A box whose photo lies on it many times over, by a Mapping node."""
    node = helpers.textured(helpers.load(), name)
    node.id_data.nodes.active = node
    nodes, links = node.id_data.nodes, node.id_data.links
    mapping, coordinates = nodes.new("ShaderNodeMapping"), nodes.new("ShaderNodeTexCoord")
    mapping.inputs["Scale"].default_value = (repeats, repeats, 1)
    links.new(coordinates.outputs["UV"], mapping.inputs["Vector"])
    links.new(mapping.outputs["Vector"], node.inputs["Vector"])
    box = bpy.context.view_layer.objects.active
    corners = [(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)]
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    box.data.from_pydata(corners, [], faces)
    if unwrapped:
        layer = box.data.uv_layers.new(name="Unwrapped")
        for face in box.data.polygons:
            left, bottom = face.index % 3 / 3, face.index // 3 / 2
            square = ((0.0, 0.0), (0.3, 0.0), (0.3, 0.4), (0.0, 0.4))
            for loop, (u, v) in zip(face.loop_indices, square, strict=True):
                layer.uv[loop].vector = (left + u + 0.01, bottom + v + 0.02)
    return box


def texture_node(box: bpy.types.Object) -> bpy.types.ShaderNodeTexImage:
    """The Image Texture node of an object's material."""
    nodes = box.active_material.node_tree.nodes
    return next(n for n in nodes if isinstance(n, bpy.types.ShaderNodeTexImage))


def feeds(node: bpy.types.ShaderNodeTexImage) -> str:
    """What kind of node feeds an image node's coordinates; with the UV map that it names."""
    links = node.inputs["Vector"].links
    source = links[0].from_node if links else None
    return f"{source.type} {getattr(source, 'uv_map', '')}".strip() if source else ""


def kinds(box: bpy.types.Object) -> list[str]:
    """The kinds of all nodes of an object's material."""
    return sorted(node.type for node in box.active_material.node_tree.nodes)


def make(**words) -> bpy.types.Image:
    """Run the operator; returns the newest image."""
    before = {image.session_uid for image in bpy.data.images}
    assert bpy.ops.texcore.synthesize_on_object(**QUICK | words) == {"FINISHED"}
    (new,) = [image for image in bpy.data.images if image.session_uid not in before]
    return new


def refuses(*words: str, **arguments) -> None:
    """The operator must fail with a sentence that has these words, and change nothing."""
    images = {image.name for image in bpy.data.images}
    try:
        bpy.ops.texcore.synthesize_on_object(**QUICK | arguments)
    except RuntimeError as e:
        said = str(e)
    else:
        raise AssertionError("nothing was refused")
    assert all(word in said for word in words), said
    assert "Traceback" not in said and "mistake" not in said, said
    assert {image.name for image in bpy.data.images} == images


def check_the_object_gets_a_texture_and_gives_its_mapping_back():
    box = thing()
    photo, before = texture_node(box).image, kinds(box)
    bpy.ops.ed.undo_push(message="before")
    new = make(scale=0.5)
    node = texture_node(box)
    assert node.image == new and feeds(node) == "UVMAP Unwrapped"
    recipe = json.loads(new["texcore_recipe"])
    assert (recipe["scale"], recipe["up"], recipe["tile"]) == (0.5, "z", "none")
    assert len(recipe["pictures"]["object"]) == 64 and new["texcore_object"] == "Box"
    assert new.packed_file is not None and tuple(new.size) == (48, 48)
    # Every texel of the surface has something of the photo, red bricks and grey joints.
    assert helpers.pixels(new)[..., 0].min() > 0.3
    scale = box.active_material.node_tree.nodes["Mapping"].inputs["Scale"].default_value
    assert tuple(scale) == (6, 6, 1)
    bpy.ops.texcore.compare()
    assert node.image == photo and feeds(node) == "MAPPING" and kinds(box) == before
    assert tuple(scale) == (6, 6, 1)
    bpy.ops.texcore.compare()
    assert node.image == new and feeds(node) == "UVMAP Unwrapped"
    bpy.ops.ed.undo_push(message="compared")
    bpy.ops.ed.undo()  # what was compared
    bpy.ops.ed.undo()
    box = bpy.data.objects["Box"]
    assert texture_node(box).image.name == "bricks.png" and feeds(texture_node(box)) == "MAPPING"
    assert kinds(box) == before and "bricks Texcore" not in bpy.data.images


def draw_image(name: str, pixels: np.ndarray) -> str:
    """Make an image of colours (height, width, 3); returns its name."""
    height, width, _ = pixels.shape
    image = bpy.data.images.new(name, width, height)
    opaque = np.dstack([pixels, np.ones((height, width))])
    image.pixels.foreach_set(opaque.astype(np.float32).ravel())
    return image.name


def striped_square() -> None:
    """An upright square with a photo of level stripes."""
    mesh = thing().data
    mesh.clear_geometry()
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (1, 0, 1), (0, 0, 1)], [], [(0, 1, 2, 3)])
    square = mesh.uv_layers.new(name="Square")
    for loop, place in zip(square.uv, ((0, 0), (1, 0), (1, 1), (0, 1)), strict=True):
        loop.vector = place
    rows = np.tile(np.arange(64)[:, None, None] // 4 % 2, (1, 64, 3)).astype(float)
    striped = bpy.data.images[draw_image("rows", rows)]
    texture_node(bpy.data.objects["Box"]).image = striped


def check_a_scale_map_makes_things_smaller_and_larger():
    striped_square()
    small, large = (
        draw_image(name, np.full((16, 16, 3), grey)) for name, grey in (("small", 0), ("large", 1))
    )

    def count(image):
        """How often an image changes from row to row."""
        return float(np.abs(np.diff(helpers.pixels(image)[..., 0], axis=0)).sum())

    one, other = make(scale_map=small), make(scale_map=large)
    assert count(one) > 2.5 * count(other), (count(one), count(other))
    assert one["texcore_scale_map"].name == small and "texcore_scale_map" not in make()


def check_a_flow_map_turns_the_texture():
    striped_square()
    right, up = (
        draw_image(name, np.tile(colour, (16, 16, 1)))
        for name, colour in (("right", [1.0, 0.5, 0.0]), ("up", [0.5, 1.0, 0.0]))
    )

    def vary(image):
        """How much an image varies from row to row, and from column to column."""
        grey = helpers.pixels(image)[..., 0]
        return [np.abs(np.diff(grey, axis=axis)).mean() for axis in (0, 1)]

    across, along = make(flow=right), make(flow=up)
    one, other = vary(across), vary(along)
    assert one[1] > 3 * one[0] and other[0] > 3 * other[1], (one, other)
    assert across["texcore_flow"].name == right and "texcore_flow" not in make()


def check_an_object_over_udim_tiles_gets_tiles():
    box = thing()
    for loop in box.data.uv_layers["Unwrapped"].uv:
        loop.vector = loop.vector.x * 2, loop.vector.y  # over two tiles, and islands across both
    node = texture_node(box)
    node.image = udim.tiled("wall", (1001, 1002), 64)
    new = make()
    assert node.image == new and new.source == "TILED"
    assert [tile.number for tile in new.tiles] == [1001, 1002]
    assert len(new.packed_files) == 2 and json.loads(new["texcore_recipe"])["size"] == [96, 48]
    node.image = udim.tiled("small", (1001,), 64)
    refuses("leaves the UDIM tiles 1001: add")


def check_two_photos_lie_where_a_blend_map_says():
    thing()
    shades = np.random.default_rng(0).random((64, 64, 1))
    blue = draw_image("blue", shades * [0.1, 0.2, 1])
    where = draw_image("where", np.tile(np.arange(32) >= 16, (32, 1))[..., None] * np.ones(3))
    new = make(mix=blue, blend=where)
    pixels = helpers.pixels(new)
    left, right = pixels[:, :18].mean((0, 1)), pixels[:, 30:].mean((0, 1))
    assert left[0] > left[2] and right[2] > right[0], (left, right)
    assert new["texcore_mix"].name == blue and new["texcore_blend"].name == where
    assert bpy.ops.texcore.again(seed=-2) == {"FINISHED"}
    again = texture_node(bpy.data.objects["Box"]).image
    assert again != new and np.array_equal(helpers.pixels(again), pixels)


def check_the_same_again_and_after_a_change():
    box = thing()
    first = make(seed=4)
    assert bpy.ops.texcore.again(seed=-2) == {"FINISHED"}
    second = texture_node(box).image
    assert second != first and second["texcore_object"] == "Box"
    assert np.array_equal(helpers.pixels(first), helpers.pixels(second))
    jobs = helpers.module("engine.jobs")
    assert "changed" not in jobs.latest["synthesize"].message
    box.scale = (1, 1, 3)
    bpy.context.view_layer.update()
    assert bpy.ops.texcore.again(seed=-2) == {"FINISHED"}
    assert "The object or its unwrapping has changed" in jobs.latest["synthesize"].message


def check_an_object_with_another_name_is_known_by_its_texture():
    box = thing()
    first = make(seed=4)
    box.name = "Crate"
    other = thing("Box")  # with a photo of its own
    other.data.uv_layers["Unwrapped"].uv[5].vector = (0.5, 0.5)
    before = texture_node(other).image
    bpy.context.view_layer.objects.active = box
    bpy.ops.object.select_all(action="DESELECT")
    box.select_set(True)
    for to in ("NODE", "SELECTED"):
        bpy.ops.texcore.compare()
        assert bpy.ops.texcore.assign(image=first.name, to=to) == {"FINISHED"}
        assert texture_node(box).image == first
    for _ in range(2):
        assert bpy.ops.texcore.again(image=first.name) == {"FINISHED"}
        made = texture_node(box).image
        assert made != first and made["texcore_object"] == "Crate"
        assert texture_node(other).image == before
    other.select_set(True)
    box.select_set(False)
    try:
        bpy.ops.texcore.assign(image=first.name, to="SELECTED")
    except RuntimeError as e:
        assert "fits no other object" in str(e), e
    else:
        raise AssertionError("it was given to another object")


def check_an_object_that_nothing_tells_is_not_guessed():
    box = thing()
    first = make()
    texture_node(box).image = helpers.load()  # as if it were another of the same name
    del texture_node(box)["texcore_other"]
    try:
        bpy.ops.texcore.again(image=first.name, seed=-2)
    except RuntimeError as e:
        assert "The object “Box”" in str(e), e
    else:
        raise AssertionError("it was made for another object")


def check_what_cannot_be_made_has_a_sentence():
    bpy.ops.object.select_all(action="DESELECT")
    refuses("There is no active object")
    lamp = bpy.data.objects.new("Lamp", bpy.data.lights.new("Lamp", "POINT"))
    bpy.context.scene.collection.objects.link(lamp)
    refuses("“Lamp” is no mesh", object="Lamp")
    refuses("no object named “Gone”", object="Gone")
    bare = thing("Bare", unwrapped=False)
    refuses("“Bare” has no UV map: unwrap it")
    box = thing()
    other = bpy.data.images.new("other", 32, 32)
    bpy.context.scene.texcore.mix = other
    refuses("of two with a Blend Map")
    bpy.context.scene.texcore.mix = None
    refuses("does not have the material", object="Box", material=bare.active_material.name)
    node = texture_node(box)
    node.projection = "BOX"
    refuses("is projected by Box")
    node.projection = "FLAT"
    refuses("At this scale the photo has 4 × 4 pixels", scale=1 / 16)
    with mock.patch.object(helpers.module("synthesis.object_file"), "MAX_TRIANGLES", 11):
        refuses("“Box” has 12 triangles, and 11 are the most")
    corners = box.data.uv_layers["Unwrapped"].uv
    for number in range(4, 8):  # the second face onto the first
        corners[number].vector = corners[number - 4].vector
    refuses("share the same place")
    jobs, codes = helpers.module("engine.jobs"), helpers.module("bundled.texcore.contract.messages")
    assert jobs.latest["synthesize"].code == codes.ErrorCode.BAD_UNWRAPPING
    box.data.materials.clear()
    refuses("“Box” has no material")
