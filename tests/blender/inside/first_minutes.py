"""What an artist meets in the first minutes: a picture dropped or opened, and what is said."""

from __future__ import annotations

import os
import types
from functools import partial
from pathlib import Path

import bpy
import drawing
import helpers
from driving import job, until
from mathutils import Vector

ENGINE = "painting.py"


def wall(name: str, x: float) -> bpy.types.Object:
    """A square of two faces at a place, upright to the z axis, each with a material of its own."""
    mesh = bpy.data.meshes.new(name)
    corners = [(x, 0, 0), (x + 1, 0, 0), (x + 2, 0, 0), (x, 2, 0), (x + 1, 2, 0), (x + 2, 2, 0)]
    mesh.from_pydata(corners, [], [(0, 1, 4, 3), (1, 2, 5, 4)])
    for number in range(2):
        mesh.materials.append(bpy.data.materials.new(f"{name} {number}"))
        mesh.polygons[number].material_index = number
    thing = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(thing)
    return thing


def names_of(thing: bpy.types.Object) -> list[str]:
    return [slot.material.name for slot in thing.material_slots]


def check_what_is_under_the_pointer_is_found_with_its_slot():
    pointing = helpers.module("operators.pointing")
    left, _ = wall("Left", 0), wall("Right", 5)
    down = Vector((0, 0, -1))
    found = pointing.find_along(bpy.context, Vector((1.5, 1, 9)), down)
    assert found == pointing.Pointed(left, 1), found
    assert pointing.find_along(bpy.context, Vector((0.5, 1, 9)), down).slot == 0
    assert pointing.find_along(bpy.context, Vector((4, 1, 9)), down) is None


def check_what_is_dropped_goes_to_what_is_under_the_pointer():
    dropping, pointing = helpers.module("operators.dropping"), helpers.module("operators.pointing")
    left, right, third = wall("Left", 0), wall("Right", 5), wall("Third", 9)
    made = [bpy.data.materials.new(name) for name in ("New", "Newer")]
    right.select_set(True)
    third.select_set(True)
    under = pointing.Pointed(left, 1)
    assert dropping.list_holders(bpy.context, under) == [under]
    assert dropping.list_holders(bpy.context, None) == []
    dropping.hand_out(made, [under])
    assert names_of(left) == ["Left 0", "New"] and names_of(right) == ["Right 0", "Right 1"]
    assert not made[0].use_fake_user and made[1].use_fake_user  # nothing has it, yet it stays
    together = dropping.list_holders(bpy.context, pointing.Pointed(right, 0))
    assert [holder.thing for holder in together] == [right, third]


def check_a_picture_for_no_object_is_in_the_saved_file():
    path = helpers.write_png(helpers.folder() / "slate.png", helpers.picture()[..., :3])
    assert bpy.ops.texcore.new_material(filepath=str(path)) == {"FINISHED"}
    said = helpers.module("engine.jobs").latest["synthesize"].message
    assert "“slate” is on no object" in said, said
    file = helpers.folder() / "saved.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(file))
    bpy.ops.wm.open_mainfile(filepath=str(file))
    assert "slate" in bpy.data.materials and "slate Texcore" in bpy.data.images


def cancelled_at_work():
    """A job that was cancelled with something done, and the folder of its files."""
    jobs = helpers.module("engine.jobs")
    work = job(quality="high")
    jobs.start(work)
    until(lambda: work.keepable)
    bpy.ops.texcore.cancel()
    return work, Path(work.task._folder.name)


def check_what_was_cancelled_is_kept_until_the_artist_goes_another_way():
    suspending = helpers.module("engine.suspending")
    helpers.textured(helpers.load())
    _, first = cancelled_at_work()
    assert first.is_dir()
    work, second = cancelled_at_work()
    assert suspending.look().task is work.task and second.is_dir() and not first.exists()
    helpers.synthesize()
    assert suspending.look() is None and not second.exists()
    _, third = cancelled_at_work()
    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    assert suspending.look() is None and not third.exists()
    assert not bpy.ops.texcore.resume.poll()


