import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.making import bricks
from texcore.layout.lattice import Lattice
from texcore.layout.patchwork import sew_patchwork
from texcore.runtime.context import proceed
from texcore.surfaces import torus


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def layout_of(exemplar, height, width, seed=0):
    return sew_patchwork(exemplar, height, width, generator(seed)).render(exemplar, height, width)


def picture(height=64, width=64):
    return torch.rand(3, height, width, generator=generator(7))


@pytest.mark.slow
@given(st.integers(20, 70), st.integers(20, 70), st.integers(20, 90), st.integers(20, 90))
@settings(max_examples=12)
def test_every_texel_is_one_of_the_exemplars(h, w, height, width):
    # Each texel has a value of its own, so it tells where it is from.
    exemplar = torch.arange(float(h * w)).view(1, h, w)
    layout = layout_of(exemplar, height, width)
    assert layout.shape == (1, height, width)
    assert torch.equal(layout, layout.round())
    assert 0 <= layout.amin() <= layout.amax() < h * w


def test_most_neighbours_are_neighbours_in_the_exemplar():
    exemplar = torch.arange(64.0 * 64).view(1, 64, 64)
    layout = layout_of(exemplar, 64, 64)[0]
    assert (torus.roll(layout, 0, -1) - layout == 1).float().mean() > 0.85
    assert (torus.roll(layout, -1, 0) - layout == 64).float().mean() > 0.85


def test_the_seed_decides_it():
    layouts = [layout_of(picture(), 64, 64, seed) for seed in (1, 1, 2)]
    assert torch.equal(layouts[0], layouts[1])
    assert not torch.equal(layouts[0], layouts[2])


