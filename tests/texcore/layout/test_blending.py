import pytest
import torch

from texcore.layout.blending import blend_joints
from texcore.layout.patchwork import Patchwork


def noise(h, w, seed=0):
    return torch.rand(3, h, w, generator=torch.Generator().manual_seed(seed))


def two_halves(side):
    """The left half of a torus from a dark part of an exemplar, the right one from a bright one."""
    exemplar = 0.05 * noise(side, 2 * side)
    exemplar[..., side:] += 0.6
    rows, columns = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    columns = torch.where(columns < side // 2, columns, columns + side)
    return Patchwork(torch.stack([rows, columns]), (side, 2 * side)), exemplar


def jump_across(image, column):
    return float((image[..., column] - image[..., column - 1]).mean().abs())


def test_a_step_at_a_joint_is_taken_out_and_nothing_is_lost():
    side = 256
    made, exemplar = two_halves(side)
    sewn = made.render(exemplar, side, side)
    blended = blend_joints(made, exemplar, side, side)
    for column in (side // 2, 0):  # the joint in the middle, and the one where the torus closes
        assert jump_across(sewn, column) > 0.5
        assert jump_across(blended, column) < 0.05
    assert blended.mean() == pytest.approx(float(sewn.mean()), abs=0.02)
    # Far from the joints everything is as it was, and so is all that is fine.
    middle = slice(side // 4 - 4, side // 4 + 4)
    assert (blended[..., middle] - sewn[..., middle]).abs().mean() < 0.05
    fine = (sewn - sewn.roll(1, 1)) - (blended - blended.roll(1, 1))
    assert fine.abs().max() < 0.05


def test_nothing_leaves_the_exemplars_range():
    made, exemplar = two_halves(64)
    blended = blend_joints(made, exemplar, 64, 64)
    low, high = exemplar.amin((1, 2)), exemplar.amax((1, 2))
    assert (blended.amin((1, 2)) >= low).all() and (blended.amax((1, 2)) <= high).all()


def test_without_a_joint_nothing_changes():
    torus_ramp = torch.sin(torch.arange(48) * (2 * torch.pi / 48)).expand(1, 48, 48)
    twice = torus_ramp.repeat(1, 2, 2)
    rows, columns = torch.meshgrid(torch.arange(24, 72), torch.arange(24, 72), indexing="ij")
    whole = Patchwork(torch.stack([rows, columns]), (96, 96))
    sewn = whole.render(twice, 48, 48)
    blended = blend_joints(whole, twice, 48, 48)
    # Where the torus closes the exemplar goes on just as it does here.
    assert (blended - sewn).abs().max() < 1e-4


def test_it_is_the_same_at_another_scale():
    made, exemplar = two_halves(64)
    large = exemplar.repeat_interleave(2, 1).repeat_interleave(2, 2)
    blended = blend_joints(made, large, 128, 128)
    assert blended.shape == (3, 128, 128)
    assert jump_across(blended, 64) < 0.1
