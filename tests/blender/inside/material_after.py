"""After a material has been made its maps stay together, whatever is done with them."""

from __future__ import annotations

import bpy
import helpers
from material import kinds, loaded, synthesize, wired

ENGINE = "painting.py"


def made(**words) -> bpy.types.Material:
    """A material with a base color and normals, made anew."""
    material = wired(base_color=loaded("base_color"), normal=loaded("normal"))
    synthesize(material=material.name, **words)
    return material


def names(material: bpy.types.Material) -> dict[str, str]:
    """Name of the image in each node."""
    nodes = material.node_tree.nodes
    return {n.name: n.image.name for n in nodes if n.type == "TEX_IMAGE"}


OLD = {"base_color": "base_color.png", "normal": "normal.png"}
NEW = {"base_color": "base_color Texcore", "normal": "normal Texcore"}


def mappings(material: bpy.types.Material) -> list[bpy.types.Node]:
    return [n for n in material.node_tree.nodes if n.type == "MAPPING"]


def check_a_larger_material_keeps_its_scale_by_one_mapping():
    material = wired(base_color=loaded("base_color"), normal=loaded("normal", size=24))
    synthesize(material=material.name, width=96, height=48)
    (mapping,) = mappings(material)
    assert list(mapping.inputs["Scale"].default_value) == [0.5, 1, 1]
    assert {link.to_node.name for link in mapping.outputs[0].links} == set(OLD)
    synthesize(material=material.name, width=96, height=96)
    assert mappings(material) == [mapping]
    assert list(mapping.inputs["Scale"].default_value) == [0.5, 0.5, 1]
    bpy.ops.texcore.compare()
    assert list(mapping.inputs["Scale"].default_value) == [0.5, 1, 1]


def check_the_artist_s_own_mapping_of_all_maps_is_adjusted():
    material = wired(base_color=loaded("base_color"), normal=loaded("normal", size=20))
    nodes, links = material.node_tree.nodes, material.node_tree.links
    mapping = nodes.new("ShaderNodeMapping")
    mapping.inputs["Scale"].default_value = (4, 4, 1)
    for name in OLD:
        links.new(mapping.outputs[0], nodes[name].inputs["Vector"])
    # 51 / 48 of 20 pixels are no whole number of pixels; the two must not drift apart.
    synthesize(material=material.name, width=51, height=51)
    assert mappings(material) == [mapping]
    assert abs(mapping.inputs["Scale"].default_value[0] - 4 * 48 / 51) < 1e-5


def check_the_scale_is_left_alone_when_asked():
    material = made(width=96, height=96, keep_density=False)
    assert not mappings(material)


def check_old_and_new_maps_are_shown_as_they_were_whatever_is_ticked_meanwhile():
    material = made(width=96, height=96)
    (mapping,) = mappings(material)
    bpy.context.scene.texcore.keep_density = False
    for wanted in (1, 0.5):
        bpy.ops.texcore.compare()
        assert mappings(material) == [mapping]
        assert list(mapping.inputs["Scale"].default_value) == [wanted, wanted, 1]
    # A texture of the list goes in as is ticked.
    synthesize(material=material.name, width=48, height=48, seed=2, keep_density=False)
    bpy.context.scene.texcore.keep_density = True
    bpy.ops.texcore.assign(image="base_color Texcore", to="NODE")
    assert list(mapping.inputs["Scale"].default_value) == [0.25, 0.25, 1]


def check_compare_swaps_all_maps():
    material = made()
    other = loaded("roughness")
    node = material.node_tree.nodes.new("ShaderNodeTexImage")
    node.image, node.name = other, "other"  # not of the set, and not in use
    assert bpy.ops.texcore.compare() == {"FINISHED"}
    assert names(material) == {**OLD, "other": other.name}
    bpy.ops.texcore.compare()
    assert names(material) == {**NEW, "other": other.name}