def test_what_repeats_goes_on_across_every_border():
    # Five pairs of courses and six bricks fit, so no line need be broken.
    wall = torch.from_numpy(bricks(96, 96)).mean(0, keepdim=True)
    layout = layout_of(wall, 90, 96, 3)
    mortar = (layout[0] > 0.7).float()
    joints = mortar.mean(1) > 0.8
    assert joints.sum() == 20
    assert torch.equal(joints, joints.roll(9))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_whole_exemplar_is_used(seed):
    row, column = sew_patchwork(picture(), 256, 256, generator(seed)).origin.flatten(1)
    quarters = (row // 32) * 2 + column // 32
    shares = quarters.bincount(minlength=4) / len(row)
    assert shares.amin() > 0.18


@pytest.mark.parametrize("factor", [2, 3])
def test_it_can_be_had_at_a_finer_scale(factor):
    coarse = picture(48, 40)
    fine = coarse.repeat_interleave(factor, 1).repeat_interleave(factor, 2)
    made = sew_patchwork(coarse, 64, 56, generator())
    small, large = made.render(coarse, 64, 56), made.render(fine, 64 * factor, 56 * factor)
    assert torch.equal(large, small.repeat_interleave(factor, 1).repeat_interleave(factor, 2))


@pytest.mark.slow
@given(
    st.integers(24, 70),
    st.integers(24, 70),
    st.integers(24, 90),
    st.integers(24, 90),
    st.integers(-30, 30),
    st.integers(-30, 30),
)
@settings(max_examples=12)
def test_at_home_what_is_not_sewn_lies_in_its_place(h, w, height, width, top, left):
    exemplar = torch.arange(float(h * w)).view(1, h, w)
    made = sew_patchwork(exemplar, height, width, generator(), proceed, (top, left), 1 / 4)
    assert torch.equal(made.render(exemplar, height, width), exemplar[(slice(None), *made.origin)])
    sides = zip((top, left), (h, w), (height, width), strict=True)
    covered = [range(max(at, 0), max(0, min(at + n, of))) for at, n, of in sides]
    side = round(min(h, w, height, width) / 4)
    # A chunk begins at most half its side inside the border.
    inside = [slice(r.start + side, max(r.start, r.stop - side)) for r in covered]
    places = torch.stack(torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij"))
    at_home = made.origin + torch.tensor([top, left])[:, None, None] == places
    assert at_home[(slice(None), *inside)].all()


def test_at_home_the_border_is_closed():
    # 5.3 pairs of courses: laid as it is, the torus would break one.
    wall = torch.from_numpy(bricks(96, 96)).mean(0, keepdim=True)[:, :94, :94]
    layout = sew_patchwork(wall, 94, 94, generator(), home=(0, 0)).render(wall, 94, 94)
    assert sum(torus.border_jump(layout)) < 0.7 * sum(torus.border_jump(wall))


def out_of_step(made, periods, bond):
    """By texel, how far its lag is from the commonest one on the lattice: texels, the worse axis.

    A bond is a lag less than a period at which the exemplar lies over itself as well.
    """
    h, w = made.origin.shape[1:]
    y, x = torch.meshgrid(torch.arange(h), torch.arange(w), indexing="ij")
    lags = made.origin[0] - y, made.origin[1] - x
    steps = [lag.remainder(n) for lag, n in zip(lags, periods, strict=True)]
    commonest = [int(step.flatten().mode().values) for step in steps]
    offs = []
    for shift in ((0, 0), bond):
        far = [
            (s - c - b).remainder(n)
            for s, c, b, n in zip(steps, commonest, shift, periods, strict=True)
        ]
        nearer = [torch.minimum(f, n - f) for f, n in zip(far, periods, strict=True)]
        offs.append(torch.maximum(*nearer))
    return torch.minimum(*offs)


@pytest.mark.parametrize("home", [None, (4, -3)])
@pytest.mark.parametrize("seed", [0, 1])
def test_what_repeats_stays_in_step(home, seed):
    # Bricks of all colours: a chunk out of step by half a brick fits about as well.
    wall = torch.from_numpy(bricks(96, 96, seed)).mean(0, keepdim=True)
    size, periods = (108, 112), (18, 16)
    shares = []
    for told in (periods, (None, None)):
        made = sew_patchwork(
            wall, *size, generator(seed), proceed, home, lattice=Lattice(wall, told)
        )
        shares.append(float((out_of_step(made, periods, (9, 8)) <= 2).float().mean()))
    assert shares[0] > 0.97
    assert shares[0] >= shares[1]


def uneven_wall(seed):
    """Courses of 17 texels, two of them in no place the same: bricks of any length and colour."""
    rng = np.random.default_rng(seed)
    wall = np.full((90, 80), 0.9)
    for row in range(-1, 7):
        top, left = 17 * row + 5 + rng.integers(-1, 2), -rng.integers(0, 30)
        while left < 80:
            length = rng.integers(26, 42)
            rows, columns = (
                slice(max(0, top), max(0, top + 13)),
                slice(max(0, left), max(0, left + length - 4)),
            )
            wall[rows, columns] = rng.choice([0.1, 0.25, 0.5, 0.7])
            left += length
    return torch.from_numpy(wall + rng.normal(0, 0.05, wall.shape)).float()[None]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [7, 8, 9, 11])
def test_a_wall_much_larger_than_its_photo_keeps_whole_courses(seed):
    # Two courses are a period: half a course out of step is a quarter of it, and as bad as can be.
    shares = []
    for told in ((34, None), (None, None)):
        wall = uneven_wall(seed)
        made = sew_patchwork(wall, 238, 238, generator(seed), lattice=Lattice(wall, told))
        step = (made.origin[0] - torch.arange(238)[:, None]).remainder(17)
        far = (step - step.flatten().mode().values).remainder(17)
        shares.append(float((torch.minimum(far, 17 - far) <= 4).float().mean()))
    assert shares[0] > 0.98
    assert shares[0] > shares[1] + 0.05


def test_it_can_be_stopped():
    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sew_patchwork(picture(), 64, 64, generator(), stop)
