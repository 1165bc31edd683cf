"""Textures that are made: what is in the file afterwards."""

from __future__ import annotations

import json

import bpy
import helpers
import numpy as np


def check_the_node_gets_a_new_packed_image():
    old = helpers.load()
    node = helpers.textured(old)
    other = helpers.textured(old, "Other")
    before = helpers.pixels(old)
    new = helpers.synthesize(material="Bricks", width=96, height=64, seed=7, tile="x")
    assert node.image == new and other.image == old
    assert new.name == "bricks Texcore" and tuple(new.size) == (96, 64)
    assert new.packed_file is not None and new.packed_file.data[:4] == b"\x89PNG"
    assert new.colorspace_settings.name == "sRGB" and not new.is_float
    assert new.alpha_mode == old.alpha_mode
    assert np.array_equal(helpers.pixels(old), before) and old.use_fake_user
    recipe = json.loads(new["texcore_recipe"])
    assert recipe["size"] == [96, 64] and recipe["seed"] == 7 and recipe["tile"] == "x"
    assert recipe["straighten"]
    made = helpers.pixels(new)
    assert made[..., :3].std() > 0.02 and made[..., 0].mean() > made[..., 2].mean() + 0.05


def check_what_is_left_out_comes_from_the_panel():
    helpers.textured(helpers.load())
    settings = bpy.context.scene.texcore
    settings.size, settings.width, settings.height, settings.seed = "custom", 48, 80, 5
    settings.quality, settings.straighten = "draft", False
    assert bpy.ops.texcore.synthesize(weights="random", device="cpu") == {"FINISHED"}
    new = bpy.data.images["bricks Texcore"]
    recipe = json.loads(new["texcore_recipe"])
    assert tuple(new.size) == (48, 80) and recipe["seed"] == 5 and not recipe["straighten"]


def check_zero_means_the_size_of_the_image():
    helpers.textured(helpers.load(size=48))
    assert tuple(helpers.synthesize(width=0, height=0).size) == (48, 48)


def check_sixteen_bits_stay_sixteen():
    helpers.textured(helpers.load(bits=16))
    new = helpers.synthesize()
    assert new.is_float and new.packed_file.data[24] == 16
    assert new.colorspace_settings.name == "sRGB"
    # Scene-linear brick red: the brightness must not have changed on the way through the file.
    assert (
        abs(helpers.pixels(new)[..., :3].mean() - helpers.pixels(helpers.load(16))[..., :3].mean())
        < 0.05
    )


def check_data_stays_data():
    image = helpers.load()
    image.colorspace_settings.name = "Non-Color"
    helpers.textured(image)
    new = helpers.synthesize()
    assert new.colorspace_settings.name == "Non-Color"
    assert json.loads(new["texcore_recipe"])["encoding"] == "data"


def check_alpha_is_kept():
    image = helpers.load(channels=4)
    image.alpha_mode = "CHANNEL_PACKED"
    helpers.textured(image)
    assert helpers.synthesize().alpha_mode == "CHANNEL_PACKED"


def check_float_images_become_linear_exr():
    image = helpers.generated(is_float=True)
    helpers.textured(image)
    new = helpers.synthesize()
    assert new.is_float and new.packed_file.data[:4] == b"v/1\x01"
    assert new.colorspace_settings.name == "Linear Rec.709"
    assert abs(helpers.pixels(new)[..., :3].mean() - helpers.pixels(image)[..., :3].mean()) < 0.05


def check_premultiplied_alpha_is_divided_out():
    exemplar = helpers.module("images.exchange")
    image = helpers.generated(is_float=True)
    values = helpers.picture().astype(np.float32) * 0.5  # half transparent, premultiplied
    image.pixels.foreach_set(values.ravel())
    folder = helpers.folder()
    exported = exemplar.export_image(image, folder)
    rows = np.load(exported.path)
    assert rows.shape == (64, 64, 4) and exported.encoding == "linear"
    assert np.allclose(rows[..., :3], helpers.picture()[::-1, :, :3], atol=1e-5)
    assert np.allclose(rows[..., 3], 0.5)


def check_painted_pixels_count_not_the_file():
    image = helpers.load()
    blue = helpers.picture().astype(np.float32)[..., [2, 1, 0, 3]]
    image.pixels.foreach_set(blue.ravel())
    assert image.is_dirty
    helpers.textured(image)
    made = helpers.pixels(helpers.synthesize())
    assert made[..., 2].mean() > made[..., 0].mean() + 0.05


def check_packed_images_need_no_file():
    image = helpers.load()
    image.pack()
    image.filepath_raw = "//nowhere/bricks.png"
    node = helpers.textured(image)
    assert helpers.synthesize() == node.image


