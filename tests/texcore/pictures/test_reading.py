"""Pictures that other programs wrote, and what is no picture."""

import io
import os
import re
import struct
import sys
import zlib

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
from texcore.pictures import Picture, reading


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


def npy_header(height, width):
    """The beginning of an array's file of so many numbers, and none of them."""
    content = io.BytesIO()
    about = {"descr": "<f4", "fortran_order": False, "shape": (height, width, 3)}
    np.lib.format.write_array_header_1_0(content, about)
    return content.getvalue()


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
    "no-width": ("a.npy", lambda path: array(path, np.zeros((20, 0, 3), np.float32)), "0 × 20"),
    "no-height": ("a.npy", lambda path: array(path, np.zeros((0, 20, 3), np.float32)), "20 × 0"),
    "no-end": (
        "a.npy",
        lambda path: path.write_bytes(npy_header(10**9, 10**9)),
        "is damaged: it holds no array",
    ),
    "pipe": ("a.png", lambda path: os.mkfifo(path), "is a pipe or a device: give a picture's file"),
    "pipe-of-numbers": ("a.npy", lambda path: os.mkfifo(path), "is a pipe or a device"),
    "device": ("a.png", lambda path: path.symlink_to("/dev/zero"), "is a pipe or a device"),
    "beyond": (
        "a.npy",
        lambda path: array(path, np.full((20, 20, 3), 3e38, np.float32)),
        "has pixels that are not numbers",
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


def chunk(kind, content):
    body = kind + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


@pytest.fixture
def bomb(tmp_path):
    """A PNG of 30000 × 30000 pixels of one bit each, of 1700 bytes: its first rows."""
    path = tmp_path / "bomb.png"
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 30000, 30000, 1, 0, 0, 0, 0))
    rows = chunk(b"IDAT", zlib.compress(bytes(3751 * 100)))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + header + rows + chunk(b"IEND", b""))
    return path


def refuse_to_decode(*_):
    raise AssertionError("it is decoded")


def test_a_picture_that_would_take_more_than_there_is_is_refused_by_its_header(bomb, monkeypatch):
    monkeypatch.setattr(reading, "machine_free", lambda: 4 * 10**9)
    monkeypatch.setattr(reading, "_decoded", refuse_to_decode)
    with pytest.raises(BadInput) as refusal:
        pictures.read(bomb)
    assert str(refusal.value) == (
        "“bomb.png” has 30000 × 30000 pixels, which take 14.4 GB of memory where 4.0 GB are free: "
        "scale it down to 15411 × 15411 or less."
    )


def test_where_nobody_says_what_is_free_a_picture_is_no_larger_than_a_texture(bomb, monkeypatch):
    monkeypatch.setattr(reading, "machine_free", lambda: None)
    monkeypatch.setattr(reading, "_decoded", refuse_to_decode)
    with pytest.raises(BadInput, match=r"GB of memory: scale it down to 16384 × 16384 or less\.$"):
        pictures.read(bomb)


def test_what_there_is_room_for_is_read(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    Image.new("RGB", (100, 50)).save(path)
    np.save(tmp_path / "a.npy", np.zeros((50, 100, 3), np.float32))
    taken = 4 * 3 * 100 * 50 * reading.RUN_COPIES
    for file in (path, tmp_path / "a.npy"):
        monkeypatch.setattr(reading, "machine_free", lambda: taken / 0.95 + 1)
        assert pictures.read(file).pixels.shape == (3, 50, 100)
        monkeypatch.setattr(reading, "machine_free", lambda: taken / 0.95 - 20)
        assert pictures.read(file, copies=1).pixels.shape == (3, 50, 100)
        with pytest.raises(BadInput, match="100 × 50 pixels, which take 0 MB of memory where"):
            pictures.read(file)


def test_channels_in_tiles_count_for_what_they_take(tmp_path, monkeypatch):
    spec = OpenImageIO.ImageSpec(64, 64, 40, "half")
    spec.tile_width = spec.tile_height = 32
    out = OpenImageIO.ImageOutput.create(str(tmp_path / "a.exr"))
    assert out.open(str(tmp_path / "a.exr"), spec)
    assert out.write_image(np.zeros((64, 64, 40), np.float32)) and out.close()
    monkeypatch.setattr(reading, "machine_free", lambda: 4 * 64 * 64 * 40)
    with pytest.raises(BadInput, match=r"“a\.exr” has 64 × 64 pixels, which take 1 MB of memory"):
        pictures.read(tmp_path / "a.exr")


def test_an_array_is_read_into_memory_of_its_own(tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, np.ones((20, 24, 1), np.float32))
    pixels = pictures.read(path).pixels
    np.save(path, np.zeros((20, 24, 1), np.float32))
    assert pixels.flags.writeable and pixels.min() == 1


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes on Linux alone")
@pytest.mark.parametrize("place", ["file", "folder"])
def test_a_name_that_is_no_text_is_refused_before_the_work(tmp_path, place):
    odd = os.fsdecode(b"caf\xe9")
    folder = tmp_path / (odd if place == "folder" else "plain")
    folder.mkdir()
    path = folder / f"{odd if place == 'file' else 'plain'}.png"
    path.write_bytes(png_bytes())
    for use in (pictures.read, pictures.read_recipe):
        with pytest.raises(BadInput, match=r"caf\?.*has a name that is not UTF-8: rename it"):
            use(path)
    with pytest.raises(BadInput, match=r"caf\?.*is a name that is not UTF-8: choose another"):
        pictures.check_output(path)


def png_bytes():
    content = io.BytesIO()
    Image.new("RGB", (20, 20)).save(content, "PNG")
    return content.getvalue()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_an_output_is_no_pipe(tmp_path):
    os.mkfifo(tmp_path / "out.png")
    with pytest.raises(BadInput, match="is a pipe or a device: choose another output"):
        pictures.check_output(tmp_path / "out.png")
