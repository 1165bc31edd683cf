import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.making import bricks, relief
from texcore.exemplars.exemplar import Exemplar
from texcore.layout import periods
from texcore.layout.straightening import Lines, find_lines, straighten
from texcore.maps.stack import Stack
from texcore.pictures import Picture


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
@settings(max_examples=12)
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


@pytest.mark.parametrize("lean", [0.06, -0.09])
def test_joints_that_are_too_short_to_be_lines_become_level(lean):
    y, x = np.mgrid[:256, :240]
    column = x // 20
    mortar = (x % 20 < 3) | ((y - lean * (x - 120) + 24 * (column % 2)) % 48 < 3)
    grain = np.random.default_rng(0).normal(0, 0.02, mortar.shape)
    wall = torch.from_numpy(np.where(mortar, 0.8, 0.4) + grain).float()
    made, notes = straighten(exemplar(wall))
    assert notes
    # Rows of every other column's joints stand out; before, each row had some of them.
    assert made.image.mean((0, 2)).std() > 2 * wall.mean(1).std()
    assert made.image.mean((0, 1)).std() > 0.9 * wall.mean(0).std()


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


def test_too_little_of_a_steep_picture_would_be_left():
    narrow = fan(0.14, 0, height=240, width=72, period=12)
    assert find_lines(narrow) is not None
    assert straighten(exemplar(narrow))[1] == []


# Of the slopes' size, the share that bicubic sampling and differences of texels may miss.
MOST_MISSED = 0.03
# Radians that the wall's picture is turned by, and what it converges by, per texel.
ANGLE, CONVERGENCE = math.radians(4), 0.0004


def turn_back(x, y):
    """Where a texel of the leaning picture lies on the upright wall, from the middle of each."""
    depth = 1 + CONVERGENCE * y
    return (
        (math.cos(ANGLE) * x + math.sin(ANGLE) * y) / depth,
        (math.cos(ANGLE) * y - math.sin(ANGLE) * x) / depth,
    )


def raise_bricks(x, y):
    """How high a wall of bricks with rounded edges is, in texels, at places in texels."""

    def rise(t, period):
        inside = period / 2 - (t.remainder(period) - period / 2).abs()
        t = ((inside - 2) / 9).clamp(0, 1)
        return t**3 * (t * (6 * t - 15) + 10)

    odd = (y / 30).floor().detach().remainder(2)
    return 4 * rise(y, 30) * rise(x + 32 * odd, 64)


def leaning_wall(side=300, y_up=True):
    """Height (side, side) of a leaning wall of bricks, and its normals (3, side, side)."""
    t = torch.arange(side).double() - (side - 1) / 2
    y, x = (v.requires_grad_() for v in torch.meshgrid(t, t, indexing="ij"))
    height = raise_bricks(*turn_back(x, y))
    right, down = torch.autograd.grad(height.sum(), (x, y))
    n = torch.stack([-right, down if y_up else -down, torch.ones_like(right)])
    return height.detach(), n / n.norm(dim=0)


def paint(height):
    """The colours (3, h, w) of a wall: bricks in another shade each, light mortar, some grain."""
    grain = np.random.default_rng(0).normal(0, 0.01, (3, *height.shape))
    brick = torch.tensor([0.5, 0.3, 0.2]).view(3, 1, 1)
    return 0.8 - (0.8 - brick) * (height / 4) + torch.from_numpy(grain)


def as_picture(channels):
    return Picture(np.ascontiguousarray(channels.numpy(), np.float32), "float")


def leaning_set(kind, **others):
    height, n = leaning_wall(y_up=kind != "normal_dx")
    maps = {
        "base_color": as_picture(paint(height).clamp(0, 1)),
        kind: as_picture(n / 2 + 0.5),
        "height": as_picture(height[None]),
    }
    return Stack(maps | others)


def measure_slopes(height):
    """The slopes of a height to the right and downwards, without a border of two texels."""

    def differ(x):
        return (8 * (x[:, 3:-1] - x[:, 1:-3]) - (x[:, 4:] - x[:, :-4])) / 12

    return differ(height[2:-2]), differ(height.T[2:-2]).T


