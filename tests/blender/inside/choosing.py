"""Textures of one press of Variations: seen side by side, one kept, the others discarded."""

from __future__ import annotations

from unittest import mock

import bpy
import drawing
import helpers
import numpy as np
import overlaying

ENGINE = "painting.py"
COUNT = 4


def vary(
    count: int = COUNT, seed: int = 0, press: str = "a", photo: str = "bricks.png", word: str = ""
) -> list[bpy.types.Image]:
    """Textures as one press leaves them in the file, the last one in the nodes of their photo."""
    marks, putting = helpers.module("images.marks"), helpers.module("nodes.putting")
    recipe, places = (
        helpers.module("bundled.texcore.contract.recipe"),
        helpers.module("nodes.places"),
    )
    source = bpy.data.images[photo]
    nodes = places.find_nodes(source)
    made = []
    for number in range(seed, seed + count):
        image = bpy.data.images.new(marks.name_result(photo), 32, 32)
        image.pixels.foreach_set(np.full(32 * 32 * 4, 0.5, np.float32))
        image.pack()
        image[marks.SOURCE_PROPERTY], image[marks.PRESS_PROPERTY] = source, press
        image[marks.RECIPE_PROPERTY] = recipe.Recipe(size=(32, 32), seed=number).dumps()
        image[marks.MADE_PROPERTY] = float(number)
        if word:
            image[marks.SET_PROPERTY] = f"{word}{number}"
        for node in nodes:
            putting.put_image(node, image, keep_density=False)
        made.append(image)
    return made


def names(images) -> set[str]:
    return {image.name for image in images}


def check_the_textures_of_the_newest_press_are_together():
    node = helpers.textured(helpers.load())
    first, second = vary(2, seed=3), vary(3, seed=10, press="b")
    presses, marks = helpers.module("results.presses"), helpers.module("images.marks")
    photo = bpy.data.images["bricks.png"]
    assert presses.list_pressed(photo) == presses.list_pressed(second[0]) == second
    # That of the image in the node comes first.
    assert bpy.ops.texcore.assign(image=first[0].name) == {"FINISHED"}
    assert presses.list_pressed(node.image) == first
    assert marks.list_senseless(first[0]) == []
    first[0]["texcore_press"] = 5
    assert marks.list_senseless(first[0]) == ["texcore_press"]


def check_the_others_are_discarded_by_one_step_and_come_back():
    node = helpers.textured(helpers.load())
    kept = vary()[1].name
    assert bpy.ops.texcore.assign(image=kept) == {"FINISHED"}
    bpy.ops.ed.undo_push(message="chosen")
    before = names(bpy.data.images)
    assert bpy.ops.texcore.discard_others() == {"FINISHED"}
    bpy.ops.ed.undo_push(message="discarded")
    assert names(bpy.data.images) == {"bricks.png", kept} and node.image.name == kept
    # What is shown by Show Old is the photo, for the texture before it is gone.
    assert bpy.ops.texcore.compare() == {"FINISHED"}
    assert node.image.name == "bricks.png"
    bpy.ops.ed.undo_push(message="compared")
    for _ in range(2):
        assert bpy.ops.ed.undo() == {"FINISHED"}
    assert names(bpy.data.images) == before
    for image in bpy.data.images:
        assert helpers.pixels(image).any(), image  # packed, so that their pixels are there too


def check_what_somebody_uses_stays():
    helpers.textured(helpers.load())
    made = vary()
    used, marked, mixed, kept = made
    helpers.textured(used, "Other")
    bpy.context.view_layer.objects.active = bpy.data.objects["Bricks"]
    marked.asset_mark()
    bpy.context.scene.texcore.mix = mixed
    assert bpy.ops.texcore.discard_others(image=kept.name) == {"FINISHED"}
    assert names(bpy.data.images) == {"bricks.png", *names(made)}
    bpy.context.scene.texcore.mix = None
    marked.asset_clear()
    expected = names(bpy.data.images) - {mixed.name, marked.name}
    assert bpy.ops.texcore.discard_others(image=kept.name) == {"FINISHED"}
    assert names(bpy.data.images) == expected


def check_all_maps_of_a_variation_go_or_stay_as_one():
    node = helpers.textured(helpers.load())
    tree = node.id_data
    rough = tree.nodes.new("ShaderNodeTexImage")
    rough.image = helpers.generated()
    tree.links.new(rough.outputs["Color"], tree.nodes["Principled BSDF"].inputs["Roughness"])
    made = vary(3, word="set")
    roughness = vary(3, photo="painted", word="set")
    helpers.textured(roughness[0], "Other")
    bpy.context.view_layer.objects.active = bpy.data.objects["Bricks"]
    stay = {"bricks.png", "painted", *names((made[0], made[2], roughness[0], roughness[2]))}
    assert bpy.ops.texcore.discard_others(image=made[2].name) == {"FINISHED"}
    assert names(bpy.data.images) == stay, names(bpy.data.images)


