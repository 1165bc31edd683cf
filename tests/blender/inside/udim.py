"""UDIM tiles: a tiled image becomes a new one of the same tiles, in one step."""

from __future__ import annotations

from pathlib import Path

import bpy
import helpers
import numpy as np
from driving import command
from material import graph, wired

ENGINE = "painting.py"
NUMBERS = (1001, 1002, 1012)


def tiled(name: str = "wall", numbers=NUMBERS, size: int = 32, folder: Path | None = None):
    """An image of UDIM tiles on disk, each other bricks."""
    folder = folder or helpers.folder()
    for number in numbers:
        pixels = helpers.picture(size, seed=number)[..., :3]
        helpers.write_png(folder / f"{name}.{number}.png", pixels)
    image = bpy.data.images.load(str(folder / f"{name}.{numbers[0]}.png"))
    image.source, image.name = "TILED", name
    image.filepath = str(folder / f"{name}.<UDIM>.png")
    assert [tile.number for tile in image.tiles] == list(numbers)
    return image


def refused(words: str, **arguments) -> None:
    """The operator must end with a sentence that has these words, and leave the file as it was."""
    before = [image.name for image in bpy.data.images]
    try:
        helpers.synthesize(**arguments)
    except RuntimeError as e:
        assert words in str(e), e
    else:
        raise AssertionError("it was not refused")
    assert [image.name for image in bpy.data.images] == before


def reason() -> str:
    """What the panel says against the button; empty where it can be pressed."""
    intending, looking = helpers.module("synthesis.intending"), helpers.module("images.looking")

    def find() -> str:
        return intending.find_intention(bpy.context, helpers.options(), True).reason

    find()
    looking.look()  # as the timer does
    return find()


def reopened() -> None:
    """Save the file elsewhere and open it."""
    path = str(helpers.folder() / "saved.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)


def shown_colours(image: bpy.types.Image, columns: int, rows: int) -> np.ndarray:
    """What a plane over so many tiles shows of an image, a value for each tile, from below."""
    mesh = bpy.data.meshes.new("plane")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)], [], [(0, 1, 2, 3)])
    corners = [(0, 0), (1, 0), (1, 1), (0, 1)]
    for name, across, up in (("tiles", columns, rows), ("whole", 1, 1)):
        layer = mesh.uv_layers.new(name=name)
        for entry, (u, v) in zip(layer.data, corners, strict=True):
            entry.uv = (u * across, v * up)
    mesh.uv_layers.active = mesh.uv_layers["whole"]
    node = helpers.textured(image, "Plane")
    thing = bpy.context.view_layer.objects.active
    mesh.materials.append(thing.data.materials[0])
    thing.data = mesh
    thing.select_set(True)
    tree = node.id_data
    coordinates, emission, target = (
        tree.nodes.new(f"ShaderNode{kind}") for kind in ("UVMap", "Emission", "TexImage")
    )
    coordinates.uv_map = "tiles"
    tree.links.new(coordinates.outputs["UV"], node.inputs["Vector"])
    tree.links.new(node.outputs["Color"], emission.inputs["Color"])
    tree.links.new(emission.outputs[0], tree.nodes["Material Output"].inputs["Surface"])
    target.image = bpy.data.images.new("shown", columns, rows, float_buffer=True, is_data=True)
    tree.nodes.active = target
    scene = bpy.context.scene
    scene.render.engine, scene.cycles.samples, scene.cycles.device = "CYCLES", 1, "CPU"
    bpy.ops.object.bake(type="EMIT", margin=0)
    return helpers.pixels(target.image)[..., :2]


def check_a_tiled_image_becomes_a_new_one_in_one_step():
    node = helpers.textured(tiled())
    name, before = node.id_data.name, graph(bpy.data.materials["Bricks"])
    bpy.ops.ed.undo_push(message="before")
    made = helpers.synthesize(width=24, height=16)
    assert made.name == "wall Texcore" and made.source == "TILED"
    assert [(t.number, tuple(t.size)) for t in made.tiles] == [(n, (24, 16)) for n in NUMBERS]
    assert {p.tile_number for p in made.packed_files} == set(NUMBERS)
    assert made["texcore_source"].name == "wall" and graph(bpy.data.materials["Bricks"]) == before
    assert '"size":[48,32]' in made["texcore_recipe"].replace(" ", "")
    assert helpers.module("images.marks").measure_extent(made) == (24, 16)  # of a tile
    bpy.ops.texcore.compare()
    assert bpy.data.materials["Bricks"].node_tree.nodes["Image Texture"].image.name == "wall"
    bpy.ops.texcore.compare()
    bpy.ops.ed.undo()
    assert [image.name for image in bpy.data.images] == ["wall"], name
    bpy.ops.ed.redo()
    assert bpy.data.images["wall Texcore"].source == "TILED"


def check_tiles_lie_where_their_numbers_say():
    """A plane over 2 × 2 tiles, as Cycles sees it, from a file that was saved and opened again."""
    helpers.textured(tiled())
    helpers.synthesize(width=16, height=16)
    for path in bpy.data.images["wall Texcore"].packed_files:
        assert path.filepath.startswith("//textures/wall_Texcore."), path.filepath
    assert bpy.data.images["wall Texcore"].filepath == "//textures/wall_Texcore.<UDIM>.png"
    reopened()
    image = bpy.data.images["wall Texcore"]
    image.colorspace_settings.name = "Non-Color"
    seen = shown_colours(image, 2, 2)
    for row, column, wanted in ((0, 0, (0.1, 0.1)), (0, 1, (0.2, 0.1)), (1, 1, (0.2, 0.2))):
        np.testing.assert_allclose(seen[row, column], wanted, atol=0.01)


