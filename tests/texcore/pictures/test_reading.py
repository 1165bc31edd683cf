"""Pictures that other programs wrote, and what is no picture."""

import re

import numpy as np
import OpenImageIO
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.making import blobs, bricks, waves
from texcore import pictures
from texcore.contract.errors import BadInput
from texcore.contract.recipe import MAX_SIZE
from texcore.pictures import Picture


@pytest.fixture
def rgb():
    return np.round(bricks(24, 30) * 255).astype(np.uint8).transpose(1, 2, 0)


def read(path, image, **how):
    image.save(path, **how)
    return pictures.read(path)


def levels(picture):
    return np.round(picture.pixels * 255).astype(int)


def test_a_palette_is_its_colours(tmp_path, rgb):
    image = Image.fromarray(rgb).quantize(32)
    got = read(tmp_path / "a.png", image)
    assert got.pixels.shape[0] == 3
    np.testing.assert_array_equal(levels(got), np.asarray(image.convert("RGB")).transpose(2, 0, 1))


def test_a_palette_with_a_transparent_entry_has_alpha(tmp_path, rgb):
    image = Image.fromarray(rgb).quantize(16)
    got = read(tmp_path / "a.png", image, transparency=3)
    assert got.has_alpha
    np.testing.assert_array_equal(levels(got)[3] == 0, np.asarray(image) == 3)


def test_one_bit_is_black_and_white(tmp_path, rgb):
    image = Image.fromarray(rgb).convert("1")
    got = read(tmp_path / "a.png", image)
    np.testing.assert_array_equal(got.pixels, np.asarray(image)[None].astype(np.float32))


def test_grey_and_alpha_stay_two_channels(tmp_path, rgb):
    image = Image.fromarray(rgb[..., :2], "LA")
    got = read(tmp_path / "a.png", image)
    assert got.has_alpha
    np.testing.assert_array_equal(levels(got), rgb[..., :2].transpose(2, 0, 1))


def test_alpha_is_straight(tmp_path, rgb):
    alpha = np.broadcast_to(np.linspace(0, 255, 30).astype(np.uint8), (24, 30))
    for name in ("a.png", "a.tif"):
        got = read(tmp_path / name, Image.fromarray(np.dstack([rgb, alpha])))
        np.testing.assert_array_equal(levels(got)[:3], rgb.transpose(2, 0, 1))
        np.testing.assert_array_equal(levels(got)[3], alpha)


def test_sixteen_bits_are_all_kept(tmp_path):
    rows = (np.arange(20 * 24, dtype=np.uint16) * 131).reshape(20, 24)
    for name in ("a.png", "a.tif"):
        got = read(tmp_path / name, Image.fromarray(rows))
        assert got.depth == "uint16"
        np.testing.assert_array_equal(np.round(got.pixels[0] * 65535), rows)


@pytest.mark.parametrize(("mode", "channels"), [("RGB", 3), ("L", 1)])
def test_a_jpeg_is_read_as_other_programs_do(tmp_path, rgb, mode, channels):
    got = read(tmp_path / "a.jpg", Image.fromarray(rgb).convert(mode), quality=90)
    rows = np.asarray(Image.open(tmp_path / "a.jpg")).reshape(24, 30, channels)
    assert got.pixels.shape[0] == channels
    assert np.abs(levels(got) - rows.transpose(2, 0, 1)).max() <= 2


@pytest.mark.parametrize("name", ["a.bmp", "a.tga", "a.webp", "a.gif", "a.ppm"])
def test_other_formats_are_read_too(tmp_path, name):
    rgb = np.round(waves(24, 30, highest=1) * 255).astype(np.uint8).transpose(1, 2, 0)
    got = read(tmp_path / name, Image.fromarray(rgb))
    assert got.pixels.shape == (got.pixels.shape[0], 24, 30)
    assert np.abs(levels(got)[:3] - rgb.transpose(2, 0, 1)).mean() < 8


def test_a_picture_under_a_wrong_name_is_read(tmp_path, rgb):
    Image.fromarray(rgb).save(tmp_path / "a.bin", format="PNG")
    (tmp_path / "a.bin").rename(tmp_path / "a.jpg")
    got = pictures.read(tmp_path / "a.jpg")
    np.testing.assert_array_equal(levels(got), rgb.transpose(2, 0, 1))