def check_what_became_of_the_last_job_is_told_of_its_own_file_alone():
    """Of a file that is loaded the panel tells nothing; the engine's check is of no file."""
    jobs = helpers.module("engine.jobs")

    def told() -> str:
        return " ".join(word.shown for word in drawing.draw_panel())

    helpers.textured(helpers.load())
    path = str(helpers.folder() / "saved.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    check = jobs.EngineJob(helpers.module("engine.check").Check(), Path())
    jobs.latest["doctor"] = check
    for load in (
        partial(bpy.ops.wm.open_mainfile, filepath=path),
        partial(bpy.ops.wm.read_homefile, app_template="", use_empty=True),
    ):
        jobs.start(job(quality="high"))
        bpy.ops.texcore.cancel()
        assert "Cancelled; nothing was changed." in told(), told()
        bpy.ops.ed.undo_push(message="one")
        bpy.ops.ed.undo_push(message="two")
        bpy.ops.ed.undo()
        assert "Cancelled; nothing was changed." in told(), told()
        load()
        assert "Cancelled" not in told(), told()
        assert jobs.latest == {"doctor": check}
    del jobs.latest["doctor"]


def check_what_had_not_begun_is_not_kept():
    helpers.textured(helpers.load())
    work = job(quality="high")
    helpers.module("engine.jobs").start(work)
    bpy.ops.texcore.cancel()
    assert helpers.module("engine.suspending").look() is None
    assert not Path(work.task._folder.name).exists()


def opened(**words) -> bpy.types.Image:
    """A picture that the operator has opened."""
    before = set(bpy.data.images)
    path = helpers.write_png(helpers.folder() / "slate.png", helpers.picture()[..., :3])
    assert bpy.ops.texcore.open_picture(filepath=str(path), **words) == {"FINISHED"}
    (image,) = set(bpy.data.images) - before
    return image


def colour_of(material: bpy.types.Material) -> bpy.types.Image:
    """The image that is plugged into a material's Base Color."""
    shader = next(n for n in material.node_tree.nodes if n.type == "BSDF_PRINCIPLED")
    return shader.inputs["Base Color"].links[0].from_node.image


def check_an_opened_picture_is_what_is_learnt_from_whatever_was_there():
    targets = helpers.module("nodes.targets")
    for case in ("no material", "a plain one", "an empty node", "an image"):
        bpy.ops.wm.read_homefile(app_template="", use_empty=True)
        node = helpers.textured(helpers.load() if case == "an image" else None)
        material, thing = bpy.data.materials["Bricks"], bpy.context.view_layer.objects.active
        if case == "a plain one":
            node.id_data.nodes.remove(node)
        if case == "no material":
            thing.data.materials.clear()
        image = opened()
        assert targets.find_target(bpy.context).image == image, case
        assert colour_of(thing.active_material) == image, case
        assert (thing.active_material == material) == (case != "no material"), case
        count = len([n for n in thing.active_material.node_tree.nodes if n.type == "TEX_IMAGE"])
        assert count == 1, case
    assert bpy.data.images["bricks.png"].use_fake_user  # the artist's is not lost


def check_an_opened_picture_keeps_what_colours_the_material():
    material = helpers.textured(None).id_data
    tree = bpy.data.materials["Bricks"].node_tree
    tree.nodes.remove(next(n for n in tree.nodes if n.type == "TEX_IMAGE"))
    noise = tree.nodes.new("ShaderNodeTexNoise")
    entry = tree.nodes["Principled BSDF"].inputs["Base Color"]
    tree.links.new(noise.outputs["Color"], entry)
    image = opened()
    assert entry.links[0].from_node == noise and tree.nodes.active.image == image, material


def check_pictures_beside_it_are_opened_too():
    settings = bpy.context.scene.texcore
    for name in ("mix", "blend", "mask", "target_mask"):
        assert getattr(settings, name) is None
        image = opened(to=name.upper())
        assert getattr(settings, name) == image
    try:
        bpy.ops.texcore.open_picture(filepath="/nowhere/a.png")
    except RuntimeError as e:
        assert "/nowhere/a.png cannot be read" in str(e), e
    else:
        raise AssertionError("nothing was refused")


def solid_view() -> bpy.types.Area:
    """A 3D View of the start-up file, whose solid shading shows no textures, as Blender has it."""
    window = bpy.context.window_manager.windows[0]
    area = max(window.screen.areas, key=lambda area: area.width * area.height)
    area.type = "VIEW_3D"
    assert area.spaces.active.shading.color_type == "MATERIAL"
    return area


def check_the_view_where_a_picture_is_opened_shows_it():
    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    area = solid_view()
    shading = area.spaces.active.shading
    helpers.textured(None)
    with bpy.context.temp_override(window=bpy.context.window_manager.windows[0], area=area):
        opened(to="MIX")
        assert shading.color_type == "MATERIAL"  # nothing on the object is another
        assert bpy.ops.texcore.show_textures.poll()
        opened()
        assert (shading.type, shading.color_type) == ("SOLID", "TEXTURE")
        assert not bpy.ops.texcore.show_textures.poll()
        shading.color_type = "OBJECT"
        assert bpy.ops.texcore.show_textures() == {"FINISHED"}
        assert shading.color_type == "TEXTURE"
        shading.color_type, shading.type = "MATERIAL", "WIREFRAME"
        opened()
        assert (shading.type, shading.color_type) == ("WIREFRAME", "MATERIAL")


def intention(**values):
    """What the panel's button would make of these settings."""
    intending = helpers.module("synthesis.intending")
    return intending.find_intention(bpy.context, helpers.options(**values), True)


def check_the_panel_says_what_is_wrong_with_an_image_before_the_press():
    looking = helpers.module("images.looking")
    image = helpers.load()
    node = helpers.textured(image)

    def reason() -> str:
        intention()
        looking.look()  # as the timer does
        return intention().reason

    assert reason() == ""
    path = Path(image.filepath)
    image.filepath = "//gone.png"
    image.reload()
    assert "file of “bricks.png” is missing" in reason()
    assert intention().problem.is_missing
    image.filepath = str(path)  # as Blender's Find Missing Files does
    assert reason() == "" and min(image.size) == 64
    for source, word in (("MOVIE", "movie"), ("SEQUENCE", "sequence")):
        image.source = source
        assert word in reason() and not intention().problem.is_missing
    node.image = grey = bpy.data.images.new("grey", 64, 64)
    assert "“grey” is of one colour all over" in reason()
    # Beside others a flat map is one as good as any.
    tree = bpy.data.materials["Bricks"].node_tree
    rough = tree.nodes.new("ShaderNodeTexImage")
    rough.image, node.image = grey, helpers.load()
    tree.links.new(rough.outputs["Color"], tree.nodes["Principled BSDF"].inputs["Roughness"])
    assert reason() == "" and intention().is_material


def check_the_panel_says_what_does_not_go_together_before_the_press():
    image = helpers.load()
    helpers.textured(image)
    assert not intention().reason
    assert "Mix With" in intention(blend=image.name).reason
    assert not intention(blend=image.name, mix=image.name).reason
    assert "New regions" in intention(target_mask=image.name).reason
    assert "do not go together" in intention(mix=image.name, mask=image.name).reason


def check_a_flat_picture_is_refused_in_a_sentence():
    os.environ["TEXCORE_PYTHON"] = helpers.ENGINE_PYTHON
    node = helpers.textured(bpy.data.images.new("grey", 64, 64))
    try:
        helpers.synthesize()
    except RuntimeError as e:
        assert "of one colour all over" in str(e) and "Traceback" not in str(e), e
    else:
        raise AssertionError("nothing was refused")
    assert node.image.name == "grey"


def label() -> str:
    """What the panel's one button says."""
    button = helpers.module("interface.button")
    settings = bpy.context.scene.texcore
    repair = settings.repair.name if settings.repair else ""
    values = {"derive": tuple(settings.derive), "renew": settings.renew, "repair": repair}
    intending, asked = helpers.module("synthesis.intending"), helpers.options(**values)
    intention = intending.find_intention(bpy.context, asked, settings.all_maps)
    return button._describe(intention, asked.repairs)


def check_the_one_button_says_what_it_makes_and_makes_it():
    helpers.textured(helpers.load())
    settings = bpy.context.scene.texcore
    assert label() == "Synthesize Texture"
    settings.derive = {"normal"}
    assert label() == "Synthesize Texture + 1 Map"
    settings.derive = {"normal", "roughness"}
    assert label() == "Synthesize Texture + 2 Maps"
    assert bpy.ops.texcore.synthesize(**helpers.FAST) == {"FINISHED"}
    made = [image for image in bpy.data.images if "texcore_recipe" in image]
    assert len(made) == 3, made
    # What was guessed is guessed anew, and is no map of the material's own.
    assert intention(derive=("normal",)).count == 1
    roughness = bpy.data.materials["Bricks"].node_tree.nodes["Texcore Roughness"]
    del roughness.image["texcore_derived"]
    settings.derive = set()
    assert label() == "Synthesize Material, 3 Maps", label()
    settings.renew = "border"
    assert label() == "Repair Material, 3 Maps", label()
    settings.renew = "all"
    settings.all_maps = False
    assert label() == "Synthesize Texture + 1 Map"  # the normals, which follow the color


def check_the_button_says_that_only_a_part_is_made_anew():
    helpers.textured(helpers.load())
    settings = bpy.context.scene.texcore
    settings.renew = "border"
    assert label() == "Repair Texture"
    settings.derive = {"normal"}
    assert label() == "Repair Texture + 1 Map"
    settings.derive = {"normal", "roughness"}
    assert label() == "Repair Texture + 2 Maps"
    settings.renew = "all"
    assert label() == "Synthesize Texture + 2 Maps"
    settings.derive = set()
    assert bpy.ops.texcore.new_repair_mask() == {"FINISHED"}
    assert label() == "Repair Texture"


def check_textures_made_are_told_apart_by_size_seed_and_tip():
    helpers.textured(helpers.load())
    first = helpers.synthesize(seed=7, width=32, height=48)
    second = helpers.synthesize(seed=2147483647, novelty=0.5, straighten=False)
    results, marks = helpers.module("results.results"), helpers.module("images.marks")
    assert results.size_in_words(first, marks.read_recipe(first)) == "32 × 48"
    lines = results.tell_recipe(second).splitlines()
    expected = {"Seed: 2147483647", "Quality: Draft", "Novelty: 0.5", "Straighten: No", "32 × 32"}
    assert expected <= set(lines) and lines[0] == "bricks Texcore.001", lines
    history = helpers.module("interface.history")
    words = types.SimpleNamespace(image=second.name)
    said = history.TEXCORE_OT_choose_result.description(bpy.context, words)
    assert said == results.tell_recipe(second)
    manager = bpy.context.window_manager
    for image in (second, first):
        assert bpy.ops.texcore.choose_result(image=image.name) == {"FINISHED"}
        assert manager.texcore_result == image.name


def check_sizes_of_a_click():
    settings = bpy.context.scene.texcore
    for size, sides in (("512", 512), ("1024", 1024), ("4096", 4096), ("same", 0)):
        settings.size = size
        values = settings.read_values()
        assert (values["width"], values["height"], values["times"]) == (sides, sides, 1), size


def check_variations_have_seeds_of_their_own_and_are_all_there_to_choose_from():
    node = helpers.textured(helpers.load())
    settings = bpy.context.scene.texcore
    settings.size, settings.width, settings.height, settings.seed = "custom", 32, 32, 5
    settings.quality = "draft"
    assert bpy.ops.texcore.variations(count=3) == {"FINISHED"}
    results, marks = helpers.module("results.results"), helpers.module("images.marks")
    made = results.of_source(bpy.data.images["bricks.png"])
    recipes = [marks.read_recipe(image) for image in made]
    assert sorted(recipe.seed for recipe in recipes) == [5, 6, 7]
    assert {recipe.arrangement for recipe in recipes} == {"new"}
    assert helpers.module("results.presses").list_pressed(node.image) == made[::-1]
    first = next(i for i, recipe in zip(made, recipes, strict=True) if recipe.seed == 5)
    assert bpy.ops.texcore.assign(image=first.name) == {"FINISHED"}
    assert node.image == first and settings.seed == 5
