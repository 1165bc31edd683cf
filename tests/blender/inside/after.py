"""What an artist does with a texture that is there: size kept, compare, assign, again, save."""

from __future__ import annotations

import json
import unittest.mock
from pathlib import Path

import bpy
import helpers
import numpy as np
from material import write_exr

ENGINE = "painting.py"


def mapping(node):
    """The Mapping node in front of a node."""
    return node.inputs["Vector"].links[0].from_node


def scale(node) -> tuple[float, ...]:
    return tuple(mapping(node).inputs["Scale"].default_value)


def add_mapping(node, kind: str = "POINT"):
    tree = node.id_data
    new = tree.nodes.new("ShaderNodeMapping")
    new.vector_type = kind
    new.inputs["Scale"].default_value = (3, 3, 3)
    tree.links.new(new.outputs["Vector"], node.inputs["Vector"])
    return new


def check_a_larger_texture_keeps_its_scale_by_a_new_mapping():
    node = helpers.textured(helpers.load())
    helpers.synthesize(width=128, height=64)
    assert scale(node) == (0.5, 1, 1) and mapping(node).label == "Texcore Scale"
    assert mapping(node).inputs["Vector"].links[0].from_socket.name == "UV"
    helpers.synthesize(width=128, height=128, seed=1)
    assert scale(node) == (0.5, 0.5, 1)
    nodes = len(node.id_data.nodes)
    helpers.synthesize(width=64, height=64, seed=2)
    assert scale(node) == (1, 1, 1) and len(node.id_data.nodes) == nodes


def check_the_scale_is_left_alone_when_asked():
    node = helpers.textured(helpers.load())
    helpers.synthesize(width=128, height=128, keep_density=False)
    assert not node.inputs["Vector"].links
    bpy.context.scene.texcore.keep_density = False
    helpers.synthesize(width=64, height=64)
    assert not node.inputs["Vector"].links


def check_the_artist_s_own_mapping_is_adjusted():
    node = helpers.textured(helpers.load())
    own = add_mapping(node)
    helpers.synthesize(width=128, height=128)
    assert mapping(node) == own and scale(node) == (1.5, 1.5, 3)


def check_a_mapping_that_divides():
    node = helpers.textured(helpers.load())
    add_mapping(node, "TEXTURE")
    helpers.synthesize(width=128, height=128)
    assert scale(node) == (6, 6, 3)


def check_a_mapping_that_others_use_is_not_touched():
    node = helpers.textured(helpers.load())
    own = add_mapping(node)
    other = node.id_data.nodes.new("ShaderNodeTexImage")
    node.id_data.links.new(own.outputs["Vector"], other.inputs["Vector"])
    helpers.synthesize(material="Bricks", width=128, height=128)
    assert tuple(own.inputs["Scale"].default_value) == (3, 3, 3)
    assert mapping(node) != own and scale(node) == (0.5, 0.5, 1)
    assert mapping(node).inputs["Vector"].links[0].from_node == own


def check_a_box_is_scaled_along_its_third_axis_too():
    node = helpers.textured(helpers.load())
    own = add_mapping(node)
    node.projection = "BOX"
    helpers.synthesize(width=128, height=128)
    assert mapping(node) == own and scale(node) == (1.5, 1.5, 1.5)
    bpy.ops.texcore.compare()
    assert scale(node) == (3, 3, 3)
    own.vector_type = "TEXTURE"
    helpers.synthesize(width=128, height=64)
    assert mapping(node) == own and scale(node) == (6, 6, 3)


def check_a_sphere_and_a_tube_are_left_as_they_are():
    for projection in ("SPHERE", "TUBE"):
        node = helpers.textured(helpers.load())
        own = add_mapping(node)
        node.projection = projection
        helpers.synthesize(width=128, height=128)
        assert mapping(node) == own and scale(node) == (3, 3, 3)
        bpy.ops.wm.read_homefile(app_template="", use_empty=True)


def check_a_mapping_that_cannot_take_the_scale_gets_one_behind_it():
    for change in (muted, driven, keyed, turned, tilted):
        node = helpers.textured(helpers.load())
        own = add_mapping(node)
        change(own)
        helpers.synthesize(width=128, height=64)
        assert mapping(node) != own and scale(node) == (0.5, 1, 1), change
        assert mapping(mapping(node)) == own, change
        assert tuple(own.inputs["Scale"].default_value) == (3, 3, 3), change
        bpy.ops.wm.read_homefile(app_template="", use_empty=True)


def muted(own: bpy.types.ShaderNodeMapping) -> None:
    own.mute = True


def driven(own: bpy.types.ShaderNodeMapping) -> None:
    own.inputs["Scale"].driver_add("default_value", 0).driver.expression = "3.0"


def keyed(own: bpy.types.ShaderNodeMapping) -> None:
    own.inputs["Scale"].keyframe_insert("default_value")


def turned(own: bpy.types.ShaderNodeMapping) -> None:
    own.inputs["Rotation"].default_value[2] = 1.5


def tilted(own: bpy.types.ShaderNodeMapping) -> None:
    own.inputs["Rotation"].driver_add("default_value", 2).driver.expression = "3.0"


