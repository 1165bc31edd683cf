import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close

from tests.making import waves
from texcore.surfaces.torus import (
    Torus,
    add_window,
    border_jump,
    calm,
    halve,
    pad,
    resample,
    roll,
    smooth_component,
    window,
)

sides = st.integers(1, 24)
seeds = st.integers(0, 99)


def noise(seed, *shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@given(sides, sides, st.integers(0, 20), st.integers(0, 20), seeds)
def test_up_and_back_down_is_the_identity(h, w, more_h, more_w, seed):
    x = noise(seed, 2, h, w)
    assert_close(resample(resample(x, h + more_h, w + more_w), h, w), x)


@given(sides, sides, st.integers(1, 4), seeds)
def test_going_up_keeps_every_texel_where_it_was(h, w, ratio, seed):
    x = noise(seed, 2, h, w)
    assert_close(resample(x, ratio * h, ratio * w)[..., ::ratio, ::ratio], x)


@given(sides, sides, sides, sides, seeds)
def test_resampling_keeps_the_mean_and_stays_real(h, w, height, width, seed):
    x = noise(seed, 2, h, w)
    y = resample(x, height, width)
    assert y.shape == (2, height, width)
    assert y.dtype == x.dtype
    assert_close(y.mean((1, 2)), x.mean((1, 2)))


@given(sides, sides, st.integers(1, 4), st.integers(-30, 30), st.integers(-30, 30), seeds)
def test_going_up_by_a_whole_ratio_commutes_with_rolls(h, w, ratio, dy, dx, seed):
    x = noise(seed, 1, h, w)
    rolled = resample(roll(x, dy, dx), ratio * h, ratio * w)
    assert_close(rolled, roll(resample(x, ratio * h, ratio * w), ratio * dy, ratio * dx))


@given(st.integers(2, 12), st.integers(2, 12), st.integers(-9, 9), seeds)
def test_going_down_by_a_whole_ratio_commutes_with_rolls(h, w, d, seed):
    x = noise(seed, 1, 2 * h, 2 * w)
    assert_close(resample(roll(x, 2 * d, -2 * d), h, w), roll(resample(x, h, w), d, -d))


@pytest.mark.parametrize(("old", "new"), [(16, 21), (15, 22), (32, 20), (33, 17)])
def test_resampling_a_wave_gives_the_same_wave(old, new):
    def wave(n):
        return torch.cos(2 * math.pi * 3 * torch.arange(n, dtype=torch.float64) / n + 1)

    x = wave(old)[None, :, None] * wave(old)[None, None]
    assert_close(resample(x, new, new), wave(new)[None, :, None] * wave(new)[None, None])


def test_resampling_has_a_gradient():
    x = noise(0, 1, 5, 6).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: resample(x, 8, 4), (x,))


@given(st.integers(1, 6), seeds)
def test_padding_continues_the_torus(n, seed):
    x = noise(seed, 1, 1, 6, 7)
    tiled = x.tile(1, 1, 3, 3)[..., 6 - n : 12 + n, 7 - n : 14 + n]
    assert_close(pad(x, n), tiled, rtol=0, atol=0)


def test_padding_keeps_the_order_of_the_channels():
    x = torch.rand(1, 8, 6, 7).to(memory_format=torch.channels_last)
    assert pad(x, 2).is_contiguous(memory_format=torch.channels_last)
    assert pad(x.contiguous(), 2).is_contiguous()
    with pytest.raises(ValueError, match="7 texels"):
        pad(x, 7)


@pytest.mark.parametrize(("h", "w", "n"), [(4, 5, 1), (6, 7, 3), (1, 2, 1), (5, 5, 5)])
def test_padding_has_the_right_gradient(h, w, n):
    x = noise(0, 1, 2, h, w).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: pad(x, n), (x,))


@given(seeds)
def test_a_calm_border_is_the_calmest_of_all(seed):
    x = noise(seed, 3, 7, 9)
    calmed = calm(x)
    moved = [roll(x, dy, dx) for dy in range(7) for dx in range(9)]
    assert any(torch.equal(calmed, m) for m in moved)
    for dim in (-1, -2):
        steps = [(m.select(dim, 0) - m.select(dim, -1)).abs().mean() for m in moved]
        across = (calmed.select(dim, 0) - calmed.select(dim, -1)).abs().mean()
        assert_close(across, min(steps))