def check_compare_is_one_undo_step():
    name = made().name
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.texcore.compare()
    bpy.ops.ed.undo_push(message="compare")  # as Blender does after an artist's click
    assert names(bpy.data.materials[name]) == OLD
    bpy.ops.ed.undo()
    assert names(bpy.data.materials[name]) == NEW


def check_the_history_holds_whole_sets():
    material = made(seed=1)
    synthesize(material=material.name, seed=2)
    results = helpers.module("results.results")
    found = results.of_source(bpy.data.images["base_color.png"])
    assert [image.name for image in found] == ["base_color Texcore.001", "base_color Texcore"]
    recipe = helpers.module("images.marks").read_recipe(found[0])
    assert results.in_words(recipe) == "32 × 32, draft, seed 2, 2 maps"
    assert bpy.ops.texcore.assign(image="base_color Texcore", to="NODE") == {"FINISHED"}
    assert names(material) == NEW
    # By any of its maps.
    bpy.ops.texcore.assign(image="normal Texcore.001", to="NODE")
    assert names(material) == {kind: f"{name}.001" for kind, name in NEW.items()}


def check_assign_to_all_users_and_to_a_new_material():
    material = made()
    twin = material.copy()
    bpy.ops.texcore.compare()
    assert names(material) == OLD and names(twin) == NEW
    bpy.ops.texcore.assign(image="normal Texcore", to="USERS")
    assert names(material) == names(twin) == NEW
    bpy.ops.texcore.compare()
    bpy.ops.texcore.assign(image="base_color Texcore", to="MATERIAL")
    new = bpy.context.object.active_material
    assert new not in (material, twin) and names(new) == NEW and names(material) == OLD
    assert new.node_tree.nodes["Principled BSDF"].inputs["Normal"].is_linked


def check_a_new_material_has_groups_of_its_own():
    material = made()
    tree = material.node_tree
    group = bpy.data.node_groups.new("Inner", "ShaderNodeTree")
    group.interface.new_socket("Value", in_out="OUTPUT", socket_type="NodeSocketFloat")
    texture = group.nodes.new("ShaderNodeTexImage")
    texture.image = loaded("roughness")
    group.links.new(texture.outputs[0], group.nodes.new("NodeGroupOutput").inputs[0])
    outer = tree.nodes.new("ShaderNodeGroup")
    outer.node_tree = group
    tree.links.new(outer.outputs[0], tree.nodes["Principled BSDF"].inputs["Roughness"])
    synthesize(material=material.name)
    assert texture.image.name == "roughness Texcore"
    bpy.ops.texcore.compare()
    assert texture.image.name == "roughness.png"
    bpy.ops.texcore.assign(image="roughness Texcore", to="MATERIAL")
    assert texture.image.name == "roughness.png"
    copy = bpy.context.object.active_material
    inner = next(n.node_tree for n in copy.node_tree.nodes if n.type == "GROUP")
    assert [n.image.name for n in inner.nodes if n.type == "TEX_IMAGE"] == ["roughness Texcore"]


def check_again_makes_all_maps():
    material = made(seed=5)
    assert bpy.ops.texcore.again(image="normal Texcore", scale=2, seed=-2) == {"FINISHED"}
    images = {n.name: n.image for n in material.node_tree.nodes if n.type == "TEX_IMAGE"}
    assert {tuple(image.size) for image in images.values()} == {(64, 64)}
    recipe = helpers.module("images.marks").read_recipe(images["normal"])
    assert recipe.seed == 5 and recipe.maps == "base_color,normal" and recipe.size == (64, 64)
    assert images["normal"]["texcore_source"].name == "normal.png"
    bpy.ops.texcore.again(seed=-1)
    assert (
        helpers.module("images.marks").read_recipe(material.node_tree.nodes["normal"].image).seed
        != 5
    )


def check_two_maps_are_never_saved_as_one_file():
    material = wired(base_color=loaded("base_color"), normal=loaded("normal"))
    synthesize(material=material.name)
    for name in ("normal_Texcore.png", "Normal_Texcore.png"):
        path = helpers.folder() / name
        try:
            bpy.ops.texcore.save(image="base_color Texcore", filepath=str(path))
        except RuntimeError as e:
            assert "Two maps would be saved as" in str(e), e
        else:
            raise AssertionError("it was not refused")
        assert not list(path.parent.iterdir())


