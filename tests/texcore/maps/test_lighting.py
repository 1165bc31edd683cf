import numpy as np
import pytest

from tests.making import blobs
from texcore.maps.lighting import even_light
from texcore.pictures import Picture
from texcore.pictures.picture import from_display, to_display


def light(pixels, falloff):
    """The same surface under a light that is uneven in linear light."""
    return to_display(from_display(pixels, 1.0) * falloff, 1.0)


def coarse(pixels):
    """Mean luminance in linear light of 4 × 4 parts."""
    lit = from_display(pixels, 1.0).mean(0)
    return lit.reshape(4, 32, 4, 32).mean((1, 3))


@pytest.fixture
def surface():
    return 0.6 * blobs(128, 128)


def make_falloffs():
    y, x = np.mgrid[-1:1:128j, -1:1:128j]
    return {
        "ramp": np.exp(0.8 * x + 0.3 * y),
        "soft shadow": 1 - 0.7 * np.exp(-((x - 0.2) ** 2 + (y + 0.1) ** 2) / 0.3),
    }


@pytest.mark.parametrize("name", ["ramp", "soft shadow"])
def test_uneven_light_is_taken_out(surface, name):
    photo = light(surface, make_falloffs()[name]).astype(np.float32)
    before, after = (
        np.log(coarse(p) / coarse(surface)).std()
        for p in (photo, even_light(Picture(photo, "uint8"), 1.0).pixels)
    )
    assert before > 0.2
    assert after < 0.35 * before


def test_colours_and_texture_stay(surface):
    photo = light(surface, make_falloffs()["ramp"]).astype(np.float32)
    made = even_light(Picture(photo, "float"), 1.0).pixels
    old, new = from_display(photo, 1.0), from_display(made, 1.0)
    gain = new / old
    assert np.abs(gain / gain.mean(0) - 1).max() < 1e-3, "all channels are multiplied alike"
    steps = np.abs(np.diff(np.log(gain.mean(0)), axis=1))
    assert steps.max() < 0.03, "nothing fine is changed"


def test_a_share_of_it_is_less_and_alpha_stays(surface):
    photo = np.concatenate([light(surface, make_falloffs()["ramp"]), surface[:1]])
    picture = Picture(photo.astype(np.float32), "uint8")
    half, whole = even_light(picture, 0.5).pixels, even_light(picture, 1.0).pixels
    assert (half[3] == photo[3].astype(np.float32)).all()
    moved = [np.abs(made[:3] - photo[:3]).mean() for made in (half, whole)]
    assert 0 < moved[0] < 0.7 * moved[1]
