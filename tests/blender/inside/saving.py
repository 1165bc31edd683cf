"""Textures are saved as files that look like them, and can be read from these instead."""

from __future__ import annotations

import unittest.mock

import bpy
import helpers
import numpy as np
from material import write_exr

ENGINE = "painting.py"


def saved(form: str, suffix: str, **words) -> bpy.types.Image:
    path = helpers.folder() / f"out{suffix}"
    assert bpy.ops.texcore.save(filepath=str(path), format=form, **words) == {"FINISHED"}
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    return bpy.data.images.load(str(path))


def check_save_in_every_format():
    for load in (lambda: helpers.load(channels=4), lambda: helpers.load(bits=16)):
        helpers.textured(load())
        new = helpers.synthesize()
        is_float, values = new.is_float, helpers.pixels(new)
        for form, suffix in (("PNG8", ".png"), ("PNG16", ".png"), ("EXR", ".exr")):
            image = saved(form, suffix)
            assert tuple(image.size) == (32, 32) and image.is_float == (form != "PNG8")
            assert not image.colorspace_settings.is_data and len(bpy.data.scenes) == 1
            got = helpers.pixels(image)
            shown = values if is_float else linear(values)
            if form == "PNG8":
                got = linear(got)
            assert np.abs(got[..., :3] - shown[..., :3]).max() < 0.02, (form, is_float)
        bpy.ops.wm.read_homefile(app_template="", use_empty=True)


def linear(values: np.ndarray) -> np.ndarray:
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def check_data_is_saved_as_it_is():
    photo = helpers.load()
    photo.colorspace_settings.name = "Non-Color"
    helpers.textured(photo)
    values = helpers.pixels(helpers.synthesize())
    for form, suffix, bound in (("PNG16", ".png", 1e-4), ("EXR", ".exr", 1e-3)):
        image = saved(form, suffix)
        image.colorspace_settings.name = "Non-Color"
        assert np.abs(helpers.pixels(image) - values)[..., :3].max() < bound


def check_linear_light_of_8_bits_is_light_in_an_exr():
    values = light(linear_result())
    image = saved("EXR", ".exr")
    assert image.colorspace_settings.name == "Linear Rec.709" and image.is_float
    assert np.abs(helpers.pixels(image)[..., :3] - values).max() < 1e-3


def check_save_can_take_the_texture_out_of_the_file():
    node = helpers.textured(helpers.load())
    new = helpers.synthesize()
    values = helpers.pixels(new).copy()
    path = helpers.folder() / "out.png"
    bpy.ops.texcore.save(filepath=str(path), keep_packed=False)
    assert node.image == new and new.packed_file is None and new.filepath == str(path)
    assert np.array_equal(helpers.pixels(new), values)


def check_colours_stay_when_the_file_is_of_another_encoding():
    for form, suffix, make in (
        ("EXR", ".exr", byte_result),
        ("PNG16", ".png", byte_result),
        ("PNG8", ".png", float_result),
        ("PNG16", ".png", float_result),
        ("EXR", ".exr", float_result),
        ("EXR", ".exr", linear_result),
        ("PNG16", ".png", linear_result),
        ("PNG8", ".png", linear_result),
    ):
        new = make()
        before = light(new)
        path = helpers.folder() / f"out{suffix}"
        bpy.ops.texcore.save(image=new.name, filepath=str(path), keep_packed=False, format=form)
        alpha = "PREMUL" if form == "EXR" else "STRAIGHT"
        assert new.packed_file is None and new.alpha_mode == alpha, (form, new.alpha_mode)
        assert np.abs(light(new) - before).max() < 0.02, (form, make, new.colorspace_settings.name)
        bpy.ops.wm.read_homefile(app_template="", use_empty=True)


def byte_result() -> bpy.types.Image:
    """A result of 8 bits, encoded as sRGB."""
    helpers.textured(helpers.load(channels=4))
    return helpers.synthesize()


def linear_result() -> bpy.types.Image:
    """A result of 8 bits that are linear light."""
    photo = helpers.load(channels=4)
    photo.colorspace_settings.name = "Linear Rec.709"
    helpers.textured(photo)
    return helpers.synthesize()


def float_result() -> bpy.types.Image:
    """A result of linear light."""
    made = byte_result()
    exchange = helpers.module("images.exchange")
    path = write_exr(helpers.folder() / "light.exr", helpers.picture()[..., :3], 32)
    about = exchange.ExportedImage(path, "linear", "float", ".exr", "Linear Rec.709", "PREMUL")
    recipe = made["texcore_recipe"]
    return exchange.bring_in(path, about, "Light Texcore", made["texcore_source"], recipe)


def light(image: bpy.types.Image) -> np.ndarray:
    """Linear light, however the image is encoded."""
    values = helpers.pixels(image)[..., :3]
    is_light = image.is_float or image.colorspace_settings.name == "Linear Rec.709"
    return values if is_light else linear(values)


def check_a_file_on_another_drive_is_named_whole():
    helpers.textured(helpers.load())
    new = helpers.synthesize()
    bpy.ops.wm.save_as_mainfile(filepath=str(helpers.folder() / "scene.blend"))
    path = helpers.folder() / "out.png"
    with unittest.mock.patch("bpy.path.relpath", side_effect=ValueError("on another drive")):
        bpy.ops.texcore.save(image=new.name, filepath=str(path), keep_packed=False)
    assert new.packed_file is None and new.filepath == str(path)


def check_a_dot_in_a_name_is_no_suffix():
    helpers.textured(helpers.load())
    helpers.synthesize()
    folder = helpers.folder()
    (folder / "wall.png").write_bytes(b"an artist's")
    assert bpy.ops.texcore.save(filepath=str(folder / "wall.v2")) == {"FINISHED"}
    assert bpy.ops.texcore.save(filepath=str(folder / "wall.v3.png"), format="EXR") == {"FINISHED"}
    assert bpy.ops.texcore.save(filepath=str(folder / "wall.v4"), engine="gltf") == {"FINISHED"}
    names = {"wall.png", "wall.v2.png", "wall.v3.exr", "wall_v4_baseColor.png"}
    assert {path.name for path in folder.iterdir()} == names
    assert (folder / "wall.png").read_bytes() == b"an artist's"


def check_save_refuses_with_a_sentence():
    helpers.textured(helpers.load())
    helpers.synthesize()
    try:
        bpy.ops.texcore.save(filepath="/nowhere/out.png")
    except RuntimeError as e:
        assert "cannot be written (No such file or directory)" in str(e), e
    else:
        raise AssertionError("nothing was refused")