def check_the_active_tile_is_learnt_from_in_all_maps():
    folder = helpers.folder()
    material = wired(base_color=tiled("colour", folder=folder), roughness=tiled("rough"))
    images = [bpy.data.images[name] for name in ("colour", "rough")]
    images[1].colorspace_settings.name = "Non-Color"
    images[0].tiles.active_index = 1
    task = helpers.module("synthesis.task").Synthesis(
        bpy.context, helpers.options(material=material.name, maps=True, width=40, height=40)
    )
    files = {kind: files.exemplar for kind, files in task.params.maps.items()}
    assert {kind: path.name for kind, path in files.items()} == {
        "base_color": "colour.1002.png",
        "roughness": "rough.1002.png",
    }
    assert task.params.udim == NUMBERS and task.params.recipe.size == (80, 80)
    assert all("<UDIM>" in files.output.name for files in task.params.maps.values())
    task.close()
    words = {**helpers.FAST, "derive": {"height"}, "width": 0, "height": 0}
    assert bpy.ops.texcore.synthesize_material(material=material.name, **words) == {"FINISHED"}
    for name in ("colour Texcore", "rough Texcore", "colour Height Texcore"):
        made = bpy.data.images[name]
        assert [(t.number, tuple(t.size)) for t in made.tiles] == [(n, (32, 32)) for n in NUMBERS]
    assert bpy.data.images["rough Texcore"].colorspace_settings.name == "Non-Color"
    # Made again from the packed ones, larger: each tile is, and no Mapping moves them.
    bpy.ops.texcore.again(image="colour Texcore", scale=2, seed=7)
    assert tuple(bpy.data.images["colour Texcore.001"].tiles[2].size) == (64, 64)
    assert not [n for n in material.node_tree.nodes if n.type == "MAPPING"]
    out = helpers.folder()
    bpy.ops.texcore.save(image="colour Texcore", filepath=str(out / "a.png"))
    assert len(list(out.iterdir())) == 9 and (out / "a.1012.png").is_file()


def check_a_packed_set_is_learnt_from_and_a_preview_shows_all_tiles():
    image = tiled()
    image.pack()
    for path in Path(image.filepath).parent.iterdir():
        path.unlink()
    node = helpers.textured(image)
    options = helpers.options(**helpers.FAST, live=True)
    task = helpers.module("synthesis.task").Synthesis(bpy.context, options)
    (files,) = task.params.maps.values()
    assert files.exemplar.is_file() and files.preview is not None
    np.save(files.preview, np.full((8, 8, 4), 128, np.uint8))
    task.watch.update()
    assert node.image != image and list(node.texture_mapping.scale)[:2] == [0.5, 0.5]
    assert task.watch.keep() == ""  # it would lie on each tile once
    task.watch.withdraw()
    assert node.image == image and list(node.texture_mapping.scale)[:2] == [1, 1]
    task.close()


def check_tiles_may_be_named_by_their_places():
    folder = helpers.folder()
    for place in ("u1_v1", "u2_v2"):
        helpers.write_png(folder / f"wall.{place}.png", helpers.picture(32)[..., :3])
    image = bpy.data.images.load(str(folder / "wall.u1_v1.png"))
    image.source = "TILED"
    image.filepath = str(folder / "wall.<UVTILE>.png")
    image.tiles.active_index = 1
    helpers.textured(image)
    task = helpers.module("synthesis.task").Synthesis(bpy.context, helpers.options(**helpers.FAST))
    (files,) = task.params.maps.values()
    assert files.exemplar == folder / "wall.u2_v2.png" and task.params.udim == (1001, 1012)
    task.close()


def check_what_cannot_be_is_said():
    node = helpers.textured(tiled())
    assert reason() == ""
    refused("are one texture of 20000 × 20000, and the largest is 16384", width=10000, height=10000)
    refused("made anew as a whole", renew="border")
    node.image = tiled("gone")
    files = {path: path.read_bytes() for path in Path(node.image.filepath).parent.iterdir()}
    for path in files:
        path.unlink()
    refused("“gone” is missing")
    assert "“gone” is missing" in reason()
    for path, data in files.items():
        path.write_bytes(data)
    assert reason() == ""
    node.image = bpy.data.images.new("painted", 32, 32, tiled=True)
    refused("changes that are in no file")
    material = wired(base_color=tiled("colour"), roughness=tiled("rough", (1001, 1003)))
    try:
        bpy.ops.texcore.synthesize_material(material=material.name, **helpers.FAST)
    except RuntimeError as e:
        assert "“rough” has the UDIM tiles 1001, 1003" in str(e), e
    else:
        raise AssertionError("it was not refused")


def check_the_command_makes_them():
    helpers.textured(tiled())
    bpy.data.images["wall"].name = "wall.1001.png"  # as Blender names what it opens
    out = helpers.folder() / "out.blend"
    words = ("--size", "48x32", "--quality", "draft", "--weights", "random", "-o", str(out))
    code, said = command("--material", "Bricks", *words)
    assert code == 0, said
    bpy.ops.wm.open_mainfile(filepath=str(out))
    made = bpy.data.images["wall Texcore"]
    assert made.source == "TILED" and len(made.packed_files) == 3
    assert bpy.data.materials["Bricks"].node_tree.nodes["Image Texture"].image == made
