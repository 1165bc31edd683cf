"""A material of a folder of maps: told by their names, and each file one image of the file."""

from __future__ import annotations

from pathlib import Path

import bpy
import helpers
import numpy as np
from material import kinds, loaded, relief

ENGINE = "painting.py"


def folder(*kinds: str, **names: str) -> Path:
    """A folder “wall” with maps in files."""
    made = helpers.folder() / "wall"
    made.mkdir()
    for kind, name in {**{k: f"wall_{k}.png" for k in kinds}, **names}.items():
        helpers.write_png(made / name, relief()[kind])
    return made


def check_a_folder_becomes_a_material_of_the_selected_objects():
    made = folder("height", "roughness", base_color="wall_diff_1k.png", normal="wall_nor_gl_1k.png")
    things = []
    for name in ("A", "B"):
        things.append(bpy.data.objects.new(name, bpy.data.meshes.new(name)))
        bpy.context.scene.collection.objects.link(things[-1])
        things[-1].select_set(True)
    assert bpy.ops.texcore.material_from_maps(directory=str(made)) == {"FINISHED"}
    material = bpy.data.materials["wall"]
    assert all(thing.active_material == material for thing in things)
    assert kinds(material) == {
        "base_color": "wall_diff_1k.png",
        "normal": "wall_nor_gl_1k.png",
        "roughness": "wall_roughness.png",
        "height": "wall_height.png",
    }
    spaces = {i.name: i.colorspace_settings.name for i in bpy.data.images}
    assert spaces.pop("wall_diff_1k.png") == "sRGB" and set(spaces.values()) == {"Non-Color"}


def check_packed_gloss_and_directx_maps_find_their_places():
    made = folder(orm="wall_ORM.png", base_color="wall_BaseColor.png", normal="wall_NormalDX.png")
    assert bpy.ops.texcore.material_from_maps(directory=str(made)) == {"FINISHED"}
    material = bpy.data.materials["wall"]
    assert set(kinds(material)) == {"base_color", "normal_dx", "orm"}
    inputs = next(n for n in material.node_tree.nodes if n.type == "BSDF_PRINCIPLED").inputs
    assert inputs["Roughness"].links[0].from_node.type == "SEPARATE_COLOR"
    assert (
        inputs["Metallic"].links[0].from_socket == inputs["Metallic"].links[0].from_node.outputs[2]
    )
    types = [n.type for n in material.node_tree.nodes]
    normal = next(n for n in material.node_tree.nodes if n.type == "NORMAL_MAP")
    # One of the two ways to turn green over, and not both.
    assert (types.count("INVERT") == 1) != (getattr(normal, "convention", "") == "DIRECTX")
    assert types.count("INVERT") == (0 if hasattr(normal, "convention") else 1)
    bpy.data.materials.remove(material)
    made = folder("gloss", "base_color")
    assert bpy.ops.texcore.material_from_maps(directory=str(made)) == {"FINISHED"}
    assert set(kinds(bpy.data.materials["wall"])) == {"base_color", "gloss"}


def check_a_folder_is_synthesised_on_the_way():
    made = folder("base_color", "normal")
    words = {**helpers.FAST, "directory": str(made), "synthesize": True}
    assert bpy.ops.texcore.material_from_maps(**words) == {"FINISHED"}
    names = set(kinds(bpy.data.materials["wall"]).values())
    assert names == {"wall_base_color Texcore", "wall_normal Texcore"}


def check_a_folder_that_cannot_be_synthesised_leaves_all_as_it_was():
    helpers.textured(loaded("base_color"))
    thing, before = bpy.context.view_layer.objects.active, len(bpy.data.images)
    made = helpers.folder() / "tiny"
    made.mkdir()
    helpers.write_png(made / "tiny_diff.png", relief()["base_color"][:8, :8])
    try:
        bpy.ops.texcore.material_from_maps(directory=str(made), synthesize=True)
    except RuntimeError as e:
        assert "a texture needs at least" in str(e), e
    else:
        raise AssertionError("it was not refused")
    assert thing.active_material.name == "Bricks" and "tiny" not in bpy.data.materials
    assert len(bpy.data.images) == before


