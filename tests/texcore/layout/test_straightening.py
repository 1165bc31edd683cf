import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.making import bricks
from texcore.exemplars.exemplar import Exemplar
from texcore.layout import periods
from texcore.layout.straightening import Lines, find_lines, straighten


def fan(lean, spread, height=240, width=240, period=17.0, noise=0.15):
    """Lines x = a + y · (lean + spread · a) at every period of a, in other greys, under grain."""
    y = np.arange(height)[:, None] - (height - 1) / 2
    x = np.arange(width)[None] - (width - 1) / 2
    a = (x - lean * y) / (1 + spread * y)
    grain = np.random.default_rng(0).normal(0, noise * 0.35, (height, width))
    return torch.from_numpy(0.5 + 0.35 * np.cos(2 * math.pi / period * a) + grain).float()


def exemplar(grey):
    return Exemplar.of(grey.expand(3, -1, -1).contiguous())


@pytest.mark.slow
@given(st.floats(-0.14, 0.14), st.floats(-0.25, 0.25))
def test_lines_tell_how_they_lean_and_spread(lean, outermost):
    picture = fan(lean, outermost / 120)
    found = find_lines(picture) or pytest.fail("no lines")
    # Both may be off by what moves the ends by a texel.
    assert found.lean == pytest.approx(lean, abs=1 / 100)
    assert found.spread == pytest.approx(outermost / 120, abs=1.5 / 100 / 120)


@pytest.mark.slow
@pytest.mark.parametrize("across", [False, True])
@pytest.mark.parametrize(("lean", "spread"), [(0.08, 0.0), (0.02, 0.0012), (-0.1, -0.0008)])
def test_lines_of_a_straightened_exemplar_are_upright(lean, spread, across):
    picture = fan(lean, spread)
    crooked = exemplar(picture.T if across else picture)
    made, notes = straighten(crooked)
    assert len(notes) == 1
    assert min(made.image.shape[1:]) > 0.6 * 240
    grey = made.image.mean(0)
    of_lines = find_lines(grey.T if across else grey)
    assert of_lines is not None
    assert abs(of_lines.lean) < 0.012
    assert abs(of_lines.spread) * 120 < 0.02
    low, high = crooked.image.aminmax()
    assert low <= made.image.amin() < made.image.amax() <= high


def test_what_is_straightened_repeats_again():
    crooked = exemplar(fan(0, 0.0015))
    made, _ = straighten(crooked)
    # In the middle nothing is scaled.
    assert periods.find_periods(crooked.image)[1] != pytest.approx(17, abs=0.1)
    assert periods.find_periods(made.image)[1] == pytest.approx(17, abs=0.1)


def test_a_picture_turned_is_turned_back():
    angle = math.radians(3)
    wall = torch.from_numpy(bricks(100, 100)).repeat_interleave(4, 1).repeat_interleave(4, 2)
    turn = torch.tensor(
        [[[math.cos(angle), math.sin(angle), 0], [-math.sin(angle), math.cos(angle), 0]]]
    )
    grid = torch.nn.functional.affine_grid(turn, [1, 3, 400, 400], align_corners=False)
    turned = torch.nn.functional.grid_sample(wall[None], grid, align_corners=False)[0]
    made, _ = straighten(Exemplar.of(turned[:, 40:360, 40:360].contiguous()))
    rows = made.image.mean(0).mean(1)
    assert rows.std() > 0.9 * wall.mean(0).mean(1).std()


@pytest.mark.parametrize("upwards", [0.0011, -0.0007])
def test_courses_taken_from_below_become_of_one_height(upwards):
    # A wall's upright joints are too short to be lines: only its courses tell how it converges.
    y, x = np.mgrid[:260, :240] - np.reshape([129.5, 119.5], (2, 1, 1))
    across, up = (v / (1 + upwards * y) for v in (x, y))
    course = np.floor(up / 16)
    mortar = (up % 16 < 3) | ((across + 17 * (course % 2)) % 34 < 3)
    brick = np.random.default_rng(1).uniform(0.3, 0.5, 64)[(course + 32).astype(int)]
    wall = torch.from_numpy(np.where(mortar, 0.8, brick)).float()
    made, notes = straighten(exemplar(wall))
    assert notes
    rows = (made.image[0].mean(1) > 0.7).int().diff().clamp_min(0).nonzero()[:, 0].diff()
    assert len(rows) > 10
    assert rows.amax() - rows.amin() <= 2
    columns = torch.fft.rfft(made.image[0].mean(0)).abs()
    before = torch.fft.rfft(wall.mean(0)).abs()
    assert columns[3:].amax() / columns[0] > 1.5 * before[3:].amax() / before[0]


@pytest.mark.parametrize(
    "picture",
    [
        torch.from_numpy(bricks(200, 180)).float(),
        torch.rand(3, 128, 128, generator=torch.Generator().manual_seed(0)),
        torch.full((3, 64, 64), 0.5),
        fan(0, 0).expand(3, -1, -1).contiguous(),
    ],
    ids=["upright wall", "noise", "even", "upright lines"],
)
def test_what_does_not_lean_stays_as_it_is(picture):
    given = Exemplar.of(picture)
    made, notes = straighten(given)
    assert made is given
    assert notes == []


def test_lines_that_are_upright_are_told_from_none():
    assert find_lines(fan(0, 0)) == Lines()
    assert find_lines(torch.rand(128, 128, generator=torch.Generator().manual_seed(0))) is None


def test_stripes_that_are_meant_to_lean_stay_as_they_are():
    diagonal = exemplar(fan(0.3, 0))
    assert straighten(diagonal) == (diagonal, [])


def test_several_maps_stay_as_they_are():
    with_alpha = Exemplar.of(torch.cat([fan(0.1, 0).expand(3, -1, -1), torch.ones(1, 240, 240)]))
    assert straighten(with_alpha) == (with_alpha, [])


def test_too_little_of_a_steep_picture_would_be_left():
    narrow = fan(0.14, 0, height=240, width=72, period=12)
    assert find_lines(narrow) is not None
    assert straighten(exemplar(narrow))[1] == []