def test_an_exr_of_many_layers_gives_its_colours(tmp_path):
    pixels = blobs(20, 24, channels=6)
    spec = OpenImageIO.ImageSpec(24, 20, 6, "float")
    spec.channelnames = ("depth.Z", "diffuse.B", "diffuse.G", "diffuse.R", "normal.X", "normal.Y")
    out = OpenImageIO.ImageOutput.create(str(tmp_path / "a.exr"))
    assert out.open(str(tmp_path / "a.exr"), spec)
    assert out.write_image(np.ascontiguousarray(pixels.transpose(1, 2, 0)))
    out.close()
    got = pictures.read(tmp_path / "a.exr")
    names = ("depth.Z", "diffuse.B", "diffuse.G", "diffuse.R", "normal.X", "normal.Y")
    wanted = np.stack([pixels[names.index(f"diffuse.{c}")] for c in "RGB"])
    np.testing.assert_array_equal(got.pixels, wanted)
    assert (got.linear, got.has_alpha) == (True, False)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_an_array_of_the_extension(tmp_path, channels):
    pixels = blobs(20, 24, channels=channels) * 3 - 1
    np.save(tmp_path / "a.npy", pixels.transpose(1, 2, 0))
    got = pictures.read(tmp_path / "a.npy")
    np.testing.assert_array_equal(got.pixels, pixels)
    assert (got.depth, got.linear) == ("float", False)


def array(path, value):
    np.save(path, value, allow_pickle=True)


REFUSED = {
    "gone": ("a.png", lambda path: None, "is not there: check the path"),
    "folder": ("a.png", lambda path: path.mkdir(), "is a folder: give a picture"),
    "empty": ("a.png", lambda path: path.touch(), "is no picture that can be read"),
    "text": ("a.jpg", lambda path: path.write_text("hello " * 50), "is no picture"),
    "blend": ("a.blend", lambda path: path.write_bytes(b"BLENDER-v500" * 9), "is no picture"),
    "small": (
        "a.png",
        lambda path: Image.new("RGB", (15, 40)).save(path),
        "“a.png” has 15 × 40 pixels: a texture needs at least 16 × 16.",
    ),
    "large": (
        "a.png",
        lambda path: Image.new("1", (4 * MAX_SIZE + 1, 16)).save(path),
        "is too large: 65537 × 16 pixels",
    ),
    "no-array": ("a.npy", lambda path: path.write_bytes(b"nothing"), "holds no array"),
    "empty-array": ("a.npy", lambda path: path.touch(), "holds no array"),
    "objects": ("a.npy", lambda path: array(path, np.array([{}])), "holds no array"),
    "flat": ("a.npy", lambda path: array(path, np.zeros((20, 20), np.float32)), "no float32 array"),
    "doubles": ("a.npy", lambda path: array(path, np.zeros((20, 20, 3))), "no float32 array"),
    "many": (
        "a.npy",
        lambda path: array(path, np.zeros((20, 20, 5), np.float32)),
        "is no float32 array of (height, width, 1 to 4)",
    ),
    "nan": (
        "a.npy",
        lambda path: array(path, np.full((20, 20, 3), np.nan, np.float32)),
        "has pixels that are not numbers",
    ),
    "infinite": (
        "a.npy",
        lambda path: array(path, np.full((20, 20, 3), np.inf, np.float32)),
        "has pixels that are not numbers",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_used_is_refused_in_one_sentence(tmp_path, case):
    name, make, sentence = REFUSED[case]
    make(tmp_path / name)
    with pytest.raises(BadInput, match=re.escape(sentence)) as refusal:
        pictures.read(tmp_path / name)
    assert "\n" not in str(refusal.value)
    # No word of it is left over for the next error.
    assert not OpenImageIO.geterror()


@given(st.floats(1, 50), st.integers(0, 9))
def test_display_and_light_are_inverses(white, seed):
    light = white * blobs(16, 16, seed)
    shown = pictures.to_display(light, white)
    assert 0 <= shown.min() <= shown.max() <= 1
    np.testing.assert_allclose(pictures.from_display(shown, white), light, rtol=1e-4, atol=1e-6)


def test_display_values_of_the_standard():
    light = np.array([0, 0.0031308, 0.214041, 0.5, 1], np.float32)
    shown = pictures.to_display(light, 1.0)
    np.testing.assert_allclose(shown, [0, 0.04045, 0.5, 0.735357, 1], atol=1e-5)
    assert pictures.to_display(np.float32([-1]), 1.0) == 0


def test_a_constant_alpha_comes_off_and_another_stays():
    pixels = blobs(16, 18, channels=4)
    kept, value = pictures.flatten_alpha(Picture(pixels, "uint8"))
    assert (kept.pixels.shape[0], value) == (4, None)
    pixels[3] = 0.25
    flat, value = pictures.flatten_alpha(Picture(pixels, "uint8"))
    assert (flat.pixels.shape[0], value) == (3, 0.25)
    assert pictures.flatten_alpha(flat) == (flat, None)
