import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.making import bricks
from texcore.layout.lattice import Lattice


def wall(seed=0):
    return torch.from_numpy(bricks(96, 104, seed))


def at(lattice, y, x):
    return float(lattice.measure_misfit(torch.tensor([y]), torch.tensor([x])))


def test_what_does_not_repeat_is_nowhere_out_of_step():
    lags = torch.arange(-30, 40)
    assert not Lattice(wall(), (None, None)).measure_misfit(lags, lags).any()


@given(st.integers(-9, 9), st.integers(-9, 9))
@settings(max_examples=20)
def test_whole_periods_and_the_bond_are_in_step(up, aside):
    lattice = Lattice(wall(), (18, 16))
    assert at(lattice, 18 * up, 16 * aside) == 0
    assert at(lattice, 18 * up + 9, 16 * aside + 8) < 0.1
    # Courses agree, their upright joints do not; then not even courses do.
    assert 0.1 < at(lattice, 18 * up, 16 * aside + 8) < 0.8
    assert at(lattice, 18 * up + 5, 16 * aside + 8) > 0.8


@given(st.integers(-40, 40), st.integers(-40, 40))
@settings(max_examples=20)
def test_a_copy_fits_as_well_one_way_as_the_other(y, x):
    lattice = Lattice(wall(), (18, 16))
    assert at(lattice, y, x) == pytest.approx(at(lattice, -y, -x), abs=1e-6)


@pytest.mark.parametrize("across", [False, True])
def test_along_an_axis_without_a_period_a_copy_may_lie_anywhere(across):
    picture = wall().transpose(1, 2) if across else wall()
    lattice = Lattice(picture, (None, 18) if across else (18, None))
    lags = torch.arange(-20, 30)
    table = lattice.measure_misfit(lags, lags)
    table = table.T if across else table
    assert (table == table[:, :1]).all()
    courses = table[lags % 9 == 0, 0]
    between = table[(lags % 9 == 4) | (lags % 9 == 5), 0]
    assert courses.max() < 0.1
    assert between.min() > 0.8


def test_periods_need_not_be_whole_texels():
    y = torch.arange(120)[:, None] * (2 * math.pi / 18.3)
    picture = (0.5 + 0.3 * y.cos()).expand(3, 120, 90)
    lattice = Lattice(picture, (18.3, None))
    for count in range(-6, 7):
        assert at(lattice, round(18.3 * count), 0) < 0.05
        assert at(lattice, round(18.3 * (count + 0.5)), 5) > 0.9


@given(st.integers(-50, 50), st.integers(-50, 50), st.floats(0, 0.45))
@settings(max_examples=15)
def test_scatter_is_what_is_out_of_step_and_how_far(y, x, share):
    lattice = Lattice(wall(), (18, 16))
    home = torch.stack(torch.meshgrid(torch.arange(80), torch.arange(100), indexing="ij"))
    origin = home + torch.tensor([y, x])[:, None, None]
    assert lattice.measure_scatter(origin) == 0
    columns = int(share * 100)
    origin[0, :, :columns] += 5
    assert lattice.measure_scatter(origin) == pytest.approx(
        columns / 100 * at(lattice, 5, 0), rel=1e-5
    )
    assert Lattice(wall(), (None, None)).measure_scatter(origin) == 0