def check_a_folder_without_maps_makes_nothing():
    try:
        bpy.ops.texcore.material_from_maps(directory=str(helpers.folder()))
    except RuntimeError as e:
        assert "no map whose name says" in str(e), e
    else:
        raise AssertionError("it was not refused")
    assert not bpy.data.materials and not bpy.data.images


def press(made: Path, **words) -> dict[str, bpy.types.Image]:
    """Press the button; returns the images of the new material by the kind of their map."""
    before = set(bpy.data.materials)
    assert bpy.ops.texcore.material_from_maps(directory=str(made), **words) == {"FINISHED"}
    (material,) = set(bpy.data.materials) - before
    return {kind: bpy.data.images[name] for kind, name in kinds(material).items()}


def check_udim_tiles_of_a_map_become_one_tiled_image():
    made, numbers = folder(), (1001, 1002, 1012)
    for number in numbers:
        helpers.write_png(made / f"wall_diff.{number}.png", relief()["base_color"])
    helpers.write_png(made / "wall_rough.1001.png", relief()["roughness"])
    helpers.write_png(made / "wall_nor_1024.png", relief()["normal"])
    images = press(made)
    assert {kind: image.source for kind, image in images.items()} == {
        "base_color": "TILED",
        "normal": "FILE",  # 1024 is its size, for nothing else has such a tile
        "roughness": "TILED",
    }
    tiles = images["base_color"].tiles
    assert [(tile.number, tuple(tile.size)) for tile in tiles] == [(n, (48, 48)) for n in numbers]
    assert [tile.number for tile in images["roughness"].tiles] == [1001]
    assert images["roughness"].colorspace_settings.name == "Non-Color"
    assert press(made) == images and len(bpy.data.images) == 3


def check_tiles_are_synthesised_on_the_way():
    made = folder()
    for kind in ("base_color", "roughness"):
        for number in (1001, 1002):
            helpers.write_png(made / f"wall_{kind}.{number}.png", relief()[kind])
    images = press(made, **helpers.FAST, synthesize=True)
    assert [image.source for image in images.values()] == ["TILED", "TILED"]
    assert all(image.name.endswith(" Texcore") for image in images.values())


def check_a_second_press_takes_the_images_that_are_there_as_they_are():
    made = folder("base_color", "roughness")
    first = press(made)
    # What was painted and not saved stays; a colour space given anew would have it read again.
    for image in first.values():
        image.pixels.foreach_set(np.full(48 * 48 * 4, 0.25, np.float32))
        assert image.is_dirty
    assert press(made) == first and len(bpy.data.images) == 2
    for image in first.values():
        assert image.is_dirty and abs(helpers.pixels(image) - 0.25).max() < 0.01
    # Taken for colours elsewhere, it stays so there, and is data in the new material.
    first["roughness"].colorspace_settings.name = "sRGB"
    other = press(made)["roughness"]
    assert other != first["roughness"] and other.colorspace_settings.is_data
    assert first["roughness"].colorspace_settings.name == "sRGB"


def check_what_is_discarded_was_not_there_before():
    made = folder()
    helpers.write_png(made / "wall_diff.png", relief()["base_color"][:8, :8])
    helpers.write_png(made / "wall_rough.png", relief()["roughness"][:8, :8])
    mine = bpy.data.images.load(str(made / "wall_diff.png"))
    for damaged in (False, True):
        if damaged:
            (made / "wall_rough.png").write_bytes(b"no picture")
        try:
            press(made, synthesize=True)
        except RuntimeError as e:
            assert ("damaged" if damaged else "needs at least") in str(e), e
        else:
            raise AssertionError("it was not refused")
        assert list(bpy.data.images) == [mine] and not bpy.data.materials