def check_a_turned_mapping_takes_a_scale_that_is_the_same_each_way():
    node = helpers.textured(helpers.load())
    own = add_mapping(node)
    turned(own)
    helpers.synthesize(width=128, height=128)
    assert mapping(node) == own and scale(node) == (1.5, 1.5, 3)


def check_the_scale_is_of_the_same_undo_step():
    helpers.textured(helpers.load())
    bpy.ops.ed.undo_push(message="before")
    helpers.synthesize(width=128, height=128)
    bpy.ops.ed.undo()
    kinds = {node.bl_idname for node in bpy.data.materials["Bricks"].node_tree.nodes}
    assert "ShaderNodeMapping" not in kinds
    bpy.ops.ed.redo()
    kinds = {node.bl_idname for node in bpy.data.materials["Bricks"].node_tree.nodes}
    assert "ShaderNodeMapping" in kinds


def check_compare_swaps_old_and_new_with_their_scale():
    photo = helpers.load()
    node = helpers.textured(photo)
    new = helpers.synthesize(width=128, height=128)
    assert bpy.ops.texcore.compare() == {"FINISHED"}
    assert node.image == photo and scale(node) == (1, 1, 1)
    bpy.ops.texcore.compare()
    assert node.image == new and scale(node) == (0.5, 0.5, 1)
    third = helpers.synthesize(width=64, height=64, seed=3)
    bpy.ops.texcore.compare()
    assert node.image == new
    bpy.ops.texcore.compare()
    assert node.image == third


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


def saved(form: str, suffix: str, **words) -> bpy.types.Image:
    path = helpers.folder() / f"out{suffix}"
    assert bpy.ops.texcore.save(filepath=str(path), format=form, **words) == {"FINISHED"}
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    return bpy.data.images.load(str(path))


def check_save_in_every_format():
    for load in (lambda: helpers.load(channels=4), lambda: helpers.load(bits=16)):
        helpers.textured(load())
        new = helpers.synthesize()
        is_float, values = new.is_float, helpers.pixels(new)
        for form, suffix in (("PNG8", ".png"), ("PNG16", ".png"), ("EXR", ".exr")):
            image = saved(form, suffix)
            assert tuple(image.size) == (32, 32) and image.is_float == (form != "PNG8")
            got = helpers.pixels(image)
            shown = values if is_float else linear(values)
            if form == "PNG8":
                got = linear(got)
            assert np.abs(got[..., :3] - shown[..., :3]).max() < 0.02, (form, is_float)
        bpy.ops.wm.read_homefile(app_template="", use_empty=True)


def linear(values: np.ndarray) -> np.ndarray:
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def check_data_is_saved_as_it_is():
    photo = helpers.load()
    photo.colorspace_settings.name = "Non-Color"
    helpers.textured(photo)
    values = helpers.pixels(helpers.synthesize())
    for form, suffix, bound in (("PNG16", ".png", 1e-4), ("EXR", ".exr", 1e-3)):
        image = saved(form, suffix)
        image.colorspace_settings.name = "Non-Color"
        assert np.abs(helpers.pixels(image) - values)[..., :3].max() < bound


def check_save_can_take_the_texture_out_of_the_file():
    node = helpers.textured(helpers.load())
    new = helpers.synthesize()
    values = helpers.pixels(new).copy()
    path = helpers.folder() / "out.png"
    bpy.ops.texcore.save(filepath=str(path), keep_packed=False)
    assert node.image == new and new.packed_file is None and new.filepath == str(path)
    assert np.array_equal(helpers.pixels(new), values)


def check_colours_stay_when_the_file_is_of_another_encoding():
    for form, suffix, make in (
        ("EXR", ".exr", byte_result),
        ("PNG16", ".png", byte_result),
        ("PNG8", ".png", float_result),
        ("PNG16", ".png", float_result),
        ("EXR", ".exr", float_result),
    ):
        new = make()
        before = light(new)
        path = helpers.folder() / f"out{suffix}"
        bpy.ops.texcore.save(image=new.name, filepath=str(path), keep_packed=False, format=form)
        alpha = "PREMUL" if form == "EXR" else "STRAIGHT"
        assert new.packed_file is None and new.alpha_mode == alpha, (form, new.alpha_mode)
        assert np.abs(light(new) - before).max() < 0.02, (form, make, new.colorspace_settings.name)
        bpy.ops.wm.read_homefile(app_template="", use_empty=True)


def byte_result() -> bpy.types.Image:
    """A result of 8 bits, encoded as sRGB."""
    helpers.textured(helpers.load(channels=4))
    return helpers.synthesize()


def float_result() -> bpy.types.Image:
    """A result of linear light."""
    made = byte_result()
    exchange = helpers.module("images.exchange")
    path = write_exr(helpers.folder() / "light.exr", helpers.picture()[..., :3], 32)
    about = exchange.Exemplar(path, "linear", "float", ".exr", "Linear Rec.709", "PREMUL")
    recipe = made["texcore_recipe"]
    return exchange.bring_in(path, about, "Light Texcore", made["texcore_source"], recipe)


