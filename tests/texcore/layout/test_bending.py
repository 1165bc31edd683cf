"""Bending a layout's pieces."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close

from tests.making import blobs
from texcore.exemplars.directions import Directions
from texcore.layout.bending import Wave, bend, draw_bend
from texcore.surfaces.torus import border_jump

SHORT = Wave(1.0, 20.0)


def draw(height, width, seed=0, waves=(SHORT,)):
    return draw_bend(height, width, waves, torch.Generator().manual_seed(seed))


@given(st.integers(32, 150), st.integers(32, 150), st.integers(0, 5))
def test_a_field_moves_nothing_on_the_whole_and_all_a_little(height, width, seed):
    field = draw(height, width, seed)
    assert_close(field.mean((1, 2)), torch.zeros(2), rtol=0, atol=1e-5)
    assert_close(field.square().mean((1, 2)), torch.ones(2))


def test_a_long_wave_moves_neighbours_alike():
    def measure_strain(field):
        return (field - field.roll(1, 2)).square().mean().sqrt()

    short, long = (draw(320, 320, waves=[Wave(2.0, length)]) for length in (20, 100))
    assert_close(short.square().mean(), torch.tensor(4.0))
    assert 3 < measure_strain(short) / measure_strain(long) < 7


def test_a_straight_wave_moves_rows_down_and_columns_across_as_a_whole():
    def measure_strain(field, axis):
        return float((field - field.roll(1, axis)).square().mean().sqrt())

    down, right = draw(320, 320, waves=[Wave(0.5, 20.0, straight=4.0)])
    assert_close(down.square().mean(), torch.tensor(0.25))
    assert 3 < measure_strain(down, 0) / measure_strain(down, 1) < 6
    assert 3 < measure_strain(right, 1) / measure_strain(right, 0) < 6
    ragged, _ = draw(320, 320, waves=[Wave(0.5, 20.0)])
    assert measure_strain(ragged, 1) > 2.5 * measure_strain(down, 1)


def test_waves_add_up():
    both = draw(64, 64, waves=[Wave(1.0, 20.0), Wave(3.0, 40.0)])
    first = draw(64, 64, waves=[Wave(1.0, 20.0)])
    assert (both - first).square().mean().sqrt() == pytest.approx(3, rel=1e-3)
    assert not draw(64, 64, waves=[]).any()


def test_another_seed_bends_otherwise():
    assert torch.equal(draw(64, 48), draw(64, 48))
    assert not torch.equal(draw(64, 48), draw(64, 48, 1))


def test_it_is_smooth_across_the_border_too():
    assert max(border_jump(draw(200, 200))) < 1.5


def test_without_an_extent_nothing_moves():
    image = torch.from_numpy(blobs(48, 64))
    assert_close(bend(image, draw(48, 64), (0.0, 0.0)), image, rtol=0, atol=1e-5)


def test_a_ramp_tells_where_its_texels_come_from():
    rows = torch.arange(64.0).view(1, 64, 1).expand(1, 64, 64)
    columns = rows.mT
    field = draw(64, 64)
    moved = bend(torch.cat([rows, columns]), field, (0.5, 2.0))
    inside = slice(16, 48)  # where a ramp does not meet its end across the border
    off = (moved - torch.cat([rows, columns]))[:, inside, inside]
    assert off[0].square().mean().sqrt() == pytest.approx(0.5, rel=0.5)
    assert off[1].square().mean().sqrt() == pytest.approx(2, rel=0.5)


def test_it_bends_a_torus():
    image, field = torch.from_numpy(blobs(48, 64)), draw(48, 64)
    moved = image.roll((12, 20), (1, 2)), field.roll((3, 5), (1, 2))
    assert_close(bend(*moved, (1.0, 1.0)), bend(image, field, (1.0, 1.0)).roll((12, 20), (1, 2)))


@given(st.floats(0, 30))
def test_values_stay_in_range_however_far_places_move(texels):
    image = torch.from_numpy(blobs(40, 40))
    made = bend(image, draw(40, 40), (texels, texels))
    assert (made.amin((1, 2)) >= image.amin((1, 2))).all()
    assert (made.amax((1, 2)) <= image.amax((1, 2))).all()


def make_normals(height):
    """Normals of a height on a torus, y up, as a picture of them is stored."""
    right = (height.roll(-1, 1) - height.roll(1, 1)) / 2
    down = (height.roll(-1, 0) - height.roll(1, 0)) / 2
    n = torch.stack([-right, down, torch.ones_like(height)])
    return torch.nn.functional.normalize(n, dim=0) * 0.5 + 0.5


def test_normals_turn_with_the_height_that_they_are_of():
    y, x = torch.meshgrid(torch.arange(96.0), torch.arange(96.0), indexing="ij")
    turn = 2 * torch.pi / 96
    height = 4 * torch.sin(3 * turn * x) * torch.cos(2 * turn * y) + 3 * torch.sin(
        2 * turn * (x + y)
    )
    stack = torch.cat([height[None], make_normals(height)])
    extent = (1.5, 1.5)
    made = bend(stack, draw(96, 96), extent, [Directions(first=1)])
    wanted = make_normals(made[0])
    left = bend(stack, draw(96, 96), extent)
    error, unturned = ((m[1:] - wanted).square().mean().sqrt() for m in (made, left))
    assert error < 0.35 * unturned
