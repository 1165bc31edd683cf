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


def check_every_material_of_the_selected_objects_gets_a_texture():
    small()
    for name in ("Brick", "Bark", "Moss"):
        wall(name)
    bpy.context.view_layer.objects.selected["Brick"].data.materials.append(
        bpy.data.materials["Moss"]
    )
    bpy.data.objects["Moss"].select_set(False)  # its material is on the first object too
    wall("Not Selected").select_set(False)
    wall("Empty").data.materials.clear()
    assert bpy.ops.texcore.synthesize_selected() == {"FINISHED"}
    assert sorted(image.name for image in made()) == [
        "Bark Texcore",
        "Brick Texcore",
        "Moss Texcore",
    ]
    for name in ("Brick", "Bark", "Moss"):
        assert image_of(name).name == f"{name} Texcore"
    assert image_of("Not Selected").name == "Not Selected.png"


def check_materials_with_one_photo_share_its_texture():
    small()
    photo = helpers.load()
    for name in ("Left", "Right", "Middle"):
        wall(name, photo)
    wall("Other")
    assert bpy.ops.texcore.synthesize_selected() == {"FINISHED"}
    assert len(made()) == 2, made()
    assert {image_of(name).name for name in ("Left", "Right", "Middle")} == {"bricks Texcore"}
    # Made again, they still share it: what they are made of is the photo.
    bpy.context.scene.texcore.seed = 5
    assert bpy.ops.texcore.synthesize_selected() == {"FINISHED"}
    assert {image_of(name).name for name in ("Left", "Right", "Middle")} == {"bricks Texcore.001"}


def check_all_maps_are_made_where_a_material_has_several():
    small()
    wall("Plain")
    wall("Rich")
    tree = bpy.data.materials["Rich"].node_tree
    rough = tree.nodes.new("ShaderNodeTexImage")
    rough.image = helpers.generated()
    tree.links.new(rough.outputs["Color"], tree.nodes["Principled BSDF"].inputs["Roughness"])
    assert bpy.ops.texcore.synthesize_selected() == {"FINISHED"}
    assert len(made()) == 3 and rough.image.name == "painted Texcore"


def check_one_that_cannot_be_made_keeps_no_other_from_it():
    small()
    wall("Gone")
    wall("There")
    image = bpy.data.images["Gone.png"]
    image.filepath = "//nowhere.png"
    image.reload()
    try:
        bpy.ops.texcore.synthesize_selected()
    except RuntimeError as e:
        assert "“Gone.png”" in str(e), e
    else:
        raise AssertionError("nothing was said")
    assert [image.name for image in made()] == ["There Texcore"]


def check_the_button_says_how_many_there_are():
    def shown() -> list[str]:
        return [word.shown for word in drawing.draw_panel()]

    first = wall("Brick")
    assert not [text for text in shown() if "Selected" in text]
    wall("Bark")
    assert "Selected: 2 Materials" in shown(), shown()
    first.data.materials[0] = bpy.data.materials["Bark"]
    assert not [text for text in shown() if "Selected" in text]
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
