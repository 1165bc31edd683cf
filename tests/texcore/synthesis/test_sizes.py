import itertools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.making import bricks
from texcore.surfaces.resizing import scaled
from texcore.synthesis.levels import plan_sizes

sides = st.integers(16, 3000)
strides = st.sampled_from([1, 2, 16, 32, 64])
settings = {"exemplar": st.tuples(sides, sides), "canvas": st.tuples(sides, sides)}


@given(**settings, stride=strides, evaluations=st.integers(1, 500), coarse=st.booleans())
def test_every_plan(exemplar, canvas, stride, evaluations, coarse):
    levels = plan_sizes(exemplar, canvas, stride, evaluations, coarse)
    assert levels
    assert coarse or len(levels) == 1
    for level in levels:
        assert level.height % stride == level.width % stride == 0
        assert level.height > 0 < level.width
        assert level.scale_y == pytest.approx(level.height / canvas[0])
        assert level.scale_x == pytest.approx(level.width / canvas[1])
        assert level.evaluations >= 8
    for coarser, finer in itertools.pairwise(levels):
        # Doubled, but for the rounding up to the stride.
        assert 0 <= 2 * coarser.height - finer.height < 2 * stride
        assert 0 <= 2 * coarser.width - finer.width < 2 * stride
        assert finer.evaluations <= coarser.evaluations
    last = levels[-1]
    assert canvas[0] <= last.height < canvas[0] + stride
    assert canvas[1] <= last.width < canvas[1] + stride


@given(**settings)
def test_work_starts_small(exemplar, canvas):
    shortest = min(*exemplar, *canvas)
    first = plan_sizes(exemplar, canvas, 1, 100, True)[0]
    scale = min(first.scale_y, first.scale_x)
    assert shortest <= 64 or shortest * scale < 2 * 64 + 2
    assert shortest < 64 or shortest * scale >= 64 - 2


@given(**settings)
def test_a_layout_is_never_made_at_full_size(exemplar, canvas):
    shortest = min(*exemplar, *canvas)
    levels = plan_sizes(exemplar, canvas, 1, 100, True, layout=True)
    assert len(levels) > 1 or shortest < 48
    assert shortest < 182 or 91 <= shortest * levels[0].scale_y + 1 <= 184


def test_the_exemplar_may_be_scaled_beside_the_canvas():
    for level in plan_sizes((200, 300), (400, 400), 16, 100, True, scales=(0.9, 1.1)):
        assert level.scale_y == pytest.approx(level.height / 400 * 0.9)
        assert level.scale_x == pytest.approx(level.width / 400 * 1.1)


def test_large_levels_get_fewer_evaluations_and_small_ones_all():
    levels = plan_sizes((1024, 1024), (1024, 1024), 16, 120, True)
    by_side = {level.width: level.evaluations for level in levels}
    assert by_side == {64: 120, 128: 120, 256: 120, 512: 85, 1024: 60}


@given(st.floats(0.3, 3), st.floats(0.3, 3))
def test_scaled_has_its_size_and_keeps_a_constant(scale_y, scale_x):
    flat = torch.full((2, 30, 40), 0.25)
    got = scaled(flat, scale_y, scale_x)
    assert got.shape == (2, round(30 * scale_y), round(40 * scale_x))
    torch.testing.assert_close(got, torch.full_like(got, 0.25))


def test_scaled_by_one_is_the_picture_itself():
    x = torch.from_numpy(bricks(33, 47))
    assert torch.equal(scaled(x, 1.0, 1.0), x)


def test_scaled_down_does_not_alias():
    stripes = torch.arange(64).remainder(2).float().expand(1, 64, 64)
    assert scaled(stripes, 0.4, 0.4).std() < 0.1 < stripes.std()
