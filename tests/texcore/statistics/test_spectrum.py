import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close

from texcore.statistics import Bands, band_power

sides = st.integers(2, 40)


def noise(seed, *shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def wave(height, width, fy, fx):
    y = torch.arange(height, dtype=torch.float64)[:, None] / height
    x = torch.arange(width, dtype=torch.float64)[None] / width
    return torch.cos(2 * math.pi * (fy * y + fx * x) + 1)[None]


@given(sides, sides, st.sampled_from([1, 2, 6]))
def test_bands_are_a_partition_of_the_frequencies(height, width, sectors):
    bands = Bands.of(height, width, sectors)
    assert int(bands.count.sum()) == height * width
    assert bands.index.shape == (height * (width // 2 + 1),)
    assert bands.index.unique().tolist() == list(range(len(bands.count)))
    assert bands.count.min() >= 1


@given(sides, sides, st.sampled_from([1, 4]), st.integers(0, 99))
def test_the_bands_hold_all_power(height, width, sectors, seed):
    x = noise(seed, 2, height, width)
    bands = Bands.of(height, width, sectors)
    total = (band_power(x, bands) * bands.count).sum(1)
    assert_close(total, x.square().sum((1, 2)))


def test_white_noise_has_power_one_everywhere():
    bands = Bands.of(48, 40)
    power = torch.stack([band_power(noise(s, 1, 48, 40), bands)[0] for s in range(200)])
    # The mean of 200·count squares of unit variance, within five standard deviations.
    allowed = 5 * (2 / (200 * bands.count.double())).sqrt()
    assert ((power.mean(0) - 1).abs() < allowed).all()


@given(st.integers(-15, 15), st.integers(0, 15))
def test_a_wave_lies_in_one_band(fy, fx):
    bands = Bands.of(32, 36)
    power = band_power(wave(32, 36, fy, fx), bands)[0] * bands.count
    assert float(power.max() / power.sum()) == pytest.approx(1)
    here = int(bands.index.view(32, 19)[fy % 32, fx])
    assert int(power.argmax()) == here


def test_rings_tell_frequencies_apart_and_sectors_directions():
    rings, sectors = Bands.of(64, 64), Bands.of(64, 64, sectors=4)

    def band(bands, fy, fx):
        return int(band_power(wave(64, 64, fy, fx), bands)[0].argmax())

    assert len({band(rings, 0, f) for f in range(16)}) == 16
    assert band(rings, 0, 10) == band(rings, 10, 0) == band(rings, -6, 8)
    directions = [(0, 10), (10, 0), (7, 7), (-7, 7)]
    assert len({band(sectors, fy, fx) for fy, fx in directions}) == 4


@given(st.integers(-20, 20), st.integers(-20, 20))
def test_power_stays_where_the_image_is_moved(dy, dx):
    x, bands = noise(0, 2, 24, 21), Bands.of(24, 21)
    assert_close(band_power(torch.roll(x, (dy, dx), (1, 2)), bands), band_power(x, bands))