def check_a_second_run_learns_from_the_photo_again():
    photo = helpers.load()
    node = helpers.textured(photo)
    first = helpers.synthesize(seed=1)
    second = helpers.synthesize(seed=2)
    assert node.image == second and second.name == "bricks Texcore.001"
    assert second["texcore_source"] == photo
    recipes = [json.loads(image["texcore_recipe"]) for image in (first, second)]
    assert recipes[0]["exemplar"] == recipes[1]["exemplar"]
    assert not np.array_equal(helpers.pixels(first), helpers.pixels(second))


def check_the_active_node_comes_before_the_base_color():
    helpers.textured(helpers.load())
    tree = bpy.data.materials["Bricks"].node_tree
    chosen = tree.nodes.new("ShaderNodeTexImage")
    chosen.image = helpers.generated()
    tree.nodes.active = chosen
    assert helpers.synthesize() == chosen.image and chosen.image.name == "painted Texcore"


def check_images_are_found_through_mixes_and_groups():
    node = helpers.textured(None)
    material = bpy.data.materials["Bricks"]
    material.node_tree.nodes.remove(node)
    group = bpy.data.node_groups.new("Wall", "ShaderNodeTree")
    group.interface.new_socket("Color", in_out="OUTPUT", socket_type="NodeSocketColor")
    mix, mask, colour = (
        group.nodes.new(f"ShaderNode{kind}") for kind in ("MixRGB", "TexImage", "TexImage")
    )
    mask.image, colour.image = helpers.generated(), helpers.load()
    group.links.new(mask.outputs["Color"], mix.inputs[0])
    group.links.new(colour.outputs["Color"], mix.inputs[2])
    group.links.new(mix.outputs[0], group.nodes.new("NodeGroupOutput").inputs[0])
    outer = material.node_tree.nodes.new("ShaderNodeGroup")
    outer.node_tree = group
    shader = material.node_tree.nodes["Principled BSDF"]
    material.node_tree.links.new(outer.outputs[0], shader.inputs["Base Color"])
    material.node_tree.nodes.active = None
    assert helpers.synthesize(material="Bricks") == colour.image


def check_an_image_without_a_node_gives_a_new_image():
    old = helpers.load()
    new = helpers.synthesize(image=old.name)
    assert new.use_fake_user and new.name == "bricks Texcore"


def check_undo_and_redo():
    helpers.textured(helpers.load())
    bpy.ops.ed.undo_push(message="before")
    helpers.synthesize()

    node = helpers.the_node
    made = helpers.pixels(node().image)
    bpy.ops.ed.undo()
    assert node().image.name == "bricks.png" and "bricks Texcore" not in bpy.data.images
    bpy.ops.ed.redo()
    assert node().image.name == "bricks Texcore"
    assert np.array_equal(helpers.pixels(node().image), made) and node().image["texcore_recipe"]


def check_save_and_reopen():
    helpers.textured(helpers.load())
    made = helpers.pixels(helpers.synthesize())
    path = helpers.folder() / "saved.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path), compress=False)
    bpy.ops.wm.open_mainfile(filepath=str(path))
    # Not the file's bytes: Blender writes what memory it was given held before, between its own.
    assert not any(bpy.app.tempdir in used for used in bpy.utils.blend_paths(absolute=True))
    for image in bpy.data.images:
        paths = [image.filepath_raw, *(packed.filepath for packed in image.packed_files)]
        said = [value for value in image.values() if isinstance(value, str)]
        assert not any(bpy.app.tempdir in text for text in (*paths, *said)), (image.name, paths)
    new = bpy.data.images["bricks Texcore"]
    assert np.array_equal(helpers.pixels(new), made) and new["texcore_recipe"]
    assert new["texcore_source"] == bpy.data.images["bricks.png"]


def check_a_mixture_of_two_exemplars():
    helpers.textured(helpers.load())
    blue = helpers.generated()
    blue.pixels.foreach_set(helpers.picture()[..., [2, 1, 0, 3]].astype(np.float32).ravel())
    mixed = helpers.synthesize(mix=blue.name, mix_weight=100.0)
    made = helpers.pixels(mixed)
    assert made[..., 2].mean() > made[..., 0].mean()  # a hundred times as blue as red
    assert json.loads(mixed["texcore_recipe"])["mix"] == [100.0]


def check_a_solid_texture_is_the_picture_of_its_slices():
    node = helpers.textured(helpers.load())
    words = {"quality": "draft", "weights": "random", "device": "cpu", "voxels": "32"}
    assert bpy.ops.texcore.synthesize_solid(**words, seed=3) == {"FINISHED"}
    (group,) = helpers.module("nodes.solid").find_solids(bpy.context.object.active_material)
    (made, other) = helpers.slices_in(group)
    assert made == other != node.image
    recipe = json.loads(made["texcore_recipe"])
    assert recipe["size"] == [288, 144] == list(made.size) and recipe["tile"] == "none"
    # The gutter of each slice shows what lies beyond its border: its other side.
    first = helpers.pixels(made)[-36:, :36, :3]
    assert np.array_equal(first[:, :2], first[:, 32:34]) and np.array_equal(first[:2], first[32:34])
    assert first.std() > 0.05
