import math

import pytest
import torch

from texcore.exemplars.exemplar import Exemplar
from texcore.layout.period_fit import PeriodFit, find_exemplar_periods, fit_periods
from texcore.maps.views import joint_exemplar

CANVAS = (120, 120)


def noise(seed):
    return torch.rand(3, 120, 120, generator=torch.Generator().manual_seed(seed))


def rows(period):
    y = torch.arange(120)[:, None] * (2 * math.pi / period)
    return (0.5 + 0.3 * y.cos()).expand(3, 120, 120) + 0.1 * noise(5)


def fit(exemplar, canvas, wraps):
    return fit_periods(find_exemplar_periods(exemplar), canvas, wraps)


def material(colour, normals):
    roles = [("base_color", c) for c in "rgb"] + [("normal", n) for n in ("nx", "ny", "nz")]
    return joint_exemplar(torch.cat([colour, normals]), roles)


def test_a_picture_that_repeats_is_scaled_to_whole_periods():
    made = fit(Exemplar.of(rows(27.0)), CANVAS, (True, True))
    assert made.scales == pytest.approx([120 / (4 * 27)] * 2, rel=0.02)
    assert made.periods == (pytest.approx(30, rel=0.02), None)
    assert len(made.notes) == 1
    assert "repeats" in made.notes[0]


def test_what_does_not_fit_a_whole_number_of_times_is_in_step_with_nothing():
    # 1.5 periods would have to be scaled by a third.
    made = fit(Exemplar.of(rows(45.0)), (68, 68), (True, True))
    assert made == PeriodFit()
    # Nor does an axis that does not repeat have to fit.
    made = fit(Exemplar.of(rows(27.0)), (101, 120), (False, True))
    assert (made.scales, made.periods) == ((1, 1), (None, None))


def test_a_map_that_varies_more_does_not_hide_that_another_repeats():
    strong = 4 * noise(1)
    for colour, normals in ((rows(27.0), strong), (strong, rows(27.0))):
        made = fit(material(colour, normals), CANVAS, (True, True))
        assert made.scales == pytest.approx([120 / (4 * 27)] * 2, rel=0.02)
    assert fit(material(strong, noise(2)), CANVAS, (True, True)) == PeriodFit()


def test_where_two_maps_repeat_the_first_one_tells_the_period():
    made = fit(material(rows(27.0), rows(35.0)), CANVAS, (True, True))
    assert made.scales == pytest.approx([120 / (4 * 27)] * 2, rel=0.02)
