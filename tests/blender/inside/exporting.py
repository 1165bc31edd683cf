"""Maps saved packed and named for an engine, from the panel's Save and from a shell."""

from __future__ import annotations

from pathlib import Path

import bpy
import helpers
import numpy as np
from driving import command
from material import kinds, loaded, synthesize, turn_green_over, wired

ENGINE = "painting.py"


def read(path: Path) -> np.ndarray:
    """A file's values, whatever they mean."""
    image = bpy.data.images.load(str(path))
    image.colorspace_settings.name = "Non-Color"
    values = helpers.pixels(image).copy()
    bpy.data.images.remove(image)
    return values


def check_save_packs_the_maps_for_unreal():
    material = wired(
        base_color=loaded("base_color"), normal=loaded("normal"), roughness=loaded("roughness")
    )
    synthesize(material=material.name)
    new = {kind: bpy.data.images[f"{kind} Texcore"] for kind in ("base_color", "normal")}
    bpy.ops.texcore.compare()  # while the old ones are shown, too
    folder = helpers.folder()
    words = {"image": "base_color Texcore", "filepath": str(folder / "Red Wall.png")}
    assert bpy.ops.texcore.save(**words, engine="unreal") == {"FINISHED"}
    names = {f"T_Red_Wall_{end}.png" for end in ("BC", "N", "ORM")}
    assert {path.name for path in folder.iterdir()} == names
    colour, normal = (helpers.pixels(image) for image in new.values())
    assert np.abs(read(folder / "T_Red_Wall_BC.png") - colour)[..., :3].max() < 0.003
    normal[..., 1] = 1 - normal[..., 1]
    assert np.abs(read(folder / "T_Red_Wall_N.png") - normal)[..., :3].max() < 1e-4
    orm = read(folder / "T_Red_Wall_ORM.png")
    rough = helpers.pixels(bpy.data.images["roughness Texcore"])
    assert orm[..., 0].min() == 1 and orm[..., 2].max() == 0
    assert np.abs(orm[..., 1] - rough[..., 0]).max() < 0.003
    assert all(image.packed_file for image in new.values())
    before = {path: path.read_bytes() for path in folder.iterdir()}
    try:
        bpy.ops.texcore.save(**words, engine="unreal")
    except RuntimeError as e:
        assert "is there already" in str(e), e
    else:
        raise AssertionError("it was not refused")
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def check_colours_are_srgb_and_data_is_as_in_its_file_whatever_that_is_marked_as():
    maps = {"base_color": loaded("base_color"), "roughness": loaded("roughness", bits=32)}
    for image in maps.values():
        image.colorspace_settings.name = "Linear Rec.709"
    synthesize(material=wired(**maps).name)
    folder = helpers.folder()
    words = {"image": "base_color Texcore", "filepath": str(folder / "wall.png")}
    assert bpy.ops.texcore.save(**words, engine="godot") == {"FINISHED"}
    light, rough = (helpers.pixels(bpy.data.images[f"{kind} Texcore"]) for kind in maps)
    light = light[..., :3]
    shown = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    assert np.abs(read(folder / "wall_albedo.png")[..., :3] - shown).max() < 0.003
    assert np.abs(read(folder / "wall_orm.png")[..., 1] - rough[..., 0]).max() < 0.003
    encode = helpers.module("results.saving").encode
    wanted = helpers.pixels(maps["roughness"])[::-1]
    assert np.abs(encode(maps["roughness"], as_colour=False) - wanted).max() < 1e-6


def check_directx_normals_are_turned_over_once_at_most():
    material = wired(base_color=loaded("base_color"), normal=loaded("normal"))
    turn_green_over(material)
    assert kinds(material).keys() == {"base_color", "normal_dx"}
    synthesize(material=material.name)
    normal = helpers.pixels(bpy.data.images["normal Texcore"])
    recipe = helpers.module("images.marks").read_recipe(bpy.data.images["normal Texcore"])
    assert recipe.maps == "base_color,normal_dx"
    folder = helpers.folder()
    words = {"image": "base_color Texcore", "filepath": str(folder / "wall.png")}
    for engine in ("unreal", "godot"):
        assert bpy.ops.texcore.save(**words, engine=engine) == {"FINISHED"}
    assert np.abs(read(folder / "T_wall_N.png") - normal)[..., :3].max() < 1e-4
    normal[..., 1] = 1 - normal[..., 1]
    assert np.abs(read(folder / "wall_normal.png") - normal)[..., :3].max() < 1e-4


def check_maps_made_before_conventions_were_told_are_exported_and_made_again():
    """The recipe of these DirectX normals calls them OpenGL's, as earlier versions wrote it."""
    material = wired(base_color=loaded("base_color"), normal=loaded("normal"))
    synthesize(material=material.name)
    turn_green_over(material)
    folder = helpers.folder()
    words = {"image": "base_color Texcore", "filepath": str(folder / "wall.png")}
    assert bpy.ops.texcore.save(**words, engine="godot") == {"FINISHED"}
    normal = helpers.pixels(bpy.data.images["normal Texcore"])
    assert np.abs(read(folder / "wall_normal.png") - normal)[..., 0].max() < 1e-4
    assert bpy.ops.texcore.again(image="base_color Texcore") == {"FINISHED"}
    assert material.node_tree.nodes["normal"].image.name == "normal Texcore.001"


def check_a_single_picture_is_a_base_color():
    helpers.textured(helpers.load(channels=4))
    helpers.synthesize()
    folder = helpers.folder()
    bpy.ops.texcore.save(filepath=str(folder / "wall.png"), engine="gltf")
    assert [path.name for path in folder.iterdir()] == ["wall_baseColor.png"]


def check_command_exports_sets():
    wired(base_color=loaded("base_color"), roughness=loaded("roughness"))
    folder = helpers.folder()
    out = str(folder / "out.blend")
    common = ["--quality", "draft", "--weights", "random", "--size", "32", "-o", out]
    (folder / "unity").mkdir()
    words = ["--material", "Bricks", "--maps", "--export", f"unity={folder / 'unity'}"]
    code, said = command(*words, *common)
    assert code == 0, said
    names = {path.name for path in (folder / "unity").iterdir()}
    assert names == {"Bricks_BaseMap.png", "Bricks_MaskMap.png"}
    assert read(folder / "unity" / "Bricks_MaskMap.png").shape == (32, 32, 4)
    code, said = command(*words, *common)
    assert code == 1 and "is there already" in said, said
    (folder / "godot").mkdir()
    code, said = command(*words, "--export", f"godot={folder / 'godot'}", *common)
    assert code == 1 and "is there already" in said, said
    assert len(list((folder / "godot").iterdir())) == 2  # the second is written all the same
    for word in ("cry=.", f"unity={folder / 'nowhere'}", "unity"):
        assert command("--export", word, *common)[0] == 2
