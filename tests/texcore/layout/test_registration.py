import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from texcore.exemplars.directions import Directions
from texcore.layout.blending import blend_joints
from texcore.layout.healing import render_filled
from texcore.layout.patchwork import Patchwork
from texcore.layout.registration import register_pieces
from texcore.layout.sampler import LayoutSampler

SIDE = 64


def grid(h=SIDE, w=SIDE):
    return torch.stack(torch.meshgrid(torch.arange(h), torch.arange(w), indexing="ij"))


def boards(h=SIDE, w=SIDE, period=16):
    """Lines that run across, four to the torus, each with a grain of its own."""
    rows = torch.arange(float(h))[:, None]
    lines = torch.exp(-0.5 * ((rows % period - period / 2) / 1.5) ** 2)
    grain = 0.05 * torch.rand(3, h, w, generator=torch.Generator().manual_seed(0))
    return 0.8 - 0.6 * lines.expand(3, h, w) + grain


def stepped(by, axis=0):
    """The right half of it from farther down, so that every line has a step in the middle."""
    origin = grid()
    origin[0, :, SIDE // 2 :] = (origin[0, :, SIDE // 2 :] + by) % SIDE
    return Patchwork(origin if axis == 0 else origin.flip(0).transpose(1, 2).contiguous(), (64, 64))


def register(made, source):
    return Patchwork(made.origin, made.side, register_pieces(made, source))


def measure_steps(image, axis=0):
    """How far pieces differ across the joint in the middle and where the torus closes."""
    image = image if axis == 0 else image.transpose(1, 2)
    return max(float((image[..., at] - image[..., at - 1]).abs().mean()) for at in (SIDE // 2, 0))


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("by", [-3, -1, 2, 3])
def test_a_line_goes_on_across_a_joint(by, axis):
    source = boards() if axis == 0 else boards().transpose(1, 2).contiguous()
    made = stepped(by, axis)
    before = measure_steps(blend_joints(made, source, SIDE, SIDE), axis)
    after = measure_steps(blend_joints(register(made, source), source, SIDE, SIDE), axis)
    assert after < 0.5 * before


def test_both_sides_move_and_what_is_far_stays():
    moved = register_pieces(stepped(3), boards())
    left, right = moved[0, :, SIDE // 2 - 1], moved[0, :, SIDE // 2]
    assert (left - right).mean() == pytest.approx(3, abs=0.7)
    assert left.mean() == pytest.approx(-float(right.mean()), abs=0.3)
    assert moved[0, :, SIDE // 4].abs().mean() < 0.6 * left.abs().mean()
    assert moved[1].abs().mean() < 0.2  # nothing has to go along the lines


def test_far_from_joints_nothing_moves():
    inner = Patchwork(grid(2 * SIDE, 2 * SIDE)[:, :SIDE, :SIDE], (2 * SIDE, 2 * SIDE))
    moved = register_pieces(inner, boards(2 * SIDE, 2 * SIDE))
    assert not moved[:, 28:36, 28:36].any()


def test_a_flat_exemplar_moves_nothing():
    moved = register_pieces(stepped(3), torch.full((3, SIDE, SIDE), 0.4))
    assert not moved.any()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 4))
def test_places_stay_within_bounds_whatever_the_layout(seed, channels):
    generator = torch.Generator().manual_seed(seed)
    h, w = (int(n) for n in torch.randint(8, 40, (2,), generator=generator))
    source = torch.rand(channels, h, w, generator=generator)
    blocks = torch.randint(0, 1000, (2, 5, 6), generator=generator)
    origin = blocks.repeat_interleave(7, 1).repeat_interleave(5, 2) + grid(35, 30)
    origin %= torch.tensor([h, w])[:, None, None]
    made = Patchwork(origin, (h, w))
    moved = register_pieces(made, source)
    assert moved.shape == origin.shape and moved.isfinite().all() and moved.abs().max() <= 3
    assert torch.equal(moved, register_pieces(made, source))
    image = LayoutSampler(Patchwork(origin, (h, w), moved), source, 60, 70).render()
    low, high = (f(source, dim=(1, 2))[:, None, None] for f in (torch.amin, torch.amax))
    assert (image >= low).all() and (image <= high).all()


@pytest.mark.parametrize("scale", [1, 2, 3])
def test_where_nothing_is_moved_every_texel_is_the_exemplars_own(scale):
    made = stepped(3)
    large = torch.rand(3, scale * SIDE, scale * SIDE, generator=torch.Generator().manual_seed(1))
    still = Patchwork(made.origin, made.side, torch.zeros(2, SIDE, SIDE))
    plain = LayoutSampler(made, large, scale * SIDE, scale * SIDE).render()
    shown = LayoutSampler(still, large, scale * SIDE, scale * SIDE).render()
    assert torch.allclose(shown, plain, atol=1e-5)


def test_pieces_move_alike_at_every_scale():
    source = boards()
    made = register(stepped(3), source)
    twice = torch.nn.functional.interpolate(source[None], scale_factor=2, mode="bilinear")[0]
    small = LayoutSampler(made, source, SIDE, SIDE).render()
    large = LayoutSampler(made, twice, 2 * SIDE, 2 * SIDE).render()
    halved = torch.nn.functional.avg_pool2d(large, 2)
    assert (halved - small)[..., 4:-4, :].abs().mean() < 0.02


def test_arrows_turn_with_what_is_moved_and_not_at_joints():
    slope = 0.2
    moved = torch.zeros(2, SIDE, SIDE)
    moved[0] = slope * (torch.arange(SIDE) - SIDE / 2)  # down the more, the farther to the right
    arrows = torch.zeros(3, SIDE, SIDE)
    arrows[2], arrows[0] = 0.6, 0.8
    made = Patchwork(grid(), (SIDE, SIDE), moved.clamp(-3, 3))
    sampler = LayoutSampler(made, arrows, SIDE, SIDE)
    turned = blend_joints(made, arrows, SIDE, SIDE, (Directions(),))
    middle = turned[:, 32, 32]
    assert float(middle.norm()) == pytest.approx(1, abs=1e-4)
    assert abs(math.degrees(math.atan2(float(middle[1]), float(middle[0])))) > 3
    jacobian = sampler.measure_jacobian()
    assert jacobian is not None
    assert jacobian[1, 0, 32, 32] == pytest.approx(slope, abs=1e-3)
    # Where the torus closes, places jump by six texels, which turns nothing.
    assert jacobian[:, :, :, 0].sub(torch.eye(2)[..., None]).abs().max() < slope


def test_pieces_a_texel_apart_that_meet_turn_nothing():
    made = stepped(1)
    moved = torch.zeros(2, SIDE, SIDE)
    moved[0, :, : SIDE // 2], moved[0, :, SIDE // 2 :] = 0.5, -0.5  # as far as they are apart
    sampler = LayoutSampler(Patchwork(made.origin, made.side, moved), boards(), SIDE, SIDE)
    jacobian = sampler.measure_jacobian()
    assert jacobian is not None
    assert torch.allclose(jacobian, torch.eye(2)[..., None, None].expand_as(jacobian), atol=1e-5)


def test_what_stays_is_not_moved_though_the_layout_is_coarser_than_the_hole():
    source = boards(2 * SIDE, 2 * SIDE, 32)
    made = Patchwork(stepped(3).origin, (SIDE, SIDE), torch.full((2, SIDE, SIDE), 1.5))
    hole = torch.zeros(2 * SIDE, 2 * SIDE, dtype=torch.bool)
    hole[41:90, 31:77] = True
    sampler = LayoutSampler(made, source, 2 * SIDE, 2 * SIDE, hole)
    assert torch.equal(sampler.render()[:, ~hole], source[:, ~hole])


def test_in_a_hole_lines_meet_what_stays_and_nothing_else_moves():
    source, made = boards(), stepped(2)
    hole = torch.zeros(SIDE, SIDE, dtype=torch.bool)
    hole[:, SIDE // 2 :] = True
    moved = register_pieces(made, source, hole=hole)
    assert not moved[:, ~hole].any()
    assert moved[0, :, SIDE // 2].mean() == pytest.approx(-2, abs=0.8)


def test_in_a_hole_arrows_turn_with_what_is_moved_and_nowhere_else():
    hole = torch.zeros(SIDE, SIDE, dtype=torch.bool)
    hole[16:48, 16:48] = True
    moved = torch.zeros(2, SIDE, SIDE)
    moved[0] = 0.2 * (torch.arange(SIDE) - SIDE / 2)
    origin = torch.where(hole, (grid() + 20) % SIDE, grid())
    made = Patchwork(origin, (SIDE, SIDE), moved.clamp(-3, 3) * hole)
    arrows = torch.tensor([0.5, 0.8, 0.9])[:, None, None].expand(3, SIDE, SIDE).clone()
    as_colours, turned = (
        render_filled(made, arrows, hole, torch.zeros_like(hole), directions)
        for directions in ((), (Directions(),))
    )
    assert torch.equal(turned[:, ~hole], arrows[:, ~hole])
    assert torch.allclose(as_colours, arrows, atol=1e-5)
    # What slopes down is from farther down the farther to the right, and so slopes there as well.
    x, y, _ = turned[:, 32, 32] * 2 - 1
    assert math.atan2(abs(float(x)), abs(float(y))) == pytest.approx(math.atan(0.2), abs=0.01)
    jacobian = LayoutSampler(made, arrows, SIDE, SIDE, hole).measure_jacobian()
    assert jacobian is not None
    expected = Directions().turn(arrows, jacobian)
    assert torch.allclose(turned[:, hole], expected[:, hole], atol=1e-5)


def test_nothing_moves_to_what_says_nothing():
    source, made = boards(), stepped(3)
    unknown = torch.zeros(SIDE, SIDE, dtype=torch.bool)
    unknown[20:30] = True
    marked = torch.where(unknown, 2.0, source)
    moved = register_pieces(made, marked, unknown=unknown)
    stays = ~unknown[made.origin[0], made.origin[1]]
    sampler = LayoutSampler(Patchwork(made.origin, made.side, moved), marked, SIDE, SIDE)
    assert moved.any() and sampler.render()[:, stays].max() < 1