@given(seeds)
def test_a_border_moves_no_farther_than_it_must(seed):
    x = noise(seed, 2, 20, 31)
    calmed = calm(x, nearest=True)
    for dim, other in ((-1, -2), (-2, -1)):
        steps = (x - x.roll(1, dim)).abs().mean((0, other))
        n = len(steps)
        enough = [k for k in range(n) if steps[k] <= 1.05 * steps.mean()]
        least = min(min(k, n - k) for k in enough)
        nearest = [steps[k] for k in enough if min(k, n - k) == least]
        across = (calmed.select(dim, 0) - calmed.select(dim, -1)).abs().mean()
        assert any(torch.isclose(across, step) for step in nearest)


places = st.integers(-40, 40)


@given(sides, sides, places, places, st.integers(1, 60), st.integers(1, 60), seeds)
def test_a_window_shows_the_endless_repetition(h, w, top, left, height, width, seed):
    x = noise(seed, 2, h, w)
    rows = (top + torch.arange(height)) % h
    columns = (left + torch.arange(width)) % w
    part = window(x, top, left, height, width)
    assert_close(part, x[:, rows][..., columns], rtol=0, atol=0)
    # Adding is its transpose: ⟨window(x), y⟩ = ⟨x, add(y)⟩.
    y, added = noise(seed + 1, *part.shape), torch.zeros_like(x)
    add_window(added, y, top, left)
    assert_close((x * added).sum(), (part * y).sum())


@given(st.integers(-20, 20), st.integers(-20, 20), seeds)
def test_rolls_undo_each_other(dy, dx, seed):
    x = noise(seed, 1, 6, 7)
    assert torch.equal(roll(roll(x, dy, dx), -dy, -dx), x)


def test_halving_is_the_mean_of_four():
    x = noise(0, 1, 3, 8, 10)
    y = halve(x)
    assert_close(y[0, 1, 2, 3], x[0, 1, 4:6, 6:8].mean())
    assert_close(halve(roll(x, 2, -4)), roll(y, 1, -2))


class TestBorderJump:
    @given(seeds)
    def test_is_about_one_for_what_tiles(self, seed):
        x = torch.from_numpy(waves(48, 40, seed))
        assert border_jump(x) == pytest.approx((1, 1), rel=0.5)

    def test_sees_a_ramp_on_its_own_axis(self):
        tiling = torch.from_numpy(waves(64, 64))
        ramp = torch.linspace(0, 4, 64)
        across, upwards = border_jump(tiling + ramp)
        assert across > 5
        assert upwards < 1.5
        across, upwards = border_jump(tiling + ramp[:, None])
        assert across < 1.5
        assert upwards > 5

    def test_of_a_constant_is_no_error(self):
        assert border_jump(torch.full((3, 8, 8), 0.5)) == (0, 0)


@pytest.mark.parametrize(
    ("tile", "size"), [("xy", (50, 70)), ("x", (60, 70)), ("y", (50, 80)), ("none", (60, 80))]
)
def test_an_axis_that_does_not_wrap_is_cut_from_a_larger_canvas(tile, size):
    wraps = Torus.from_tile(tile)
    assert (wraps.x, wraps.y) == ("x" in tile, "y" in tile)
    torus = Torus(wraps.x, wraps.y, margin=10)
    assert torus.canvas_size(50, 70) == size
    canvas = noise(0, 3, *size)
    assert torch.equal(torus.cut(canvas, 50, 70), canvas[:, :50, :70])


@given(st.integers(2, 20), st.integers(2, 20), st.booleans(), st.booleans(), seeds)
def test_without_its_smooth_component_an_image_bends_round_the_wrap_as_inside(h, w, x, y, seed):
    """Its Laplacian on the torus is the image's own, which knows no wrap (Moisan 2011)."""
    image = noise(seed, 2, h, w)
    smooth = smooth_component(image, x, y)
    assert_close(smooth.mean((-2, -1)), torch.zeros(2, dtype=smooth.dtype))
    found, expected = torch.zeros_like(image), torch.zeros_like(image)
    for dim, wraps in ((-2, y), (-1, x)):
        periodic = image - smooth
        for step in (1, -1):
            found += periodic.roll(step, dim) - periodic
            expected += image.roll(step, dim) - image
        if wraps:
            last = image.shape[dim] - 1
            jump = image.select(dim, last) - image.select(dim, 0)
            expected.select(dim, 0).sub_(jump)
            expected.select(dim, last).add_(jump)
    assert_close(found, expected)
