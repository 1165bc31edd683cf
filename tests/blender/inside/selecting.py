"""All materials of the selected objects at one press."""

from __future__ import annotations

import time

import bpy
import drawing
import helpers

ENGINE = "painting.py"
#: Seconds that drawing may take where very much is selected; it takes a tenth of that.
DRAWING_SECONDS = 0.2


def wall(name: str, image: bpy.types.Image | None = None) -> bpy.types.Object:
    """A selected object with a material of its own; without an image, with a new photo."""
    if image is None:
        image = helpers.load()
        image.name = f"{name}.png"
    helpers.textured(image, name)
    thing = bpy.context.view_layer.objects.active
    thing.select_set(True)
    return thing


def image_of(material: str) -> bpy.types.Image:
    nodes = bpy.data.materials[material].node_tree.nodes
    return next(n for n in nodes if n.bl_idname == "ShaderNodeTexImage").image


def small() -> None:
    settings = bpy.context.scene.texcore
    settings.size, settings.width, settings.height = "custom", 32, 32
    settings.quality = "draft"


def made() -> list[bpy.types.Image]:
    return [image for image in bpy.data.images if "texcore_recipe" in image]


def check_one_press_makes_them_all_and_one_that_cannot_be_made_stops_none():
    small()
    photo = helpers.load()
    for name, image in (("Gone", None), ("Left", photo), ("Right", photo), ("Other", None)):
        wall(name, image)
    image = bpy.data.images["Gone.png"]
    image.filepath = "//nowhere.png"
    image.reload()
    try:
        bpy.ops.texcore.synthesize_selected()
    except RuntimeError as e:
        assert "“Gone.png”" in str(e), e
    else:
        raise AssertionError("nothing was said")
    assert sorted(image.name for image in made()) == ["Other Texcore", "bricks Texcore"]
    assert image_of("Left") == image_of("Right") == bpy.data.images["bricks Texcore"]
    assert image_of("Other").name == "Other Texcore"
    # Made again, they still share it: what they are made of is the photo.
    assert wanted()["Left"] == ("Right",)


def wanted(**words) -> dict[str, tuple[str, ...]]:
    """What would be made: by the first material of each texture, those that share it."""
    selection = helpers.module("synthesis.selection")
    found = selection.list_wanted(bpy.context, helpers.options(**words), True)
    return {options.material: options.sharing for options in found}


def check_every_material_of_the_selected_objects_is_wanted_once():
    for name in ("Brick", "Bark", "Moss"):
        wall(name)
    things = bpy.data.objects
    for name in ("Brick", "Bark"):
        things[name].data.materials.append(bpy.data.materials["Moss"])
    things["Moss"].select_set(False)  # its material is on two others
    wall("Not Selected").select_set(False)
    wall("Empty").data.materials.clear()
    assert wanted() == {"Brick": (), "Moss": (), "Bark": ()}
    for thing in things:
        thing.select_set(False)
    try:
        wanted()
    except Exception as e:
        assert "No selected object has a material" in str(e), e
    else:
        raise AssertionError("nothing was refused")


def check_what_belongs_to_a_material_is_not_shared():
    photo = helpers.load()
    for name in ("Plain", "Rich", "Also Plain"):
        wall(name, photo)
    assert wanted(derive=("normal",)) == {"Plain": (), "Rich": (), "Also Plain": ()}
    tree = bpy.data.materials["Rich"].node_tree
    rough = tree.nodes.new("ShaderNodeTexImage")
    rough.image = helpers.generated()
    tree.links.new(rough.outputs["Color"], tree.nodes["Principled BSDF"].inputs["Roughness"])
    assert set(wanted().items()) == {("Rich", ()), ("Also Plain", ("Plain",))}
    selection = helpers.module("synthesis.selection")
    found = selection.list_wanted(bpy.context, helpers.options(), True)
    assert {options.material: options.maps for options in found} == {
        "Rich": True,
        "Also Plain": False,
    }


def check_a_material_with_derived_maps_gets_a_color_of_its_own():
    small()
    photo = helpers.load()
    for name in ("Plain", "Also Plain", "Derived"):
        wall(name, photo)
    bpy.ops.texcore.synthesize(**helpers.FAST, material="Derived", derive={"normal"})
    assert wanted() == {"Derived": (), "Plain": ("Also Plain",)}
    batch = helpers.module("synthesis.batch")
    row = batch.list_materials(helpers.options(**helpers.FAST))
    assert all(outcome.ok for outcome in batch.run(bpy.context, row))
    assert image_of("Plain") == image_of("Also Plain") != image_of("Derived")
    nodes = bpy.data.materials["Derived"].node_tree.nodes
    assert len({n.image["texcore_set"] for n in nodes if n.bl_idname == "ShaderNodeTexImage"}) == 1


def check_the_button_says_how_many_there_are():
    first = wall("Brick")
    assert not [text for text in drawing.list_words() if "Selected" in text]
    wall("Bark")
    assert "Selected: 2 Materials" in drawing.list_words(), drawing.list_words()
    first.data.materials[0] = bpy.data.materials["Bark"]
    assert not [text for text in drawing.list_words() if "Selected" in text]
    with drawing.in_german():
        first.data.materials[0] = bpy.data.materials["Brick"]
        seen = drawing.draw_panel()
    drawing.expect_room(seen)
    assert "Ausgewählte: 2 Materialien" in [word.shown for word in seen]


def check_many_selected_objects_do_not_hold_the_panel_up():
    photo = helpers.load()
    wall("First", photo)
    for number in range(300):
        thing = bpy.data.objects.new("Copy", bpy.data.objects["First"].data.copy())
        thing.data.materials[0] = bpy.data.materials["First"].copy() if number < 100 else None
        bpy.context.scene.collection.objects.link(thing)
        thing.select_set(True)
    selection = helpers.module("synthesis.selection")
    started = time.process_time()
    count = selection.count_materials(bpy.context)
    assert count == 101, count
    assert time.process_time() - started < DRAWING_SECONDS
