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


def lay(lags, size=(72, 96)):
    """Origins of pieces side by side, each of which lies at one of some lags."""
    home = torch.stack(torch.meshgrid(*map(torch.arange, size), indexing="ij"))
    piece = torch.arange(size[1]) * len(lags) // size[1]
    return home - torch.tensor(lags).T[:, None, piece]


@given(st.integers(-30, 30), st.integers(-30, 30), st.integers(-3, 3))
@settings(max_examples=20)
def test_the_phase_is_found_where_half_of_the_pieces_lie_half_a_period_off(y, x, count):
    """A mean of the lags would be anywhere."""
    lattice = Lattice(wall(), (18, 16))
    lags = torch.tensor([[y, x], [y + 9, x + 8], [y + 18 * count, x - 16], [y - 9, x + 8]])
    found = torch.tensor(lattice.find_phase(lay(lags.tolist()))).round().long()
    misfit = lattice.measure_each(*(lags - found).T)
    assert misfit.max() < 0.1
    assert Lattice(wall(), (None, None)).find_phase(lay(lags.tolist())) == (0, 0)


@given(st.integers(-40, 40), st.integers(-40, 40))
@settings(max_examples=20)
def test_each_is_measured_as_all_are(y, x):
    lattice = Lattice(wall(), (18, 16))
    assert float(lattice.measure_each(torch.tensor(y), torch.tensor(x))) == at(lattice, y, x)
    assert (
        not Lattice(wall(), (None, None)).measure_each(torch.tensor([y]), torch.tensor([x])).any()
    )


def test_pieces_may_be_laid_closer_than_the_exemplar_has_them():
    lattice = Lattice(wall(), (18, 14), own=(18, 16))
    assert [at(lattice, 18 * n, 14 * n) for n in range(-4, 5)] == [0] * 9
    assert at(lattice, 9, 7) < 0.1
    assert at(lattice, 0, 7) > 0.1


def test_a_period_that_is_longer_than_the_exemplar_is_told_by_the_bond():
    """Nothing lies a whole brick or two courses apart in what shows neither."""
    picture = wall()[:, :17, :15]
    lattice = Lattice(picture, (18, 16), own=(18, 16))
    assert [at(lattice, 18 * n, -16 * n) for n in range(-3, 4)] == [0] * 7
    assert at(lattice, 9, 8) < 0.2
    assert min(at(lattice, 9, 0), at(lattice, 0, 8), at(lattice, 4, 3)) > 0.2
