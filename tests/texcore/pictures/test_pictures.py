"""Pictures that Texcore writes: what comes back, their recipe, whole or not at all."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.making import blobs, load_png, waves
from tests.running import ROOT
from texcore import pictures
from texcore.contract.errors import BadInput
from texcore.contract.recipe import Recipe
from texcore.pictures import Picture

STEPS = {"uint8": 255, "uint16": 65535}
DEPTHS = {
    ".png": ("uint8", "uint16"),
    ".tif": ("uint8", "uint16", "float"),
    ".exr": ("half", "float"),
}


def made(channels, depth, seed=0, height=19, width=23):
    """A picture whose numbers the depth holds exactly; no texel is quite transparent."""
    pixels = blobs(height, width, seed, channels)
    pixels += 0.1 * np.random.default_rng(seed).random(pixels.shape, dtype=np.float32)
    if depth in STEPS:
        pixels = np.round(pixels * STEPS[depth]) / np.float32(STEPS[depth])
    elif depth == "half":
        pixels = pixels.astype(np.float16)
    return Picture(pixels.astype(np.float32), depth)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize(("suffix", "depth"), [(s, d) for s, ds in DEPTHS.items() for d in ds])
def test_what_is_written_is_read(tmp_path, suffix, depth, channels):
    path, picture = tmp_path / f"a{suffix}", made(channels, depth)
    pictures.write(path, picture)
    got = pictures.read(path)
    assert (got.depth, got.linear, got.has_alpha) == (depth, suffix == ".exr", channels in (2, 4))
    assert got.pixels.shape == picture.pixels.shape
    assert got.pixels.dtype == np.float32
    # EXR multiplies alpha in and is divided by it again.
    loses = suffix == ".exr" and picture.has_alpha
    tolerance = (2e-3 if depth == "half" else 1e-6) if loses else 0
    np.testing.assert_allclose(got.pixels, picture.pixels, rtol=tolerance, atol=1e-7)
    assert list(tmp_path.iterdir()) == [path]


@given(st.integers(16, 40), st.integers(16, 40), st.integers(1, 4), st.integers(0, 9))
@settings(max_examples=15)
def test_every_size_comes_back(tmp_path_factory, height, width, channels, seed):
    path = tmp_path_factory.mktemp("sizes") / "a.png"
    picture = made(channels, "uint16", seed, height, width)
    pictures.write(path, picture)
    np.testing.assert_allclose(pictures.read(path).pixels, picture.pixels, rtol=0, atol=1e-7)


def test_other_programs_read_the_same(tmp_path):
    for channels in (1, 2, 3, 4):
        picture = made(channels, "uint8")
        pictures.write(tmp_path / "a.png", picture)
        rows = load_png(tmp_path / "a.png").reshape(19, 23, channels)
        np.testing.assert_array_equal(rows.transpose(2, 0, 1), np.round(picture.pixels * 255))


def test_a_jpeg_is_close_and_has_no_alpha(tmp_path):
    for channels in (1, 3, 4):
        picture = Picture(waves(48, 48, channels=channels), "uint8")
        pictures.write(tmp_path / "a.jpg", picture)
        got = pictures.read(tmp_path / "a.jpg")
        assert got.pixels.shape[0] == min(channels, 3)
        assert np.abs(got.pixels - picture.pixels[:3]).mean() < 0.03


def test_out_of_range_numbers_do_not_wrap(tmp_path):
    pixels = made(3, "uint8").pixels.copy()
    pixels[:, 0], pixels[:, 1] = -0.5, 1.5
    pictures.write(tmp_path / "a.png", Picture(pixels, "uint8"))
    got = pictures.read(tmp_path / "a.png").pixels
    assert (got[:, 0] == 0).all()
    assert (got[:, 1] == 1).all()


def test_light_has_no_upper_limit_in_an_exr(tmp_path):
    picture = Picture(1000 * made(3, "float").pixels, "float", linear=True)
    pictures.write(tmp_path / "a.exr", picture)
    got = pictures.read(tmp_path / "a.exr")
    assert got.linear
    np.testing.assert_allclose(got.pixels, picture.pixels, rtol=1e-6)


class TestDigest:
    def test_is_of_the_pixels_whatever_the_file(self, tmp_path):
        picture = made(3, "uint8")
        digests = set()
        for name in ("a.png", "b.tif", "c.tiff"):
            pictures.write(tmp_path / name, picture)
            digests.add(pictures.read(tmp_path / name).digest())
        assert len(digests) == 1

    def test_tells_pixels_and_shapes_apart(self):
        picture = made(3, "uint8")
        other = picture.pixels.copy()
        other[1, 5, 6] += 1 / 255
        flat = picture.pixels.reshape(3, 23, 19)
        assert (
            len({replace(picture, pixels=p).digest() for p in (picture.pixels, other, flat)}) == 3
        )


RECIPE = Recipe(
    size=(64, 48), model="gatys", seed=2**32 - 1, tile="none", network="vgg19-“é”\n", exemplar="ab"
)


class TestRecipe:
    @pytest.mark.parametrize("suffix", [".png", ".tif", ".exr", ".jpg"])
    @pytest.mark.parametrize("channels", [1, 4])
    def test_travels_in_the_picture(self, tmp_path, suffix, channels):
        path = tmp_path / f"a{suffix}"
        depth = DEPTHS.get(suffix, ("uint8",))[0]
        pictures.write(path, made(channels, depth), RECIPE)
        assert pictures.read_recipe(path) == RECIPE

    def test_may_be_a_file_of_json(self, tmp_path):
        (tmp_path / "a.json").write_text(RECIPE.dumps(), encoding="utf-8")
        assert pictures.read_recipe(tmp_path / "a.json") == RECIPE

    @pytest.mark.parametrize("suffix", [".png", ".tif", ".exr"])
    def test_of_a_picture_without_is_refused(self, tmp_path, suffix):
        path = tmp_path / f"a{suffix}"
        pictures.write(path, made(3, DEPTHS[suffix][0]))
        with pytest.raises(BadInput, match="carries no recipe"):
            pictures.read_recipe(path)

    @pytest.mark.parametrize(
        ("name", "content", "sentence"),
        [
            ("a.png", None, "There is no recipe"),
            ("a.png", b"no picture", "carries no recipe"),
            ("a.json", b"{", "The recipe is not JSON"),
            ("a.json", b"\xff\xfe", "The recipe is not JSON"),
            ("a.json", b"[]", "The recipe is not a JSON object"),
            ("a.json", b'{"tile":"z"}', "“z” is no tile"),
        ],
    )
    def test_that_is_none_is_refused(self, tmp_path, name, content, sentence):
        if content is not None:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(BadInput, match=re.escape(sentence)):
            pictures.read_recipe(tmp_path / name)


class TestWhole:
    """A file is written whole or not at all."""

    @pytest.fixture(params=[".png", ".tif", ".exr", ".jpg"])
    def path(self, request, tmp_path):
        (tmp_path / f"a{request.param}").write_bytes(b"what was here before")
        return tmp_path / f"a{request.param}"

    def kept(self, path):
        assert list(path.parent.iterdir()) == [path]
        assert path.read_bytes() == b"what was here before"

    def test_when_the_last_step_fails(self, path, monkeypatch):
        def fail(*words):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "replace", fail)
        monkeypatch.setattr("pathlib.Path.replace", fail)
        with pytest.raises(BadInput, match=r"cannot be written: No space left on device\."):
            pictures.write(path, made(3, DEPTHS.get(path.suffix, ("uint8",))[0]))
        self.kept(path)

    def test_when_the_pixels_cannot_be_written(self, path):
        empty = Picture(np.zeros((3, 0, 0), np.float32), DEPTHS.get(path.suffix, ("uint8",))[0])
        with pytest.raises(BadInput, match="cannot be written"):
            pictures.write(path, empty)
        self.kept(path)

    def test_when_the_folder_has_gone(self, tmp_path):
        with pytest.raises(BadInput, match="cannot be written"):
            pictures.write(tmp_path / "gone" / "a.png", made(3, "uint8"))

    def test_else_it_takes_the_others_place(self, path):
        pictures.write(path, made(3, DEPTHS.get(path.suffix, ("uint8",))[0]))
        assert pictures.read(path).pixels.shape == (3, 19, 23)
        assert list(path.parent.iterdir()) == [path]


class TestCheckOutput:
    @pytest.mark.parametrize("name", ["a.png", "a.PNG", "a.tiff", "a.jpeg", "a.exr", "ü b.tif"])
    def test_leaves_no_trace(self, tmp_path, name):
        pictures.check_output(tmp_path / name)
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize(
        ("name", "sentence"),
        [
            ("a.gif", "“a.gif” is of no format Texcore writes: use .png"),
            ("a", "“a” is of no format"),
            ("folder.png", "is a folder: give a file's name"),
            ("gone/a.png", "is not there: make it, or choose another"),
            ("file/a.png", "is not there"),
        ],
    )
    def test_refuses_before_the_work(self, tmp_path, name, sentence):
        (tmp_path / "folder.png").mkdir()
        (tmp_path / "file").touch()
        with pytest.raises(BadInput, match=re.escape(sentence)):
            pictures.check_output(tmp_path / name)

    @pytest.mark.parametrize("name", ["a.png", "./a.png", "link.png"])
    def test_refuses_the_exemplar_itself(self, tmp_path, name):
        exemplar = tmp_path / "a.png"
        exemplar.touch()
        (tmp_path / "link.png").symlink_to("a.png")
        with pytest.raises(BadInput, match="is the exemplar itself"):
            pictures.check_output(tmp_path / name, exemplar)

    def test_a_name_too_long_is_told_from_one_that_fits(self, tmp_path):
        pictures.check_output(tmp_path / f"{'a' * 251}.png")
        with pytest.raises(BadInput, match="cannot be written"):
            pictures.check_output(tmp_path / f"{'a' * 300}.png")
        assert list(tmp_path.iterdir()) == []


def test_a_link_stays_a_link_to_what_is_written(tmp_path):
    (tmp_path / "a.png").symlink_to("b.png")
    pictures.write(tmp_path / "a.png", made(3, "uint8"))
    assert (tmp_path / "a.png").is_symlink()
    assert pictures.read(tmp_path / "b.png").pixels.shape == (3, 19, 23)
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("suffix", [".png", ".tif", ".jpg", ".exr"])
def test_colours_are_stored_as_the_format_has_them(tmp_path, suffix):
    """A mid grey of sRGB is 0.214 in linear light (IEC 61966-2-1); alpha has no curve."""
    encoded = np.array([0.5, 0.5, 0.5, 0.5], np.float32)[:, None, None]
    light = np.array([0.21404, 0.21404, 0.21404, 0.5], np.float32)[:, None, None]
    wanted = light if suffix == ".exr" else encoded
    for pixels, linear in ((encoded, False), (light, True)):
        stored = pictures.as_stored(tmp_path / f"a{suffix}", Picture(pixels, "float", linear))
        assert np.allclose(stored.pixels, wanted, atol=1e-4)
        assert stored.linear == (suffix == ".exr")


@pytest.mark.parametrize(
    ("name", "wanted", "exemplar", "depth"),
    [
        ("a.png", "auto", "uint8", "uint8"),
        ("a.png", "auto", "uint16", "uint16"),
        ("a.png", "auto", "half", "uint16"),
        ("a.png", "8", "uint16", "uint8"),
        ("a.PNG", "16", "uint8", "uint16"),
        ("a.tif", "auto", "float", "float"),
        ("a.tif", "auto", "half", "float"),
        ("a.tif", "float", "uint8", "float"),
        ("a.exr", "auto", "uint8", "half"),
        ("a.exr", "auto", "uint16", "float"),
        ("a.exr", "16", "uint8", "half"),
        ("a.EXR", "float", "uint8", "float"),
        ("a.jpg", "auto", "float", "uint8"),
        ("a.png", "float", "uint8", None),
        ("a.jpg", "16", "uint8", None),
        ("a.exr", "8", "uint8", None),
    ],
)
def test_depth_of_the_output(tmp_path, name, wanted, exemplar, depth):
    if depth is None:
        with pytest.raises(BadInput, match="use another format or bit depth"):
            pictures.output_depth(tmp_path / name, wanted, exemplar)
    else:
        assert pictures.output_depth(tmp_path / name, wanted, exemplar) == depth


@pytest.mark.parametrize("suffix", [".png", ".tif", ".exr", ".jpg"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_in_strips_a_file_is_written_and_read_as_in_one(tmp_path, monkeypatch, suffix, channels):
    pixels = np.random.default_rng(0).random((channels, 23, 19), dtype=np.float32)
    picture = pictures.Picture(pixels, "half" if suffix == ".exr" else "uint8")
    read = []
    for strip in (1 << 22, channels * 19 * 5, 1):
        monkeypatch.setattr(pictures.picture, "_STRIP", strip)
        path = tmp_path / f"{strip}{suffix}"
        pictures.write(path, pictures.as_stored(path, picture))
        read.append((pictures.read(path).pixels, path.read_bytes()))
    for values, content in read[1:]:
        assert np.array_equal(values, read[0][0])
        assert len(content) == len(read[0][1])


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="nobody says the peak")
def test_what_is_written_is_not_a_copy_of_it_all(tmp_path):
    """The peak beside the picture itself is bounded, however large it is."""
    code = """
import sys, numpy as np
from pathlib import Path
from texcore import pictures
import OpenImageIO
picture = pictures.Picture(np.full((3, 2048, 2048), 0.5, np.float32), "uint8")
small = pictures.Picture(picture.pixels[:, :64], "uint8")
pictures.write(Path(sys.argv[1]).with_name("small.png"), small)
def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))
before = peak()
pictures.write(Path(sys.argv[1]), picture)
print((peak() - before) / picture.pixels.nbytes)
"""
    words = [sys.executable, "-c", code, str(tmp_path / "large.png")]
    done = subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT)
    assert float(done.stdout) < 0.8
