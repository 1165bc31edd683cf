"""Objects get materials of pictures on disk."""

from __future__ import annotations

import bpy
import helpers

ENGINE = "painting.py"


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
