import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.making import blobs, bricks
from texcore.exemplars.evenness import Evenness, Part
from texcore.exemplars.exemplar import Exemplar


def look_at(pixels):
    return Evenness(Exemplar.of(torch.from_numpy(np.ascontiguousarray(pixels, np.float32))))


def noise(height, width, seed=0):
    return np.random.default_rng(seed).random((3, height, width))


@pytest.mark.parametrize("make", [blobs, bricks, noise])
def test_one_texture_is_even_all_over(make):
    evenness = look_at(make(144, 192))
    assert evenness.find_change() == ""
    assert evenness.find_part() == Part(0, 0, 192, 144)


def test_a_flat_picture_is_even():
    evenness = look_at(np.full((3, 100, 100), 0.5))
    assert evenness.find_change() == "" and evenness.find_part() == Part(0, 0, 100, 100)


@given(st.booleans(), st.booleans(), st.integers(0, 9))
@settings(max_examples=10)
def test_a_gradient_is_a_change_along_its_axis(across, falling, seed):
    ramp = np.linspace(0, 0.6, 144)[:, None]
    ramp = ramp[::-1] if falling else ramp
    picture = 0.3 * noise(144, 144, seed) + (ramp.T if across else ramp)
    assert look_at(picture).find_change() == ("x" if across else "y")


def test_of_two_materials_the_larger_is_used():
    picture = noise(144, 240)
    picture[..., 150:] = 0.4 + 0.1 * picture[..., 150:]
    evenness = look_at(picture)
    part = evenness.find_part()
    assert evenness.find_change() == "x"
    assert (part.left, part.top, part.height) == (0, 0, 144) and 120 <= part.width <= 150


def test_what_is_rough_in_another_way_is_another_material():
    picture = noise(160, 160)
    smooth = torch.nn.functional.avg_pool2d(torch.from_numpy(picture), 5, 1, 2).numpy()
    picture[:, 90:] = 0.5 + (smooth[:, 90:] - 0.5) * picture.std() / smooth.std()
    evenness = look_at(picture)
    assert evenness.find_change() == "y" and evenness.find_part().height <= 95


def test_what_stands_for_itself_is_not_in_it():
    picture = 0.6 + 0.3 * noise(180, 180)
    picture[:, 20:60, 120:160] = 0.05
    part = look_at(picture).find_part()
    beside = part.left + part.width <= 125 or part.top >= 55
    assert beside and part.width * part.height > 0.5 * 180 * 180


def test_of_a_large_picture_the_part_is_in_its_own_pixels():
    picture = noise(800, 800).astype(np.float32)
    picture[..., 560:] *= 0.2
    part = look_at(picture).find_part()
    assert part.height == 800 and 450 <= part.width <= 570
    assert part.cut(torch.from_numpy(picture)).shape == (3, 800, part.width)
