"""Things keep their size on the object, whatever the texture's, and come back as they were."""

from __future__ import annotations

import bpy
import helpers

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


def list_scale(node) -> list[float]:
    """What the coordinates of a node are multiplied by, whatever Mapping nodes there are."""
    links = node.inputs["Vector"].links
    here = list(scale(node))[:2] if links and mapping(node).type == "MAPPING" else [1, 1]
    before = list_scale(mapping(node)) if links and "Vector" in mapping(node).inputs else [1, 1]
    return [a * b for a, b in zip(here, before, strict=True)]


def check_old_and_new_are_shown_as_they_were_whatever_is_ticked_meanwhile():
    for keeps in (True, False):
        photo = helpers.load()
        node = helpers.textured(photo)
        new = helpers.synthesize(width=128, height=64, keep_density=keeps)
        made = [0.5, 1] if keeps else [1, 1]
        assert list_scale(node) == made
        for ticked in (not keeps, keeps, not keeps):
            bpy.context.scene.texcore.keep_density = ticked
            for image, wanted in ((photo, [1, 1]), (new, made)):
                assert bpy.ops.texcore.compare() == {"FINISHED"}
                assert node.image == image and list_scale(node) == wanted, (keeps, ticked)
        # What the artist has changed on the Mapping since is of both.
        if keeps:
            mapping(node).inputs["Scale"].default_value = (2, 4, 1)
            bpy.ops.texcore.compare()
            assert list_scale(node) == [4, 4]
        bpy.ops.wm.read_homefile(app_template="", use_empty=True)


def check_a_node_of_an_older_file_is_scaled_as_is_ticked():
    node = helpers.textured(helpers.load())
    helpers.synthesize(width=128, height=128)
    for odd in (None, "damaged", (0.0, 1.0), (1e300, 1.0), (1.0,)):
        node.pop("texcore_other_scaled", None)
        if odd is not None:
            node["texcore_other_scaled"] = odd
        bpy.context.scene.texcore.keep_density = True
        bpy.ops.texcore.compare()
        assert list_scale(node) == [1, 1], odd
        bpy.ops.texcore.compare()
        assert list_scale(node) == [0.5, 0.5], odd
