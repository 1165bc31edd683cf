"""What an artist does with a texture that is there: history, assign, again, assets, presets."""

from __future__ import annotations

import json
from pathlib import Path

import bpy
import helpers
import numpy as np

ENGINE = "painting.py"


def check_the_history_is_in_the_file():
    photo = helpers.load()
    helpers.textured(photo)
    first, second = helpers.synthesize(), helpers.synthesize(seed=5)
    helpers.synthesize(image=helpers.generated().name)
    results = helpers.module("results.results")
    assert results.of_source(photo) == [second, first]
    assert (
        results.in_words(helpers.module("images.marks").read_recipe(second))
        == "32 × 32, draft, seed 5"
    )
    path = helpers.folder() / "saved.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    bpy.ops.wm.open_mainfile(filepath=str(path))
    names = [image.name for image in results.of_source(bpy.data.images["bricks.png"])]
    assert names == ["bricks Texcore.001", "bricks Texcore"]


def check_again_with_another_seed_and_larger():
    node = helpers.textured(helpers.load())
    first = helpers.synthesize(seed=5, tile="x", straighten=False)
    preferences = bpy.context.preferences.addons[helpers.PACKAGE].preferences
    preferences.weights = "random"
    try:
        assert bpy.ops.texcore.again() == {"FINISHED"}
        second = json.loads(node.image["texcore_recipe"])
        assert bpy.ops.texcore.again(image=first.name, scale=2, seed=-2) == {"FINISHED"}
        third = json.loads(node.image["texcore_recipe"])
    finally:
        preferences.weights = "auto"
    assert not second["straighten"] and not third["straighten"]
    assert second["seed"] != 5 and second["size"] == [32, 32] and second["tile"] == "x"
    assert third["seed"] == 5 and third["size"] == [64, 64] and third["quality"] == "draft"


def check_assign_to_node_and_users():
    photo = helpers.load()
    node, other = helpers.textured(photo), helpers.textured(photo, "Other")
    first = helpers.synthesize(material="Bricks", seed=1)
    second = helpers.synthesize(material="Bricks", seed=2)
    bpy.context.view_layer.objects.active = bpy.data.objects["Bricks"]
    bpy.ops.texcore.assign(image=first.name, to="NODE")
    assert (node.image, other.image) == (first, photo)
    bpy.ops.texcore.assign(image=second.name, to="USERS")
    assert (node.image, other.image) == (second, second)


def check_assign_to_objects():
    helpers.textured(helpers.load())
    new = helpers.synthesize()
    source = bpy.context.view_layer.objects.active
    bare = bpy.data.objects.new("Bare", bpy.data.meshes.new("Bare"))
    lamp = bpy.data.objects.new("Lamp", bpy.data.lights.new("Lamp", "POINT"))
    for thing in (bare, lamp):
        bpy.context.scene.collection.objects.link(thing)
    for thing in (bare, lamp, source):
        thing.select_set(True)
    bpy.ops.texcore.assign(to="SELECTED")
    assert bare.active_material == source.active_material == bpy.data.materials["Bricks"]
    bpy.ops.texcore.assign(to="MATERIAL")
    assert source.active_material.name == "bricks Texcore"
    assert any(n.image == new for n in helpers.module("nodes.places").find_nodes(new))
    for thing in (bare, lamp, source):
        thing.select_set(False)
    try:
        bpy.ops.texcore.assign(image=new.name, to="SELECTED")
    except RuntimeError as e:
        assert "No object is selected" in str(e)
    else:
        raise AssertionError("nothing was refused")


def check_selected_objects_keep_the_artist_s_material():
    node = helpers.textured(helpers.load())
    first, second = helpers.synthesize(seed=1), helpers.synthesize(seed=2)
    own = bpy.data.materials["Bricks"]
    source = bpy.context.view_layer.objects.active
    plain = bpy.data.materials.new("Plain")
    other = bpy.data.objects.new("Other", bpy.data.meshes.new("Other"))
    other.data.materials.append(plain)
    bpy.context.scene.collection.objects.link(other)
    for thing in (source, other):
        thing.select_set(True)
    bpy.ops.texcore.assign(image=first.name, to="SELECTED")
    assert source.active_material == other.active_material == own and node.image == first
    assert plain.use_fake_user  # it would be lost with the next save
    bpy.ops.texcore.compare()
    assert node.image == second
    bpy.context.view_layer.objects.active = other
    other.active_material = plain
    bpy.ops.texcore.assign(image=first.name, to="SELECTED")
    assert source.active_material == other.active_material == own and node.image == first


