"""Textures on objects, in the file: what the engine is given, materials, UV maps, the command."""

from __future__ import annotations

import json
import types
from functools import partial
from pathlib import Path
from unittest import mock

import bpy
import drawing
import helpers
import numpy as np
import recorder
from driving import command
from material import loaded
from on_object import QUICK, feeds, make, refuses, texture_node, thing

ENGINE = "painting.py"


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


def check_what_is_made_for_an_object_is_given_to_no_other():
    """But to copies of it, and to those of its mesh."""
    box, other = thing("Box"), thing("Other")
    other.data.uv_layers["Unwrapped"].uv[5].vector = (0.5, 0.5)
    image = make(object="Box")
    assign = partial(bpy.ops.texcore.assign, image=image.name)
    lamp = bpy.data.objects.new("Lamp", bpy.data.lights.new("Lamp", "POINT"))
    copy, twin = box.copy(), box.copy()
    copy.data = box.data.copy()
    for each in (lamp, copy, twin):
        bpy.context.scene.collection.objects.link(each)
    plain = bpy.data.materials.new("Plain")
    for each in (copy, twin):
        each.material_slots[0].link = "OBJECT"
        each.material_slots[0].material = plain

    def select(*those: bpy.types.Object) -> None:
        bpy.ops.object.select_all(action="DESELECT")
        for each in those:
            each.select_set(True)
        bpy.context.view_layer.objects.active = those[-1]

    before = other.active_material, texture_node(other).image, len(bpy.data.materials)
    for to, those in (
        ("SELECTED", (box, other)),
        ("MATERIAL", (other,)),
        ("NODE", (other,)),
        ("USERS", (box,)),
    ):
        select(*those)
        try:
            assign(to=to)
        except RuntimeError as e:
            assert "fits no other object: make one for those by Synthesize on Object" in str(e), e
        else:
            raise AssertionError(f"it was given to another object: {to}")
        now = other.active_material, texture_node(other).image, len(bpy.data.materials)
        assert now == before, to
    select(lamp, copy, twin, box)
    assert assign(to="SELECTED") == {"FINISHED"}
    assert copy.active_material == twin.active_material == box.active_material
    bpy.ops.texcore.compare()
    assert assign(to="NODE") == {"FINISHED"} and texture_node(box).image == image
    # A new material lays it by the UV map that it was made in, whichever renders.
    box.data.uv_layers.new(name="Else").active_render = True
    assert assign(to="MATERIAL") == {"FINISHED"}
    assert texture_node(box).image == image and feeds(texture_node(box)) == "UVMAP Unwrapped"


def look_at_menu(image: bpy.types.Image) -> dict[str, bool]:
    """Who stands in the menu Assign To of a texture, and whether it is grey."""
    panel = mock.Mock(layout=recorder.Layout())
    context = recorder.Context()
    context.texcore_result = image
    helpers.module("interface.assign_menu").TEXCORE_MT_assign.draw(panel, context)
    return {word.shown: word.grey for word in panel.layout.seen}


def tell_tip(image: bpy.types.Image, to: str) -> str:
    """What is said of a line of that menu where the mouse rests."""
    words = mock.Mock(image=image.name, to=to)
    cls = helpers.module("operators.results").TEXCORE_OT_assign
    return cls.description(bpy.context, words)


def check_who_cannot_get_a_texture_is_grey_and_the_tip_says_why():
    box, other = thing("Box"), thing("Other")
    other.data.uv_layers["Unwrapped"].uv[5].vector = (0.5, 0.5)
    photo = texture_node(box).image
    image = make(object="Box")
    texture_node(other).image = photo
    bpy.ops.object.select_all(action="DESELECT")
    names = ("This Node", "All Users", "Selected Objects", "New Material")

    def look() -> list[bool]:
        seen = look_at_menu(image)
        assert tuple(seen) == names, seen
        here = next(word for word in drawing.draw_panel() if word.shown == "Use Here")
        assert here.grey == seen["This Node"]
        return list(seen.values())

    bpy.context.view_layer.objects.active = box
    assert look() == [False, True, True, False]
    assert tell_tip(image, "SELECTED").startswith("No object is selected")
    with drawing.in_german():
        assert "passt auf kein anderes Objekt" in tell_tip(image, "USERS")
    assert tell_tip(image, "NODE") == "The Image Texture node that the panel names"
    bpy.context.view_layer.objects.active = other
    other.select_set(True)
    assert look() == [True, True, True, True]
    assert "“bricks Texcore” was made for “Box”" in tell_tip(image, "NODE")
    flat = bpy.data.images.new("flat", 32, 32)
    flat["texcore_recipe"], flat["texcore_source"] = image["texcore_recipe"], photo
    assert list(look_at_menu(flat).values()) == [False] * 4