def miss(maps, kind):
    """How far a set's normals are from those of its height: of the slopes' size, the share."""
    right, down = measure_slopes(torch.from_numpy(maps["height"].pixels[0]).double())
    x, y, z = torch.from_numpy(maps[kind].pixels[:, 2:-2, 2:-2]).double() * 2 - 1
    down = down if kind != "normal_dx" else -down
    missed = (-x / z - right).square() + (y / z - down).square()
    return float((missed.mean() / (right.square() + down.square()).mean()).sqrt())


@pytest.mark.parametrize("kind", ["normal", "normal_dx", "normal2"])
def test_a_set_is_straightened_and_its_normals_fit_its_height_again(kind):
    stack = leaning_set(kind)
    made, notes = straighten(stack.exemplar)
    assert len(notes) == 1
    maps = stack.decode(made.image, wraps=False)
    shown = torch.from_numpy(maps["base_color"].pixels).mean(0)
    for grey in shown, shown.T:
        assert find_lines(grey) in (None, Lines())
    assert find_lines(shown.T) == Lines()
    assert miss(maps, kind) < MOST_MISSED
    # Without the turning, and with the other convention's, they do not.
    told = stack.exemplar.directions
    for wrong in (), tuple(replace(d, y_up=not d.y_up) for d in told):
        other, _ = straighten(replace(stack.exemplar, directions=wrong))
        assert miss(stack.decode(other.image, wraps=False), kind) > 2 * MOST_MISSED


@pytest.mark.parametrize("colours", [1, 3])
def test_a_picture_with_alpha_is_straightened_with_it(colours):
    height, _ = leaning_wall()
    colour, alpha = paint(height)[:colours], 1 - height / 4
    given = Stack({"picture": as_picture(torch.cat([colour, alpha[None]]))}).exemplar
    made, notes = straighten(given)
    assert len(notes) == 1 and made.views is given.views
    assert find_lines(made.image[-1].T) == Lines() != find_lines(given.image[-1].T)
    # All of alpha's range is there before, and no more than it after.
    assert given.image[-1].aminmax() == (0, 1)
    assert made.image[-1].min() >= 0 and made.image[-1].max() <= 1
    # What is seen and what is seen through lie where they lay.
    opaque = Exemplar.of(given.image[:-1])
    assert torch.equal(straighten(opaque)[0].image, made.image[:-1])
    of_colours = made.image[0] - made.image[0].mean(), made.image[-1] - made.image[-1].mean()
    together = (of_colours[0] * of_colours[1]).mean() / (of_colours[0].std() * of_colours[1].std())
    assert together > 0.98


@pytest.mark.parametrize("kind", ["normal", "normal_dx"])
def test_a_set_that_does_not_lean_keeps_every_pixel(kind):
    maps = relief(200, 180)
    given = Stack(
        {
            "base_color": Picture(maps["base_color"], "uint8"),
            kind: Picture(maps["normal"], "uint8"),
            "roughness": Picture(maps["roughness"], "uint8"),
        }
    ).exemplar
    assert given.several and given.directions
    assert straighten(given) == (given, [])


def test_a_picture_with_alpha_that_does_not_lean_keeps_every_pixel():
    wall = torch.from_numpy(bricks(200, 180))
    given = Exemplar.of(torch.cat([wall, (wall.mean(0, keepdim=True) < 0.7).float()]))
    assert straighten(given) == (given, [])


def test_masks_and_flat_maps_of_a_set_stay_what_they_are():
    height, _ = leaning_wall()
    mortar = (height[None] < 1).double()
    others = {"metallic": as_picture(mortar * 0.5), "ao": as_picture(torch.full_like(mortar, 0.7))}
    stack = leaning_set("normal", **others)
    made, notes = straighten(stack.exemplar)
    maps = stack.decode(made.image, wraps=False)
    assert notes
    assert set(np.unique(maps["metallic"].pixels)) == {0, 0.5}
    assert (maps["ao"].pixels == np.float32(0.7)).all()
    missed = (maps["metallic"].pixels > 0) != (maps["height"].pixels < 1)
    assert missed.mean() < 0.02
