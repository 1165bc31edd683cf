"""Finding the lattice along which a picture repeats."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.making import blobs
from texcore.layout.bond import find_bond
from texcore.layout.periods import find_periods


def wall(height, width, course, brick, shift=0.5, seed=0):
    """A wall whose courses are shifted by a share of a brick, of bricks of all shades."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width] + rng.integers(0, 40, 2)[:, None, None]
    row = y // course
    along = x + shift * brick * row
    mortar = (y % course < 4) | (along % brick < 4)
    shade = rng.uniform(0.3, 0.45, (row.max() + 1, int(along.max() // brick) + 1))
    grey = np.where(mortar, 0.8, shade[row, (along // brick).astype(int)])
    picture = grey + 0.03 * rng.standard_normal((3, height, width))
    return torch.from_numpy(picture).float()


def mixed_wall(height, width, course, half, seed):
    """A wall of whole bricks and half ones as they come; courses are shifted by half a half."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    row = y // course
    along = x + half // 2 * (row % 2)
    number = along // half
    # Of two joints that might be one after the other, at least one is.
    there = rng.uniform(size=(row.max() + 1, number.max() + 1)) < 0.4
    there[:, 1:] |= ~there[:, :-1]
    mortar = (y % course < 3) | ((along % half < 3) & there[row, number])
    picture = np.where(mortar, 0.8, 0.4) + 0.03 * rng.standard_normal((3, height, width))
    return torch.from_numpy(picture).float()


def hexagons(side, width):
    """Outlines of hexagons on a lattice whose rows are askew."""
    y, x = (torch.arange(n, dtype=torch.float32) for n in (side, side))
    waves = [
        torch.cos(2 * math.pi / width * (a * x[None] + b * y[:, None]))
        for a, b in ((1, 1 / math.sqrt(3)), (1, -1 / math.sqrt(3)), (0, 2 / math.sqrt(3)))
    ]
    return sum(waves).expand(3, side, side) / 6 + 0.5


@settings(max_examples=10, deadline=None)
@given(st.integers(20, 30), st.integers(70, 110), st.integers(0, 3))
def test_a_wall_tells_its_bond_though_no_brick_is_whole_in_it(course, brick, seed):
    picture = wall(4 * course, round(0.95 * brick), course, brick, seed=seed)
    assert find_bond(picture) == (
        pytest.approx(2 * course, rel=0.03),
        pytest.approx(brick, rel=0.03),
    )
    # Along the course alone there is nothing that repeats.
    assert find_periods(picture)[1] is None


@pytest.mark.parametrize("seed", range(6))
def test_a_wall_of_whole_and_half_bricks_has_the_lattice_of_the_halves(seed):
    # Where a few joints are and others are not agrees by chance as well, at longer lags.
    down, across = find_bond(mixed_wall(240, 260, 33, 48, seed))
    assert down == pytest.approx(66, rel=0.02)
    assert across == pytest.approx(48, rel=0.02)


def test_rows_that_are_askew_have_a_period_each_way():
    down, across = find_bond(hexagons(160, 48.0))
    assert across == pytest.approx(48, rel=0.02)
    assert down == pytest.approx(48 * math.sqrt(3), rel=0.02)


def test_of_what_is_large_it_is_found_as_well():
    small = wall(160, 200, 25, 80)
    large = small.repeat_interleave(4, 1).repeat_interleave(4, 2)
    found = find_bond(small)
    assert find_bond(large) == pytest.approx([4 * period for period in found], rel=0.02)


@pytest.mark.parametrize("seed", range(4))
def test_what_does_not_repeat_has_none(seed):
    noise = torch.rand(3, 96, 96, generator=torch.Generator().manual_seed(seed))
    assert find_bond(noise) is None
    assert find_bond(torch.from_numpy(blobs(128, 128, seed))) is None
    assert find_bond(torch.full((3, 64, 64), 0.5)) is None


def test_stripes_and_a_lattice_that_is_askew_have_none():
    stripes = (torch.arange(96) % 12 < 6).float().expand(3, 96, 96)
    assert find_bond(stripes) is None
    # Courses that go on by three tenths of a brick meet where too little is seen of it.
    assert find_bond(wall(100, 200, 25, 80, shift=0.3)) is None