def check_save_writes_all_maps():
    material = wired(base_color=loaded("base_color"), normal=loaded("normal", bits=16))
    synthesize(material=material.name)
    path = helpers.folder() / "wall.png"
    words = {"image": "base_color Texcore", "filepath": str(path), "format": "PNG8"}
    assert bpy.ops.texcore.save(**words) == {"FINISHED"}
    assert {p.name for p in path.parent.iterdir()} == {"wall.png", "normal_Texcore.png"}
    assert path.with_name("normal_Texcore.png").read_bytes()[24] == 16
    path.unlink()
    try:
        bpy.ops.texcore.save(**words)
    except RuntimeError as e:
        assert "is there already" in str(e), e
    else:
        raise AssertionError("it was not refused")
    assert not path.exists()
    assert bpy.ops.texcore.save(**words, all_maps=False) == {"FINISHED"}


def check_mark_as_asset_is_of_the_whole_material():
    material = made()
    assert bpy.ops.texcore.mark_asset(image="normal Texcore") == {"FINISHED"}
    assert material.asset_data is not None and "2 maps" in material.asset_data.description


def check_half_the_size_and_the_log_are_those_of_the_material():
    material = made()
    jobs = helpers.module("engine.jobs")
    assert jobs.latest.get("synthesize").task.title == material.name
    bpy.ops.texcore.smaller()
    settings = bpy.context.scene.texcore
    assert (settings.size, settings.width, settings.height) == ("custom", 32, 32)


def check_a_second_material_is_mixed_in_map_by_map():
    maps = {"base_color": loaded("base_color"), "normal": loaded("normal")}
    material = wired(**maps)
    stranger = helpers.generated()
    bpy.context.scene.texcore.mix = stranger
    try:
        synthesize(material=material.name)
    except RuntimeError as e:
        assert "in no material that has all maps to mix with (Base Color, Normal" in str(e), e
    else:
        raise AssertionError("it was not refused")
    assert kinds(material) == {"base_color": "base_color.png", "normal": "normal.png"}
    # Its material has a map of each kind now.
    other = material.copy()
    nodes = other.node_tree.nodes
    nodes["base_color"].image, nodes["normal"].image = stranger, maps["normal"].copy()
    synthesize(material=material.name)
    new = {node.name: node.image for node in material.node_tree.nodes if node.type == "TEX_IMAGE"}
    assert new["base_color"]["texcore_mix"] == stranger
    assert new["normal"]["texcore_mix"] == nodes["normal"].image
    recipe = helpers.module("images.marks").read_recipe(new["normal"])
    assert recipe.maps == "base_color,normal" and recipe.mix == (1.0,)


def check_regions_of_a_material_go_to_the_engine_over_all_maps():
    material = wired(base_color=loaded("base_color"), normal=loaded("normal"))
    mask = helpers.generated()
    words = {"material": material.name, "maps": True, "mask": mask.name}
    task = helpers.module("synthesis.task").Synthesis(bpy.context, helpers.options(**words))
    assert set(task.params.maps) == {"base_color", "normal"}
    assert task.params.companions.mask.suffix == ".npy" and not task.params.companions.mix
    task.close()


def check_maps_are_derived_of_a_single_picture():
    material = wired(base_color=loaded("base_color"))
    words = {**helpers.FAST, "material": material.name, "derive": {"normal", "roughness"}}
    assert bpy.ops.texcore.synthesize(**words) == {"FINISHED"}
    assert kinds(material) == {
        "base_color": "base_color Texcore",
        "normal": "base_color Normal (OpenGL) Texcore",
        "roughness": "base_color Roughness Texcore",
    }
    bpy.ops.texcore.compare()
    assert kinds(material)["base_color"] == "base_color.png"