def check_a_material_that_others_use_stays_theirs():
    first, second = thing("First"), thing("Second")
    second.data.materials.clear()
    shared = first.active_material
    deleted = bpy.data.meshes.new("Deleted")
    deleted.materials.append(shared)
    assert not helpers.module("synthesis.objects").is_shared(shared, first)
    second.data.materials.append(shared)
    photo = texture_node(first).image
    # A third has the first one's mesh, and with it the texture.
    third = first.copy()
    bpy.context.scene.collection.objects.link(third)
    for each in (first, second, third):
        each.select_set(True)
    bpy.ops.texcore.synthesize_on_object(**QUICK)
    materials = [first.active_material, second.active_material]
    assert shared in materials and len(set(materials)) == 2
    made = {box.name: texture_node(box).image for box in (first, second)}
    assert {image["texcore_object"] for image in made.values()} == set(made)
    assert photo not in made.values() and third.active_material == first.active_material
    assert sum("texcore_recipe" in image for image in bpy.data.images) == 2


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


def check_hidden_faces_and_objects_are_unwrapped_and_stay_hidden():
    for hide in (hide_by_eye, hide_in_viewports):
        box = thing()
        for face in list(box.data.polygons)[:3]:
            face.hide = True
        hide(box)
        assert bpy.ops.texcore.unwrap_object(object=box.name) == {"FINISHED"}
        assert [face.hide for face in box.data.polygons] == [True] * 3 + [False] * 3
        assert not box.visible_get() and box.mode == "OBJECT"
        layer = box.data.uv_layers["Texcore"].uv
        corners = [[layer[i].vector for i in face.loop_indices] for face in box.data.polygons]
        sides = [np.ptp(np.array(each), axis=0).min() for each in corners]
        assert min(sides) > 0.05, sides
        bpy.ops.wm.read_homefile(app_template="", use_empty=True)


def hide_by_eye(box: bpy.types.Object) -> None:
    box.hide_set(True)


def hide_in_viewports(box: bpy.types.Object) -> None:
    box.hide_viewport = True


def check_of_several_objects_none_is_unwrapped_where_one_cannot_be():
    box = thing()
    for spoil in (add_without_faces, add_full, add_in_hidden_collection):
        other = spoil()
        for each in (box, other):
            each.select_set(True)
        bpy.context.view_layer.objects.active = box
        names = [layer.name for layer in other.data.uv_layers]
        try:
            bpy.ops.texcore.unwrap_object(object="" if other.visible_get() else other.name)
        except RuntimeError as e:
            assert f"“{other.name}”" in str(e), e
        else:
            raise AssertionError("it was not refused")
        assert [layer.name for layer in box.data.uv_layers] == ["Unwrapped"], spoil
        assert [layer.name for layer in other.data.uv_layers] == names, spoil
        bpy.data.objects.remove(other)


def add_without_faces() -> bpy.types.Object:
    other = bpy.data.objects.new("Empty", bpy.data.meshes.new("Empty"))
    bpy.context.scene.collection.objects.link(other)
    return other


def add_full() -> bpy.types.Object:
    """A box with as many UV maps as Blender allows."""
    other = thing("Full")
    while len(other.data.uv_layers) < 8:
        other.data.uv_layers.new()
    return other


def add_in_hidden_collection() -> bpy.types.Object:
    other = thing("Away")
    away = bpy.data.collections.new("Away")
    bpy.context.scene.collection.children.link(away)
    bpy.context.scene.collection.objects.unlink(other)
    away.objects.link(other)
    away.hide_viewport = True
    return other


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
    make_task = helpers.module("synthesis.making").make_task

    def list_shown() -> int:
        task = make_task(bpy.context, helpers.options(object="Box", live=True, **QUICK))
        task.close()
        assert task.params.object is not None
        return len(task.watch._parts["picture"]._where.places)

    assert list_shown() == 0
    node = texture_node(box)
    node.id_data.links.remove(node.inputs["Vector"].links[0])
    assert list_shown() == 1
    box.data.uv_layers.new(name="Other").active_render = True
    assert list_shown() == 0


def check_again_is_for_its_object_whichever_is_active():
    box = thing()
    first = make()
    thing("Other")
    assert bpy.ops.texcore.again(image=first.name, scale=2, seed=-2) == {"FINISHED"}
    new = texture_node(box).image
    assert new != first and tuple(new.size) == (96, 96) and new["texcore_object"] == "Box"
    assert json.loads(new["texcore_recipe"])["scale"] == 2
    assert texture_node(bpy.data.objects["Other"]).image.name == "bricks.png.001"


def check_an_object_that_is_gone_meanwhile_changes_nothing():
    box, other = thing(), thing("Other")
    other.data.materials[0] = box.active_material
    task = helpers.module("synthesis.making").make_task(
        bpy.context, helpers.options(object="Box", **QUICK)
    )
    jobs = helpers.module("engine.jobs")
    bpy.data.objects.remove(box)
    job = jobs.EngineJob(task, helpers.module("engine.choices").find_python(bpy.context))
    jobs.run(job)
    assert "left alone" in job.message, job.message
    assert (
        texture_node(other).image.name == "bricks.png" and feeds(texture_node(other)) == "MAPPING"
    )
    assert bpy.data.images["bricks Texcore"].use_fake_user


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

    class Layout(helpers.Layout):
        """Takes what is drawn, and notes words and operators."""

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
