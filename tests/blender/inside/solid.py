"""Solid textures: what space shows of one, the artist's tree before and after, what is refused."""

from __future__ import annotations

import json

import bpy
import helpers
import numpy as np
import udim
from driving import command
from untiling import describe, picture, shoot

ENGINE = "painting.py"
QUICK = {"quality": "draft", "weights": "random", "device": "cpu", "voxels": "32"}
VOXELS = 32


def wave(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Colours that go round once in a unit of space, another way in each channel."""
    turn = 2 * np.pi
    parts = (
        np.sin(turn * x) * np.cos(turn * z),
        np.cos(turn * (y + z)),
        np.sin(turn * (x - y)),
    )
    return 0.5 + 0.4 * np.stack(parts, -1)


def draw_slices() -> np.ndarray:
    """The picture of the cube that shows these, top row first, as the engine lays it."""
    atlas = helpers.module("bundled.texcore.contract.solids").SliceAtlas(VOXELS)
    gutter = (atlas.cell - VOXELS) // 2
    shown = np.zeros((atlas.height, atlas.width, 3))
    places = (np.arange(-gutter, VOXELS + gutter) + 0.5) / VOXELS
    x, y = np.meshgrid(places, 1 - places)
    for number in range(VOXELS):
        row, column = divmod(number, atlas.columns)
        cell = wave(x, y, np.full_like(x, 1 - (number + 0.5) / VOXELS))
        top, left = row * atlas.cell, column * atlas.cell
        shown[top : top + atlas.cell, left : left + atlas.cell] = cell
    return shown


def thing() -> tuple[bpy.types.Object, bpy.types.ShaderNodeTexImage]:
    """A plane of one unit whose material has a photo."""
    node = helpers.textured(helpers.load(), "Stone")
    node.id_data.nodes.active = node
    return bpy.context.view_layer.objects.active, node


def make(**words) -> bpy.types.Image:
    """Run the operator; returns the new image."""
    before = {image.session_uid for image in bpy.data.images}
    assert bpy.ops.texcore.synthesize_solid(**QUICK | words) == {"FINISHED"}
    (new,) = [image for image in bpy.data.images if image.session_uid not in before]
    return new


def check_space_shows_the_cube_and_no_border_of_it():
    solid = helpers.module("nodes.solid")
    bpy.ops.mesh.primitive_plane_add(size=1)
    plane = bpy.context.object
    bpy.ops.object.camera_add(location=(0, 0, 2))
    camera = bpy.context.object
    camera.data.type, camera.data.ortho_scale = "ORTHO", 1
    bpy.context.scene.camera = camera
    bpy.context.view_layer.objects.active = plane
    node = helpers.textured(helpers.load(), "Wave")
    plane.data.materials.clear()
    material = next(m for m in bpy.data.materials if m.node_tree == node.id_data)
    plane.data.materials.append(material)
    bpy.context.view_layer.objects.active = plane
    group = solid.put_in(node, picture(draw_slices(), "slices", data=True), VOXELS, 0.5)
    step = (np.arange(96) + 0.5) / 96
    for height in (0.0, 0.1, 0.2499, 0.4, -0.3):
        for vertex in plane.data.vertices:
            vertex.co.z = height
        shown = shoot(material, group.outputs["Color"], 1)
        x, y = np.meshgrid((step - 0.5) / 0.5, (0.5 - step) / 0.5)
        wanted = wave(x, y, np.full_like(x, height / 0.5))
        assert np.abs(shown - wanted).max() < 0.02, (height, np.abs(shown - wanted).max())
    group.inputs["Amount"].default_value = 0.0
    photo = shoot(material, group.outputs["Color"], 1)
    assert np.abs(photo - shoot(material, node.outputs["Color"], 1)).max() < 1e-3


def check_a_photo_becomes_solid_and_comes_back():
    plane, node = thing()
    tree, photo = node.id_data, node.image
    before = describe(tree)
    bpy.ops.ed.undo_push(message="before")
    new = make(seed=3, span=0.5)
    solids, targets = helpers.module("nodes.solid"), helpers.module("nodes.targets")
    (group,) = solids.find_solids(plane.active_material)
    assert node.image == photo and solids.find_solid(node) == group
    assert group.inputs["Photo"].links[0].from_node == node
    assert group.outputs["Color"].links[0].to_socket.name == "Base Color"
    assert targets.find_target(bpy.context).image == photo
    recipe = json.loads(new["texcore_recipe"])
    assert (recipe["voxels"], recipe["span"], recipe["cuts"]) == ("32", 0.5, "all")
    assert new.packed_file is not None and new.name == "bricks Solid Texcore"
    group.inputs["Size"].default_value = 0.3
    # Another one takes the place of the first, whose group is gone.
    other = make(seed=4)
    assert solids.find_solids(plane.active_material) == [group]
    assert abs(group.inputs["Size"].default_value - 0.3) < 1e-6
    assert {image.name for image in helpers.slices_in(group)} == {other.name}
    assert (
        sum(helpers.module("nodes.solid_group").is_solid_tree(t) for t in bpy.data.node_groups) == 1
    )
    assert bpy.ops.texcore.remove_solid() == {"FINISHED"}
    assert describe(tree) == before and not solids.find_solids(plane.active_material)
    bpy.ops.ed.undo()
    plane = bpy.data.objects[plane.name]
    assert len(solids.find_solids(plane.active_material)) == 1


def check_a_flat_texture_of_the_photo_leaves_the_solid_one():
    _, node = thing()
    make()
    solids = helpers.module("nodes.solid")
    group = solids.find_solid(node)
    bpy.ops.texcore.synthesize(**helpers.FAST)
    assert node.image.name != "bricks.png" and solids.find_solid(node) == group
    recipe = json.loads(node.image["texcore_recipe"])
    assert recipe["voxels"] == "64"  # a flat one is never told of voxels


def check_the_command_makes_one_for_each_material_of_a_photo():
    photo = helpers.load()
    for name in ("Stone", "Rock"):
        helpers.textured(photo, name)
    out = helpers.folder() / "out.blend"
    words = ["--all", "--solid", "--voxels", "32", "--quality", "draft", "--weights", "random"]
    code, said = command(*words, "-o", str(out))
    assert code == 0, said
    bpy.ops.wm.open_mainfile(filepath=str(out))
    solids = helpers.module("nodes.solid")
    nodes = [
        node for name in ("Stone", "Rock") for node in solids.find_solids(bpy.data.materials[name])
    ]
    images = {image.name for node in nodes for image in helpers.slices_in(node)}
    assert len(nodes) == 2 and len(images) == 1, (nodes, images)
    assert all(node.inputs["Photo"].links[0].from_node.image.name == "bricks.png" for node in nodes)


def refuses(words: str, **arguments) -> None:
    """The operator must fail with a sentence that has these words, and change nothing."""
    images = {image.name for image in bpy.data.images}
    try:
        bpy.ops.texcore.synthesize_solid(**QUICK | arguments)
    except RuntimeError as e:
        assert words in str(e) and "Traceback" not in str(e), e
    else:
        raise AssertionError("nothing was refused")
    assert {image.name for image in bpy.data.images} == images
    assert not any(map(helpers.module("nodes.solid_group").is_solid_tree, bpy.data.node_groups))


def check_what_cannot_be_solid_is_told():
    thing()
    refuses("no sketch", quality="sketch")
    bpy.context.scene.texcore.repair = helpers.load()
    refuses("one photo")
    bpy.context.scene.texcore.repair = None
    bpy.data.images.new("alone", 32, 32)
    refuses("in no material's node", image="alone", material="")
    try:
        bpy.ops.texcore.remove_solid()
    except RuntimeError as e:
        assert "has no solid texture" in str(e)
    else:
        raise AssertionError("nothing was refused")
    helpers.textured(udim.tiled(), "Tiles")
    refuses("UDIM tiles", material="Tiles")
