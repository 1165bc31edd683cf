"""Light and quantities of any size: worked on within reach, and given back at their own."""

import doctest

import numpy as np
import pytest

from tests.making import bricks
from texcore import pictures
from texcore.contract.jobs import Job, MapFiles
from texcore.contract.map_kinds import get_kind
from texcore.contract.recipe import Recipe
from texcore.features import weights
from texcore.maps import spans
from texcore.maps.codecs import make_codec
from texcore.maps.spans import REACH, Span, find_span
from texcore.pictures import Picture
from texcore.service import pipeline


def test_the_examples_run():
    done = doctest.testmod(spans)
    assert done.attempted and not done.failed


def with_firefly(value, shape=(3, 48, 48)):
    pixels = np.ascontiguousarray(bricks(*shape[1:])[: shape[0]])
    pixels[:, 5, 7] = value
    return pixels


def offset(value):
    return bricks(48, 48) * np.float32(value / 100) + np.float32(value)


BEYOND = {
    "light": lambda: bricks(48, 48) * np.float32(1e5),
    "below": lambda: bricks(48, 48) * np.float32(-1e5),
    "firefly": lambda: with_firefly(1e5),
    "bright firefly": lambda: with_firefly(1e30),
    "two": lambda: with_firefly(np.float32([[1e4], [-1e30], [0]])[:, 0]),
    "measured": lambda: offset(1e5),
    "all there is": lambda: (bricks(48, 48) - 0.5) * np.float32(1.9e30),
}


@pytest.mark.parametrize("kind", ["picture", "base_color", "height", "emission", "normal"])
@pytest.mark.parametrize("linear", [False, True])
@pytest.mark.parametrize("name", BEYOND)
def test_any_values_are_worked_on_within_reach_and_given_back(kind, linear, name):
    pixels = BEYOND[name]()
    codec = make_codec(get_kind(kind), Picture(pixels, "float", linear))
    assert float(codec.image.abs().max()) <= REACH * 1.001
    back = codec.decode(codec.image).pixels
    assert back.dtype == np.float32
    if kind == "normal":
        return  # of length 1, whatever they were
    wanted = pixels.clip(0) if linear and kind != "height" else pixels
    spread = float(np.ptp(wanted.astype(np.float64)))
    assert float(np.abs(back.astype(np.float64) - wanted).max()) <= 1e-4 * spread + 1e-6


@pytest.mark.parametrize("linear", [False, True])
@pytest.mark.parametrize("brightest", [1.0, 4.0, 255.0, 1000.0])
def test_ordinary_values_stay_as_they_are_to_the_last_bit(linear, brightest):
    pixels = bricks(48, 48)
    pixels *= np.float32(brightest) / pixels.max()
    codec = make_codec(get_kind("picture"), Picture(pixels, "float", linear))
    assert codec._span.is_plain
    if not linear:
        assert np.array_equal(codec.image.numpy(), pixels)
        assert np.array_equal(codec.decode(codec.image).pixels, pixels)


def test_alpha_is_no_light():
    pixels = np.concatenate([bricks(48, 48) * np.float32(1e5), bricks(48, 48)[:1]])
    codec = make_codec(get_kind("picture"), Picture(pixels, "float"))
    assert np.array_equal(codec.image[3].numpy(), pixels[3])
    assert np.allclose(codec.decode(codec.image).pixels, pixels, rtol=1e-4, atol=1)


def test_an_alpha_beyond_all_reach_is_an_opacity():
    alpha = with_firefly(-1e5, (1, 48, 48)) + np.float32(1e5)
    picture = Picture(np.concatenate([bricks(48, 48), alpha]), "float")
    codec = make_codec(get_kind("picture"), picture)
    assert (float(codec.image[3].min()), float(codec.image[3].max())) == (0, 1)
    assert float(codec.encode(picture)[3].max()) == 1


@pytest.mark.parametrize("own", [1.0, 1e5])
@pytest.mark.parametrize("other", [1.0, 1e5, 1e20])
def test_another_picture_of_any_size_comes_into_reach_too(own, other):
    codec = make_codec(get_kind("picture"), Picture(bricks(48, 48) * np.float32(own), "float"))
    image = codec.encode(Picture(bricks(32, 40, seed=1) * np.float32(other), "float"))
    assert float(image.abs().max()) <= REACH * 1.001
    assert float(image.std()) > 0 or other == 1.0


def test_a_span_reaches_as_far_as_it_must():
    values = np.array([0.0, 5e6], np.float32)
    assert Span(0.0, 10.0).reach(values) == Span(0.0, 5e3)
    assert Span(0.0, 1e4).reach(values) == Span(0.0, 1e4)
    assert find_span(-values).zero < -4e6


@pytest.mark.parametrize("suffix", [".tif", ".exr"])
@pytest.mark.parametrize("model", ["default", "gatys"])
@pytest.mark.parametrize("name", ["light", "firefly", "measured"])
def test_a_texture_of_light_is_light(tmp_path, monkeypatch, bank, suffix, model, name):
    monkeypatch.setattr(weights.RandomBank, "seeded", classmethod(lambda cls: bank))
    pixels = BEYOND[name]()
    exemplar = tmp_path / f"in{suffix}"
    pictures.write(exemplar, Picture(pixels, "float", linear=suffix == ".exr"))
    output = tmp_path / f"out{suffix}"
    recipe = Recipe(size=(48, 48), quality="draft", model=model, iterations=2)
    job = Job({"picture": MapFiles(exemplar, output)}, recipe, weights="random", device="cpu")
    for _ in pipeline.run(job):
        pass
    made = pictures.read(output).pixels
    assert pixels.min() * 0.999 <= made.min() <= made.max() <= pixels.max() * 1.001
    if name != "firefly":  # how often it flies is not what is asked here
        assert made.mean() == pytest.approx(float(pixels.mean()), rel=0.5)
