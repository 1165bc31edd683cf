"""Fitting the lattice of an exemplar to a canvas."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from texcore.exemplars.exemplar import Exemplar
from texcore.layout.period_fit import (
    find_exemplar_bond,
    find_exemplar_periods,
    fit_bond,
    fit_periods,
)

BOTH = (True, True)
lengths = st.floats(20, 130)


@given(lengths, lengths, st.integers(200, 600), st.integers(200, 600))
def test_whole_periods_of_a_lattice_go_round_or_those_of_the_axes_count(y, x, height, width):
    shown, canvas = (100, 100), (height, width)
    made = fit_bond((y, x), (y / 2, None), shown, canvas, BOTH)
    if made.own is None:
        assert made == fit_periods((y / 2, None), canvas, BOTH)
        return
    for period, own, found, scale, side, n in zip(
        made.periods, made.own, (y, x), made.scales, shown, canvas, strict=True
    ):
        assert n / period == pytest.approx(round(n / period), abs=0.05)
        assert own == pytest.approx(found * scale)
        # Only what the exemplar does not show is laid closer or farther apart.
        assert period == own or found > side
        assert abs(math.log(period / own)) <= 0.2


def test_an_exemplar_is_not_scaled_for_what_it_does_not_show():
    made = fit_bond((60.0, 140.0), (30.0, None), (100, 100), (240, 256), BOTH)
    assert (made.scales, made.notes) == ((1.0, 1.0), ())
    assert made.periods == (60.0, 128.0)
    shown = fit_bond((60.0, 140.0), (30.0, None), (100, 150), (240, 256), BOTH)
    assert shown.scales[1] == pytest.approx(128 / 140)


def test_where_an_axis_does_not_wrap_its_period_stays():
    made = fit_bond((60.0, 140.0), (30.0, None), (100, 100), (240, 256), (True, False))
    assert made.periods == (60.0, 140.0)


def test_a_bond_takes_its_courses_from_what_is_found_along_the_axis():
    y, x = torch.meshgrid(torch.arange(150), torch.arange(150), indexing="ij")
    joint = ((x + 40 * (y // 25 % 2)) % 80 < 4) | (y % 25 < 4)
    exemplar = Exemplar.of(joint.float().expand(3, 150, 150))
    along = find_exemplar_periods(exemplar)
    assert find_exemplar_bond(exemplar, along) == pytest.approx((50, 80), rel=0.02)
    assert find_exemplar_bond(exemplar, (24.6, None))[0] == 49.2
    assert find_exemplar_bond(exemplar, (31.0, None))[0] == pytest.approx(50, rel=0.02)