def check_the_panel_shows_them_with_a_button_each():
    helpers.textured(helpers.load())

    assert "Variations: 4" not in drawing.list_words()
    made = vary()
    words = drawing.list_words()
    assert "Variations: 4" in words and words.count("Use") == COUNT, words
    with drawing.in_german():
        seen = drawing.draw_panel()
    drawing.expect_room(seen)
    assert "Varianten: 4" in [word.shown for word in seen]
    assert bpy.ops.texcore.assign(image=made[0].name) == {"FINISHED"}
    assert bpy.ops.texcore.discard_others() == {"FINISHED"}
    assert "Use" not in drawing.list_words()


def check_the_sheet_has_room_for_all_and_tells_where_a_click_goes():
    sheet, overlay = helpers.module("operators.sheet"), helpers.module("operators.overlay")
    for count in (2, 3, 4, 7, 16):
        for width, height in ((1200, 700), (300, 900), (640, 90)):
            cells = sheet.lay_out([2.0] * count, width, height)
            assert len(cells) == count
            for number, cell in enumerate(cells):
                assert cell.x >= 0 and cell.x + cell.width <= width, cell
                assert cell.y >= 0 and cell.y + cell.height <= height, cell
                assert abs(cell.width - 2 * cell.height) < 1e-6
                middle = cell.x + cell.width / 2, cell.y + cell.height / 2
                assert overlay.find_cell(cells, *middle) == number
    # The first is at the top left.
    assert cells[0].y > cells[-1].y and overlay.find_cell(cells, -5, -5) is None


def click(open_sheet, kind: str, place: tuple[float, float], value: str = "PRESS") -> set[str]:
    """What the operator answers to an event at a place of the editor."""
    cls = helpers.module("operators.choosing").TEXCORE_OT_compare_variations
    with overlaying.opened(cls, open_sheet) as operator:
        return overlaying.happen(operator, kind, place, value)


def check_a_click_on_the_sheet_puts_that_one_into_the_node():
    node = helpers.textured(helpers.load())
    made = vary()
    sheet, overlay = helpers.module("operators.sheet"), helpers.module("operators.overlay")
    area = overlaying.area(
        overlaying.region("WINDOW", "NONE", 100, 50, 800, 600),
        overlaying.region("UI", "RIGHT", 700, 50, 200, 600),
        overlaying.region("HEADER", "TOP", 100, 620, 800, 30),
        overlaying.region("TOOLS", "LEFT", 100, 50, 1, 600),  # hidden
    )
    assert overlay.measure_room(area) == (100, 50, 600, 570)
    shown = sheet.Sheet([sheet.Shown(i.name, "Seed", 1.0) for i in made], area)
    cell = shown.cells()[2]
    place = cell.x + 3, cell.y + 3
    assert click(shown, "MOUSEMOVE", place) == {"RUNNING_MODAL"} and shown.under == 2
    assert click(shown, "LEFTMOUSE", (750, 300)) == {"PASS_THROUGH"}  # the panel goes on working
    assert click(shown, "LEFTMOUSE", (101, 51)) == {"RUNNING_MODAL"}  # between them
    assert node.image == made[3]
    assert click(shown, "LEFTMOUSE", place) == {"FINISHED"} and node.image == made[2]
    assert click(shown, "ESC", place) == {"CANCELLED"} and node.image == made[2]


def check_a_picture_on_the_sheet_is_what_an_image_editor_shows():
    sheet = helpers.module("operators.sheet")
    for image in (helpers.load(), helpers.generated(is_float=True)):
        seen = sheet.shrink(image, 32)
        assert seen.shape == (32, 32, 4) and seen.min() >= 0 and seen.max() <= 1
        wanted = helpers.pixels(image).reshape(32, 2, 32, 2, 4).mean((1, 3))
        if image.is_float:
            linear = wanted[..., :3]
            wanted[..., :3] = 1.055 * linear.clip(0.0031308) ** (1 / 2.4) - 0.055
        assert abs(seen[..., :3] - wanted[..., :3]).max() < 2e-3, image
        # A large one without a preview yet is read all the same; with one, that is shown.
        with mock.patch.object(sheet, "_FEW_PIXELS", 1):
            assert np.array_equal(sheet.shrink(image, 32), seen)
            image.preview_ensure().image_size = (16, 16)
            image.preview.image_pixels_float.foreach_set(np.full(1024, 0.5, np.float32))
            assert sheet.shrink(image, 32).shape == (16, 16, 4)
