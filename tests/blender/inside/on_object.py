"""Textures on objects: what the engine is given, what is in the file then, what is refused."""

from __future__ import annotations

import json
import types
from pathlib import Path
from unittest import mock

import bpy
import helpers
import numpy as np
from driving import command
from material import loaded

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


def read_ply(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Corners of the triangles, (n, 3, 3) and (n, 3, 2), and their areas."""
    head, _, rest = path.read_bytes().partition(b"end_header\n")
    counts = [int(line.split()[2]) for line in head.splitlines() if line.startswith(b"element")]
    corners = np.frombuffer(rest, "<f4", counts[0] * 5).reshape(-1, 5)
    face = np.dtype([("n", "u1"), ("v", "<i4", 3)])
    which = np.frombuffer(rest, face, counts[1], corners.nbytes)["v"]
    at = corners[which, :3].astype(float)
    areas = np.linalg.norm(np.cross(at[:, 1] - at[:, 0], at[:, 2] - at[:, 0]), axis=1) / 2
    return at, corners[which, 3:], areas


def written(box: bpy.types.Object) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the engine is given of an object."""
    module = helpers.module("synthesis.object_file")
    path, _ = module.write_object(bpy.context, box, box.active_material, helpers.folder())
    return read_ply(path)


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
    box.name = "Crate"
    try:
        bpy.ops.texcore.again(seed=-2)
        raise AssertionError("it knows another object")
    except RuntimeError as e:
        assert "The object “Box”" in str(e)


def check_a_material_that_others_use_stays_theirs():
    first, second = thing("First"), thing("Second")
    second.data.materials.clear()
    shared = first.active_material
    deleted = bpy.data.meshes.new("Deleted")
    deleted.materials.append(shared)
    assert not helpers.module("synthesis.objects").is_shared(shared, first)
    second.data.materials.append(shared)
    photo = texture_node(first).image
    for each in (first, second):
        each.select_set(True)
    bpy.ops.texcore.synthesize_on_object(**QUICK)
    materials = [first.active_material, second.active_material]
    assert shared in materials and len(set(materials)) == 2
    made = {box.name: texture_node(box).image for box in (first, second)}
    assert {image["texcore_object"] for image in made.values()} == set(made)
    assert photo not in made.values()


def check_the_engine_is_given_what_the_artist_sees():
    box = thing()
    box.scale, box.location = (1, 2, -3), (5, 0, 0)
    bpy.context.view_layer.update()
    at, places, areas = written(box)
    assert len(areas) == 12 and np.isclose(areas.sum(), 2 * (2 + 3 + 6))
    middle = np.array([5.5, 1, -1.5])
    outward = np.cross(at[:, 1] - at[:, 0], at[:, 2] - at[:, 0])
    plain, _, _ = written(thing("Plain"))
    turned = np.cross(plain[:, 1] - plain[:, 0], plain[:, 2] - plain[:, 0])
    inside = np.einsum("ni,ni->n", turned, plain.mean(1) - 0.5)
    # Which side is out stays so, though the scale mirrors it.
    assert (np.sign(np.einsum("ni,ni->n", outward, at.mean(1) - middle)) == np.sign(inside)).all()
    assert places.min() >= 0.01 - 1e-6 and places.max() <= 1
    box.modifiers.new("Finer", "SUBSURF").levels = 1
    bpy.context.view_layer.update()
    assert len(written(box)[2]) == 48
    other = bpy.data.materials.new("Other")
    box.data.materials.append(other)
    box.data.polygons[0].material_index = box.data.polygons[1].material_index = 1
    bpy.context.view_layer.update()
    assert len(written(box)[2]) == 32


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
    refuses("made of one photo alone")
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


def check_an_untiled_material_is_refused_and_an_object_is_not_untiled():
    box = thing()
    bpy.ops.texcore.untile()
    refuses("is un-tiled")
    bpy.ops.texcore.remove_untiling()
    make()
    try:
        bpy.ops.texcore.untile()
        raise AssertionError("a texture of an object was un-tiled")
    except RuntimeError as e:
        assert "is made for an object" in str(e)
    assert feeds(texture_node(box)) == "UVMAP Unwrapped"


def check_unwrapping_leaves_other_uv_maps_alone():
    box = thing()
    before = [tuple(each.vector) for each in box.data.uv_layers["Unwrapped"].uv]
    box.data.polygons[2].select = True
    selected = [face.select for face in box.data.polygons]
    assert bpy.ops.texcore.unwrap_object() == {"FINISHED"}
    layers = box.data.uv_layers
    assert [tuple(each.vector) for each in layers["Unwrapped"].uv] == before
    assert layers.active.name == "Texcore" and layers["Unwrapped"].active_render
    assert [face.select for face in box.data.polygons] == selected and box.mode == "OBJECT"
    _, places, _ = written(box)
    first, second = places[:, 1] - places[:, 0], places[:, 2] - places[:, 0]
    area = np.abs(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]).sum() / 2
    assert 0.2 < area < 1 and places.min() >= 0 and places.max() <= 1
    make()
    assert feeds(texture_node(box)) == "UVMAP Texcore"


