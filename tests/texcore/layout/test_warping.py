import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from texcore.exemplars.directions import Directions
from texcore.layout.straightening import Lines, _find_covered, _make_homography
from texcore.layout.warping import Warp

SIDE = 96
# Of numbers within 0...1: a step of 8 bits is 0.004.
TOLERANCE = 0.004
LEANS = st.floats(-0.12, 0.12)
SPREADS = st.floats(-0.0015, 0.0015)
LINES = st.builds(Lines, LEANS, SPREADS)


def make_warp(upright, level, side=SIDE):
    homography = _make_homography(upright, level)
    place = _find_covered(homography, side, side)
    return None if place is None else Warp(torch.linalg.inv(homography), *place)


def raise_waves(x, y):
    """A height made of waves, at places in texels."""
    return 5 * torch.sin(x / 10) * torch.cos(y / 11 + 1) + 3 * torch.sin((x + 2 * y) / 25)


def make_normals(warp, y_up):
    """The normals (3, h, w) of the waves as they lie where a warp takes them, stored as usual."""
    height, width = warp.size
    v, u = torch.meshgrid(
        torch.arange(height).double() + warp.top,
        torch.arange(width).double() + warp.left,
        indexing="ij",
    )
    u.requires_grad_(), v.requires_grad_()
    x, y, depth = torch.einsum("ij,jhw->ihw", warp.back, torch.stack([u, v, torch.ones_like(u)]))
    right, down = torch.autograd.grad(raise_waves(x / depth, y / depth).sum(), (u, v))
    n = torch.stack([-right, down if y_up else -down, torch.ones_like(right)])
    return n / n.norm(dim=0) / 2 + 0.5


def stay(side=SIDE):
    middle = (side - 1) / 2
    return Warp(torch.eye(3).double(), -middle, -middle, middle, middle)


@settings(max_examples=30)
@given(LINES, LINES, st.booleans())
def test_normals_that_are_warped_are_those_of_the_height_that_is(upright, level, y_up):
    warp = make_warp(upright, level)
    if warp is None:
        return
    held = Directions(y_up=y_up)
    made = warp.apply(make_normals(stay(), y_up), [held])
    torch.testing.assert_close(made, make_normals(warp, y_up), atol=TOLERANCE, rtol=0)


@pytest.mark.parametrize("y_up", [True, False])
@pytest.mark.parametrize(
    ("upright", "level"),
    [(Lines(0.06), Lines(-0.06)), (Lines(0.0, 0.001), Lines()), (Lines(), Lines(0.08))],
    ids=["turned", "keystone", "sheared"],
)
def test_they_would_not_be_if_they_did_not_turn(upright, level, y_up):
    warp = make_warp(upright, level)
    given, wanted = make_normals(stay(), y_up), make_normals(warp, y_up)
    for held in [], [Directions(y_up=not y_up)]:
        assert (warp.apply(given, held) - wanted).abs().amax() > 3 * TOLERANCE


@given(LINES, LINES)
@settings(max_examples=30)
def test_alpha_stays_within_its_range(upright, level):
    warp = make_warp(upright, level)
    if warp is None:
        return
    cut_out = torch.rand(1, SIDE, SIDE, generator=torch.Generator().manual_seed(0)).round()
    made = warp.apply(torch.cat([torch.full((3, SIDE, SIDE), 0.3), cut_out]))
    assert made.shape == (4, *warp.size)
    assert made[3].aminmax() == (0, 1)
    # What is of one value stays so: of the border nothing comes in.
    assert (made[:3] == made[0, 0, 0]).all()


@pytest.mark.parametrize("rows", [1, 7, 1000])
def test_strips_make_the_same_as_the_whole(monkeypatch, rows):
    image = torch.rand(5, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
    warp = make_warp(Lines(0.05, 0.0008), Lines(-0.03, 0.0005))
    held = [Directions(first=2)]
    whole = warp.apply(image, held)
    monkeypatch.setattr("texcore.layout.warping._STRIP_ROWS", rows)
    assert torch.equal(warp.apply(image, held), whole)


def test_what_is_not_moved_stays_as_it_is():
    image = torch.rand(2, 9, 12, generator=torch.Generator().manual_seed(0)).double()
    stays = Warp(torch.eye(3).double(), -4.0, -5.5, 4.0, 5.5)
    torch.testing.assert_close(stays.apply(image), image)


def test_normals_have_length_one_after_it():
    wild = torch.rand(3, SIDE, SIDE, generator=torch.Generator().manual_seed(0)).double()
    n = wild * 2 - 1
    n[2] = n[2].abs() + 0.1
    stored = n / n.norm(dim=0) / 2 + 0.5
    made = make_warp(Lines(math.tan(0.06)), Lines()).apply(stored, [Directions()]) * 2 - 1
    torch.testing.assert_close(made.norm(dim=0), torch.ones(made.shape[1:]).double())
