import math

import torch
from hypothesis import given
from hypothesis import strategies as st

from texcore.exemplars.directions import Directions

SLOPES = st.floats(-3, 3)
STRETCHES = st.tuples(*[st.floats(-0.3, 0.3)] * 4)
CONVENTIONS = st.builds(
    Directions,
    first=st.integers(0, 2),
    mean=st.tuples(*[st.floats(-0.5, 0.5)] * 3),
    y_up=st.booleans(),
)


def picture(held, right, down):
    """A texel of five channels with the normal of a surface that rises so much, as it is held."""
    n = torch.tensor([-right, down if held.y_up else -down, 1.0], dtype=torch.float64)
    made = torch.full((5,), 0.25, dtype=torch.float64)
    mean = torch.tensor(held.mean, dtype=torch.float64)
    made[held.first : held.first + 3] = (n / n.norm() - mean) / 2 + 0.5
    return made.view(5, 1, 1)


def stretch(numbers):
    return torch.eye(2).double() + torch.tensor(numbers).double().view(2, 2)


@given(CONVENTIONS, SLOPES, SLOPES, STRETCHES)
def test_a_normal_turned_is_that_of_the_plane_as_it_lies_now(held, right, down, numbers):
    jacobian = stretch(numbers)
    # What was h(x) = right · x + down · y is h(J u).
    now_right, now_down = (torch.tensor([[right, down]]).double() @ jacobian)[0].tolist()
    turned = held.turn(picture(held, right, down), jacobian.view(2, 2, 1, 1))
    torch.testing.assert_close(turned, picture(held, now_right, now_down))


@given(CONVENTIONS, SLOPES, SLOPES, STRETCHES)
def test_turning_back_gives_the_same(held, right, down, numbers):
    there, given = stretch(numbers), picture(held, right, down)
    back = torch.linalg.inv(there)
    turned = held.turn(given, there.view(2, 2, 1, 1))
    torch.testing.assert_close(held.turn(turned, back.view(2, 2, 1, 1)), given)


def test_what_is_given_stays_as_it_is():
    held = Directions(first=1)
    given = picture(held, 0.4, 0.2)
    before = given.clone()
    turned = held.turn(given, stretch([0.1, 0.3, -0.3, 0.1]).view(2, 2, 1, 1))
    assert torch.equal(given, before)
    assert not torch.equal(turned[1:4], given[1:4])
    assert torch.equal(turned[[0, 4]], given[[0, 4]])


def test_a_slope_that_rose_upwards_rises_to_the_right_after_a_quarter_turn():
    # Clockwise: what lay above lies at the right. Texel (u, v) was taken from (x, y) = (v, −u).
    jacobian = torch.tensor([[0.0, 1.0], [-1.0, 0.0]]).view(2, 2, 1, 1)
    leans_down = torch.tensor([0.0, -math.sin(0.5), math.cos(0.5)]).view(3, 1, 1)  # OpenGL
    turned = Directions().turn(leans_down / 2 + 0.5, jacobian) * 2 - 1
    wanted = torch.tensor([-math.sin(0.5), 0.0, math.cos(0.5)]).view(3, 1, 1)
    torch.testing.assert_close(turned, wanted)