def check_all_maps_and_derived_ones_lie_alike_and_go_back_alike():
    box = thing()
    nodes, links = (getattr(box.active_material.node_tree, name) for name in ("nodes", "links"))
    rough = nodes.new("ShaderNodeTexImage")
    rough.image = loaded("roughness")
    links.new(rough.outputs["Color"], nodes["Principled BSDF"].inputs["Roughness"])
    before = {node.name: feeds(node) for node in (texture_node(box), rough)}
    assert bpy.ops.texcore.synthesize_on_object(**QUICK, derive={"height"}) == {"FINISHED"}
    made = [node for node in nodes if node.type == "TEX_IMAGE"]
    assert len(made) == 3 and {feeds(node) for node in made} == {"UVMAP Unwrapped"}
    assert {node.image["texcore_object"] for node in made} == {"Box"}
    assert sum(node.type == "UVMAP" for node in nodes) == 1
    bpy.ops.texcore.compare()
    assert {name: feeds(nodes[name]) for name in before} == before
    assert len({nodes[name].image.name for name in before} & {"bricks.png", "roughness.png"}) == 2
    (derived,) = (node for node in made if node.name not in before)
    assert derived.outputs["Color"].links[0].is_muted


def check_what_is_in_the_making_is_seen_where_no_link_has_to_change():
    box = thing()
    make_task = helpers.module("synthesis.object_task").make_task

    def list_shown() -> int:
        task = make_task(bpy.context, helpers.options(object="Box", live=True, **QUICK))
        task.close()
        assert task.params.object is not None and not task.is_resumable
        return len(task.watch._parts["picture"]._places)

    assert list_shown() == 0
    node = texture_node(box)
    node.id_data.links.remove(node.inputs["Vector"].links[0])
    assert list_shown() == 1
    box.data.uv_layers.new(name="Other").active_render = True
    assert list_shown() == 0


def check_headless():
    thing("Other")
    thing()
    out = helpers.folder() / "out.blend"
    words = ("--object", "Box", "--size", "48", "--quality", "sketch", "--scale", "0.5")
    code, said = command(*words, "-o", str(out))
    assert code == 0, said
    bpy.ops.wm.open_mainfile(filepath=str(out))
    box, other = bpy.data.objects["Box"], bpy.data.objects["Other"]
    assert texture_node(box).image["texcore_object"] == "Box"
    assert texture_node(other).image.name == "bricks.png"
    recipe = json.loads(texture_node(box).image["texcore_recipe"])
    assert recipe["scale"] == 0.5 and recipe["up"] == "z"
    for words, expected in (
        (("--object", "Gone"), "no object named “Gone”"),
        (("--object", "Box", "--all"), "--all and --object do not go together"),
    ):
        code, said = command(*words, "-o", str(out))
        assert code and expected in said, said


def check_a_plane_knows_nothing_of_objects():
    helpers.textured(helpers.load())
    bpy.context.scene.texcore.scale = 0.25
    assert bpy.ops.texcore.synthesize(**QUICK) == {"FINISHED"}
    recipe = json.loads(bpy.data.images["bricks Texcore"]["texcore_recipe"])
    assert (recipe["scale"], recipe["up"], recipe["tile"]) == (1, "y", "xy")


def check_the_panel_says_it_before_the_press():
    said: list[str] = []

    class Layout:
        """Takes what is drawn, and notes words and operators."""

        def __getattr__(self, name):
            return lambda *words, **more: self

        def label(self, text="", **more):
            said.append(text)

        def operator(self, name, **more):
            said.append(name)
            return self

    draw = helpers.module("interface.on_object").draw
    system = types.SimpleNamespace(ui_scale=1)
    preferences = types.SimpleNamespace(addons=bpy.context.preferences.addons, system=system)
    bare = thing("Bare", unwrapped=False)
    for expected in (["texcore.unwrap_object"], []):
        said.clear()
        context = types.SimpleNamespace(
            scene=bpy.context.scene,
            view_layer=bpy.context.view_layer,
            selected_objects=bpy.context.selected_objects,
            space_data=None,
            preferences=preferences,
            region=types.SimpleNamespace(width=900),
        )
        draw(Layout(), context, helpers.options())
        assert said[0] == "texcore.synthesize_on_object"
        assert ("“Bare” has no UV map: unwrap it first." in said) == bool(expected), said
        assert [word for word in said if "unwrap_object" in word] == expected
        bare.data.uv_layers.new(name="Now")
