"""Files damaged in every way: they are read, or refused in one sentence, and nothing else."""

import contextlib
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.making import bricks
from tests.running import texcore
from texcore import pictures
from texcore.contract.errors import BadInput
from texcore.contract.recipe import Recipe
from texcore.pictures import Picture

DEPTHS = {".png": "uint8", ".tif": "uint16", ".exr": "half", ".jpg": "uint8"}
every = settings(deadline=None, derandomize=True, max_examples=60, database=None)


@pytest.fixture(scope="module", params=[*DEPTHS, ".npy"])
def whole(request, tmp_path_factory):
    """A good file's content, and a path for bad ones."""
    path = tmp_path_factory.mktemp("damaged") / f"a{request.param}"
    if path.suffix == ".npy":
        np.save(path, bricks(24, 28).transpose(1, 2, 0))
    else:
        pictures.write(path, Picture(bricks(24, 28), DEPTHS[path.suffix]), Recipe(seed=3))
    assert pictures.read(path).pixels.shape == (3, 24, 28)
    return path.read_bytes(), path


def read_or_refused(path):
    try:
        picture = pictures.read(path)
    except BadInput as refusal:
        assert str(refusal).count("\n") == 0
        assert path.name in str(refusal)
        return None
    assert picture.pixels.dtype == np.float32
    assert picture.pixels.shape[0] in (1, 2, 3, 4)
    assert np.isfinite(picture.pixels).all()
    return picture


@given(share=st.floats(0, 0.9))
@every
def test_cut_short_it_is_refused(whole, share):
    content, path = whole
    path.write_bytes(content[: int(share * len(content))])
    picture = read_or_refused(path)
    # A decoder of JPEG may give what it has.
    assert picture is None or path.suffix == ".jpg"


@given(where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
@every
def test_with_one_bit_turned(whole, where, bit):
    content, path = whole
    damaged = bytearray(content)
    damaged[int(where * len(content))] ^= 1 << bit
    path.write_bytes(damaged)
    read_or_refused(path)
    with contextlib.suppress(BadInput):
        pictures.read_recipe(path)


@given(where=st.floats(0, 1, exclude_max=True), noise=st.binary(min_size=1, max_size=64))
@every
def test_with_noise_inside(whole, where, noise):
    content, path = whole
    start = int(where * len(content))
    path.write_bytes(content[:start] + noise + content[start + len(noise) :])
    read_or_refused(path)


@given(content=st.binary(max_size=200))
@every
def test_noise_after_a_good_beginning(whole, content):
    good, path = whole
    path.write_bytes(good[:16] + content)
    assert read_or_refused(path) is None


def chunk(kind, content):
    body = kind + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def png(width, height, rows=b""):
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "size", [(0, 0), (0, 40), (2**31 - 1, 2**31 - 1), (60000, 60000), (40, 40)]
)
def test_a_header_that_lies_about_the_size(tmp_path, size):
    path = tmp_path / "a.png"
    path.write_bytes(png(*size))
    assert read_or_refused(path) is None
    path.write_bytes(png(20, 20, b"\0" * 20 * 61))
    assert read_or_refused(path) is not None


@pytest.mark.parametrize("text", ["{", "[]", '{"tile":"z"}', '{"network":5}', "[" * 50_000])
def test_a_recipe_that_is_damaged_is_refused(tmp_path, text):
    class Damaged(Recipe):
        def dumps(self):
            return text

    pictures.write(tmp_path / "a.png", Picture(bricks(24, 28), "uint8"), Damaged())
    with pytest.raises(BadInput) as refusal:
        pictures.read_recipe(tmp_path / "a.png")
    assert str(refusal.value).count("\n") == 0


def test_the_command_line_refuses_it_too(home, folder, exemplar, untouched):
    exemplar.write_bytes(exemplar.read_bytes()[:300])
    done = texcore(home, "synthesize", exemplar, "-o", folder / "out.png", "--weights", "random")
    assert done.returncode == 1
    # Its last word; a library may have said something before.
    assert done.stderr.splitlines()[-1].startswith("texcore: “bricks.png” is ")
    assert "Traceback" not in done.stderr
    assert list(folder.iterdir()) == [exemplar]


def test_words_that_are_no_text_are_no_traceback(tmp_path):
    path = tmp_path / "made.exr"
    pixels = np.full((3, 20, 20), 0.5, np.float32)
    pictures.write(path, Picture(pixels, "half", linear=True), Recipe(seed=3))
    whole = path.read_bytes()
    refused = 0
    for words in (b'{"size"', b"chlist"):
        at = whole.index(words)
        path.write_bytes(whole[:at] + b"\xe6\xff" + whole[at + 2 :])
        for read in (pictures.read, pictures.read_recipe):
            try:
                read(path)
            except BadInput:
                refused += 1
    assert refused > 0
