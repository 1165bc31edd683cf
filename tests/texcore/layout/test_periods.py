import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from texcore.layout.periods import choose_scales, find_periods, smooth

steps = st.floats(9, 40)


def stripes(height, width, period_y, period_x, noise=0.3):
    """Dots on a grid of any periods, under noise."""
    y = torch.arange(height)[:, None] * (2 * math.pi / period_y)
    x = torch.arange(width)[None] * (2 * math.pi / period_x)
    grain = torch.randn(3, height, width, generator=torch.Generator().manual_seed(0))
    return 0.5 + 0.2 * (y.cos() + x.cos()) + 0.2 * noise * grain


@given(steps, steps)
@settings(max_examples=15)
def test_a_grid_tells_its_periods(period_y, period_x):
    found = find_periods(stripes(160, 200, period_y, period_x))
    assert found == pytest.approx((period_y, period_x), rel=0.02)


def test_a_huge_grid_tells_them_too():
    found = find_periods(stripes(600, 2400, 50.0, 77.0))
    assert found == pytest.approx((50, 77), rel=0.02)


def test_the_mean_around_a_texel_is_that_of_a_pooling():
    noise = torch.rand(3, 61, 90, generator=torch.Generator().manual_seed(0))
    mirrored = F.pad(noise[None], (7, 7, 7, 7), mode="reflect")
    torch.testing.assert_close(smooth(noise, 15), F.avg_pool2d(mirrored, 15, 1)[0])


def test_noise_has_none():
    noise = torch.rand(3, 128, 128, generator=torch.Generator().manual_seed(0))
    assert find_periods(noise) == (None, None)
    assert find_periods(torch.full((3, 64, 64), 0.5)) == (None, None)


def test_every_other_course_shifted_makes_the_period_two_courses():
    y, x = torch.arange(160)[:, None], torch.arange(160)[None]
    course = y // 16
    joint = ((x + 20 * (course % 2)) % 40 < 4) | (y % 16 < 2)
    found = find_periods(joint.float().expand(3, -1, -1))
    assert found == pytest.approx((32, 40), rel=0.02)


@pytest.mark.parametrize("across", [False, True])
def test_the_joints_of_a_wall_repeat_though_its_courses_are_all_one_sees(across):
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:200, :200]
    course = y // 12
    joint = (x + 17 * (course % 2)) % 34 < 2
    brick = rng.uniform(0.25, 0.4, (40, 40))[course, (x + 17 * (course % 2)) // 34]
    wall = np.where(y % 12 < 3, 0.9, np.where(joint, 0.6, brick))
    wall = torch.from_numpy(wall + rng.normal(0, 0.01, wall.shape)).float().expand(3, -1, -1)
    found = find_periods(wall.transpose(1, 2) if across else wall)
    assert found == pytest.approx((34, 24) if across else (24, 34), rel=0.02)


@given(st.floats(8, 60), st.floats(8, 60), st.integers(64, 600), st.integers(64, 600))
def test_whole_periods_fit(period_y, period_x, height, width):
    scales = choose_scales((period_y, period_x), (height, width), (True, True))
    for scale, period, n in zip(scales, (period_y, period_x), (height, width), strict=True):
        count = n / (scale * period)
        assert count == pytest.approx(round(count)) or scales == (1, 1) or scales[0] == scales[1]
        assert 0.84 <= scale <= 1.19


def test_without_periods_nothing_is_scaled():
    assert choose_scales((None, None), (100, 100), (True, True)) == (1, 1)
    # Where it does not wrap it need not fit.
    assert choose_scales((30.0, 30.0), (100, 100), (False, False)) == (1, 1)


def test_an_axis_without_a_period_is_scaled_alike():
    y, x = choose_scales((30.0, None), (100, 100), (True, True))
    assert y == x == pytest.approx(100 / 90)


def test_both_axes_keep_the_proportion_as_far_as_they_can():
    # 2.5 periods each: both up or both down, not one up and one down.
    y, x = choose_scales((40.0, 40.0), (300, 300), (True, True))
    assert y == x