def light(image: bpy.types.Image) -> np.ndarray:
    """Linear light, however the image is encoded."""
    values = helpers.pixels(image)[..., :3]
    return values if image.is_float else linear(values)


def check_a_file_on_another_drive_is_named_whole():
    helpers.textured(helpers.load())
    new = helpers.synthesize()
    bpy.ops.wm.save_as_mainfile(filepath=str(helpers.folder() / "scene.blend"))
    path = helpers.folder() / "out.png"
    with unittest.mock.patch("bpy.path.relpath", side_effect=ValueError("on another drive")):
        bpy.ops.texcore.save(image=new.name, filepath=str(path), keep_packed=False)
    assert new.packed_file is None and new.filepath == str(path)


def check_a_dot_in_a_name_is_no_suffix():
    helpers.textured(helpers.load())
    helpers.synthesize()
    folder = helpers.folder()
    (folder / "wall.png").write_bytes(b"an artist's")
    assert bpy.ops.texcore.save(filepath=str(folder / "wall.v2")) == {"FINISHED"}
    assert bpy.ops.texcore.save(filepath=str(folder / "wall.v3.png"), format="EXR") == {"FINISHED"}
    assert bpy.ops.texcore.save(filepath=str(folder / "wall.v4"), engine="gltf") == {"FINISHED"}
    names = {"wall.png", "wall.v2.png", "wall.v3.exr", "wall_v4_baseColor.png"}
    assert {path.name for path in folder.iterdir()} == names
    assert (folder / "wall.png").read_bytes() == b"an artist's"


def check_save_refuses_with_a_sentence():
    helpers.textured(helpers.load())
    helpers.synthesize()
    try:
        bpy.ops.texcore.save(filepath="/nowhere/out.png")
    except RuntimeError as e:
        assert "cannot be written (No such file or directory)" in str(e), e
    else:
        raise AssertionError("nothing was refused")


def check_new_materials_from_pictures():
    folder = helpers.folder()
    for name in ("wall", "sand"):
        helpers.write_png(folder / f"{name}.png", helpers.picture()[..., :3])
    objects = [bpy.data.objects.new(n, bpy.data.meshes.new(n)) for n in "abc"]
    for thing in objects:
        bpy.context.scene.collection.objects.link(thing)
        thing.select_set(True)
    settings = bpy.context.scene.texcore
    settings.size, settings.width, settings.height = "custom", 32, 32
    settings.quality = "draft"
    preferences = bpy.context.preferences.addons[helpers.PACKAGE].preferences
    preferences.weights = "random"
    try:
        files = [{"name": "wall.png"}, {"name": "sand.png"}]
        assert bpy.ops.texcore.new_material(directory=str(folder), files=files) == {"FINISHED"}
    finally:
        preferences.weights = "auto"
    assert sorted(thing.active_material.name for thing in objects) == ["sand", "wall", "wall"]
    assert {"wall Texcore", "sand Texcore"} <= {image.name for image in bpy.data.images}
    for material in bpy.data.materials:
        target = helpers.module("nodes.targets").find_target(bpy.context, material.name)
        assert target.image.name == f"{material.name} Texcore"


def linked_mesh() -> bpy.types.Object:
    """A local object, active and selected, whose mesh and material are of another file."""
    helpers.textured(helpers.load(), "Theirs")
    path = helpers.folder() / "library.blend"
    bpy.data.libraries.write(str(path), {bpy.data.meshes["Theirs"]})
    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    with bpy.data.libraries.load(str(path), link=True) as (_, here):
        here.meshes = ["Theirs"]
    thing = bpy.data.objects.new("Local", here.meshes[0])
    bpy.context.scene.collection.objects.link(thing)
    bpy.context.view_layer.objects.active = thing
    thing.select_set(True)
    return thing


def check_an_object_with_a_linked_mesh_gets_materials_of_its_own():
    thing = linked_mesh()
    folder = helpers.folder() / "wall"
    folder.mkdir()
    path = helpers.write_png(folder / "wall_basecolor.png", helpers.picture()[..., :3])
    bpy.context.scene.texcore.quality = "draft"
    slot = thing.material_slots[0]
    for give, name in (
        (lambda: bpy.ops.texcore.new_material(filepath=str(path)), "wall_basecolor"),
        (lambda: bpy.ops.texcore.material_from_maps(directory=str(folder)), "wall"),
        (
            lambda: bpy.ops.texcore.assign(image="wall_basecolor Texcore", to="MATERIAL"),
            "wall_basecolor Texcore",
        ),
    ):
        slot.link = "DATA"
        assert not thing.data.is_editable and slot.material.name == "Theirs"
        assert give() == {"FINISHED"}
        assert thing.active_material.name == name and slot.link == "OBJECT"
        assert thing.data.materials[0].name == "Theirs"


def check_a_picture_that_is_none_makes_no_material():
    try:
        bpy.ops.texcore.new_material(filepath="/nowhere/wall.png")
    except RuntimeError as e:
        assert "cannot be read" in str(e), e
    else:
        raise AssertionError("nothing was refused")
    assert not bpy.data.materials and not bpy.data.images


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
