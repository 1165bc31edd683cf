import pytest
import torch

from tests.making import blobs
from texcore.layout.filling import fill, mend_filling
from texcore.layout.healing import render_filled


def make_hole(height=64, width=64):
    hole = torch.zeros(height, width, dtype=torch.bool)
    hole[20:40, 24:44] = True
    return hole


def make_stripes(side=64, period=16):
    y, x = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    return (0.5 + 0.3 * torch.sin(2 * torch.pi * (x + y) / period)).expand(3, side, side).clone()


def test_pieces_are_from_what_stays_and_what_stays_does():
    source, hole = torch.from_numpy(blobs()), make_hole()
    made = fill(source, hole, torch.Generator().manual_seed(0))
    places = torch.stack(torch.meshgrid(torch.arange(64), torch.arange(64), indexing="ij"))
    assert (made.origin[:, ~hole] == places[:, ~hole]).all()
    assert not hole[made.origin[0], made.origin[1]].any()


def test_a_pattern_goes_on_through_a_hole():
    source, hole = make_stripes(), make_hole()
    made = fill(source, hole, torch.Generator().manual_seed(0))
    shown = render_filled(made, source, hole)
    assert (shown - source)[:, hole].abs().mean() < 0.05


def make_bricks(side=96, height=12, width=24):
    """Dark joints between bricks that are of tones of their own; and where the joints are."""
    y, x = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    course = y // height
    along = x + width // 2 * (course % 2)
    joints = (y % height < 2) | (along % width < 2)
    tones = torch.rand(
        side // height, side // width + 1, generator=torch.Generator().manual_seed(5)
    )
    bricks = 0.35 + 0.6 * tones[course, along // width]
    return torch.where(joints, 0.1, bricks).expand(3, side, side).clone(), joints


@pytest.mark.parametrize("seed", range(4))
def test_what_repeats_stays_in_step_whatever_its_tones_are(seed):
    source, joints = make_bricks()
    hole = torch.zeros(96, 96, dtype=torch.bool)
    hole[30:66, 28:68] = True
    made = fill(source, hole, torch.Generator().manual_seed(seed))
    shown = source[:, made.origin[0], made.origin[1]]
    wrong = ((shown[0] < 0.2) != joints)[hole].float().mean()
    assert wrong < 0.02


def test_a_finer_picture_takes_over_the_filling():
    source, hole = make_stripes(), make_hole()
    made = fill(source, hole, torch.Generator().manual_seed(0))
    finer, large = make_stripes(128, 32), hole.repeat_interleave(2, 0).repeat_interleave(2, 1)
    mended = mend_filling(made, finer, large)
    assert not large[mended.origin[0], mended.origin[1]].any()
    assert (render_filled(mended, finer, large) - finer)[:, large].abs().mean() < 0.05


def test_light_goes_over_the_rim_without_a_step():
    """A piece from where it is darker is as bright as what lies about it."""
    ramp = torch.linspace(0.2, 0.8, 64).expand(3, 64, 64).clone()
    hole = torch.zeros(64, 64, dtype=torch.bool)
    hole[28:36, 40:46] = True
    made = fill(ramp, hole, torch.Generator().manual_seed(0))
    places = torch.stack(torch.meshgrid(torch.arange(64), torch.arange(64), indexing="ij"))
    far = torch.where(hole, places - 30, places)
    shown = render_filled(type(made)(far, made.side), ramp, hole)
    assert (ramp[:, far[0], far[1]] - ramp)[:, hole].abs().mean() > 0.25
    assert (shown - ramp)[:, hole].abs().mean() < 0.05