def check_a_photo_in_two_nodes_of_a_material_is_one():
    photo = helpers.load()
    node = helpers.textured(photo)
    nodes, links = node.id_data.nodes, node.id_data.links
    bump, twin = nodes.new("ShaderNodeBump"), nodes.new("ShaderNodeTexImage")
    twin.image = photo
    links.new(twin.outputs["Color"], bump.inputs["Height"])
    links.new(bump.outputs["Normal"], nodes["Principled BSDF"].inputs["Normal"])
    shown = helpers.synthesize(seed=1)
    assert node.image == twin.image == shown
    bpy.ops.texcore.compare()
    assert node.image == twin.image == photo
    bpy.ops.texcore.assign(image=shown.name, to="NODE")
    assert node.image == twin.image == shown
    assert bpy.ops.texcore.again(seed=2) == {"FINISHED"}
    assert node.image == twin.image != shown
    for words, all_maps in (({"image": node.image.name}, True), ({}, False)):
        before = twin.image
        bpy.context.scene.texcore.all_maps = all_maps
        bpy.ops.texcore.synthesize(**helpers.FAST, **words)
        assert node.image != twin.image == before
    bpy.ops.texcore.assign(image=shown.name, to="NODE")
    assert node.image == shown and twin.image == before


def check_mark_as_asset():
    helpers.textured(helpers.load())
    helpers.synthesize(seed=7)
    assert bpy.ops.texcore.mark_asset() == {"FINISHED"}
    data = bpy.data.materials["Bricks"].asset_data
    assert {tag.name for tag in data.tags} == {"texcore", "texture", "seamless"}
    preview = bpy.data.materials["Bricks"].preview
    assert tuple(preview.image_size) == (32, 32) and max(preview.image_pixels_float) > 0.5
    assert data.description == "Made by Texcore: 32 × 32, draft, seed 7."


def check_presets_keep_the_panel_s_settings():
    settings = bpy.context.scene.texcore
    settings.size, settings.width, settings.tile, settings.seed = "custom", 640, "x", 9
    assert bpy.ops.texcore.add_preset(name="Wide Wall") == {"FINISHED"}
    (folder,) = bpy.utils.preset_paths("texcore")
    (preset,) = Path(folder).glob("*.py")
    settings.size, settings.width, settings.tile, settings.seed = "same", 64, "xy", 3
    bpy.ops.script.execute_preset(filepath=str(preset), menu_idname="TEXCORE_PT_presets")
    assert (settings.size, settings.width, settings.tile) == ("custom", 640, "x")
    assert settings.seed == 3  # a seed is nobody's habit
    bpy.ops.texcore.add_preset(name=preset.stem, remove_name=True)
    assert not preset.exists()


def check_a_second_exemplar_and_regions_go_to_the_engine():
    synthesis = helpers.module("synthesis.task")
    helpers.textured(helpers.load())
    other = helpers.generated()
    task = synthesis.Synthesis(bpy.context, helpers.options(mix=other.name, mix_weight=0.5))
    (maps,) = task.params.companions.mix
    assert np.load(maps["picture"]).shape == (64, 64, 4) and task.params.recipe.mix == (0.5,)
    assert task.params.companions.blend is None
    task.close()
    mask = helpers.load()
    blended = helpers.options(mix=other.name, blend=mask.name)
    task = synthesis.Synthesis(bpy.context, blended)
    assert str(task.params.companions.blend) == mask.filepath
    task.close()
    words = {"mask": mask.name, "target_mask": other.name}
    task = synthesis.Synthesis(bpy.context, helpers.options(**words))
    beside = task.params.companions
    assert str(beside.mask) == mask.filepath and beside.target_mask.suffix == ".npy"
    assert beside.mix == [] and task.params.recipe.mix == ()
    task.close()
    for words, expected in (
        ({"mix": "gone"}, "no image named “gone”"),
        ({"target_mask": other.name}, "need the exemplar's regions too"),
        ({"blend": other.name}, "lies between two exemplars"),
        ({"mix": other.name, "mask": mask.name}, "do not go together"),
    ):
        try:
            bpy.ops.texcore.synthesize(**helpers.FAST, **words)
        except RuntimeError as e:
            assert expected in str(e), e
        else:
            raise AssertionError("nothing was refused")


def check_a_mixture_is_made_again_with_its_second_exemplar():
    node = helpers.textured(helpers.load())
    other = helpers.generated()
    first = helpers.synthesize(mix=other.name, mix_weight=2.0)
    assert first["texcore_mix"] == other
    preferences = bpy.context.preferences.addons[helpers.PACKAGE].preferences
    preferences.weights = "random"
    try:
        assert bpy.ops.texcore.again(image=first.name) == {"FINISHED"}
    finally:
        preferences.weights = "auto"
    assert node.image["texcore_mix"] == other
    assert json.loads(node.image["texcore_recipe"])["mix"] == [2.0]
