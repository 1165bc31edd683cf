"""What a run takes, counted: more work never counts as less."""

import math
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from texcore.contract.costs import (
    Load,
    Shape,
    count_anew,
    count_cost,
    count_sewing,
    count_tries,
    count_views,
)
from texcore.contract.schedule import Effort, Schedule

sides = st.integers(32, 4096)
EFFORTS = Effort(3e5, 1e5, 2), Effort(2e5, 2e5, 1)
SEWN = Schedule(
    stride=16, layout=True, sewn=True, evaluations=24, finer=9, first=EFFORTS[0], rest=EFFORTS[1]
)
NOISE = Schedule(stride=16, coarse_to_fine=False, evaluations=100, first=EFFORTS[0])
SKETCH = Schedule(layout=True)


def cost(schedule, exemplar=256, result=512, **more):
    shape = Shape((exemplar, exemplar), (result, result), **more)
    return count_cost(schedule, schedule.plan(shape.exemplar, shape.result), shape)


def numbers(load):
    return [getattr(load, f.name) for f in fields(Load)]


def parts(found):
    return numbers(found.before) + numbers(found.work) + numbers(found.after)


@given(exemplar=sides, result=sides, schedule=st.sampled_from([SEWN, NOISE, SKETCH]))
def test_all_is_finite_and_nothing_is_less_than_nothing(exemplar, result, schedule):
    found = parts(cost(schedule, exemplar, result))
    assert all(math.isfinite(n) and n >= 0 for n in found)
    assert any(found)


@given(exemplar=sides, result=st.integers(64, 2048), schedule=st.sampled_from([SEWN, NOISE]))
def test_a_larger_texture_takes_more(exemplar, result, schedule):
    small, large = cost(schedule, exemplar, result), cost(schedule, exemplar, 2 * result)

    def products(found):
        return found.before.products + found.work.products

    assert products(large) > products(small)
    assert large.after.seconds > small.after.seconds
    assert (
        cost(SKETCH, exemplar, 2 * result).work.passes > cost(SKETCH, exemplar, result).work.passes
    )


@given(evaluations=st.integers(8, 500), more=st.integers(1, 500))
def test_more_evaluations_take_more(evaluations, more):
    def counted(n):
        schedule = Schedule(coarse_to_fine=False, evaluations=n, first=EFFORTS[0])
        return cost(schedule, 128, 128).work

    few, many = counted(evaluations), counted(evaluations + more)
    assert many.products > few.products
    assert many.calls > few.calls
    assert many.passes > few.passes


def test_maps_views_and_tiles_take_more():
    one = cost(SEWN)
    several = cost(SEWN, channels=7, views=4, coarse=1)
    assert 2 * one.work.products < several.work.products < 4 * one.work.products
    assert cost(SEWN, untiled=1).work.products > one.work.products
    assert cost(SEWN, untiled=10**9) == one


def test_what_stays_in_its_place_is_sewn_less():
    at_home, anew = (
        count_sewing(1 / 4, (128, 128), (128, 128), at_home=at) for at in (True, False)
    )
    assert at_home < 0.8 * anew
    assert [count_tries(n, n) for n in (64, 128, 256, 512, 4096)] == [8, 8, 4, 2, 2]


def test_a_sketch_shows_nothing_to_a_network():
    found = cost(SKETCH)
    assert [load.products for load in (found.before, found.work, found.after)] == [0, 0, 0]
    assert [load.calls for load in (found.before, found.work, found.after)] == [0, 0, 0]


@pytest.mark.parametrize(
    ("kinds", "counted"),
    [
        (["picture"], (3, 1, 0)),
        (["base_color", "normal"], (6, 3, 1)),
        (["base_color", "normal", "roughness"], (7, 4, 1)),
        (["base_color", "roughness", "height"], (5, 2, 0)),
        (["roughness"], (1, 1, 0)),
        (["base_color", "normal", "orm"], (9, 5, 1)),
    ],
)
def test_views_are_counted_without_the_maps(kinds, counted):
    assert count_views(kinds) == counted


@given(st.integers(24, 200), st.integers(24, 9000), st.integers(24, 9000))
def test_the_larger_the_torus_the_more_joints_are_looked_at_and_the_fewer_for_each_copy(n, h, w):
    def count(height, width):
        copies = height * width / (n * n)
        tries, (first, then, windows, contexts) = count_anew((height, width), (n, n))
        assert 1 <= tries <= 4
        assert first >= 0
        assert then >= 0
        assert 0 < windows <= 4
        assert contexts == pytest.approx(1.5 * windows)
        joints = tries * first + then
        return joints * copies, joints, windows * copies, windows

    (few, of_few, seen, seen_of), (many, of_many, more, more_of) = count(h, w), count(2 * h, w)
    assert many >= few - 1e-9
    assert of_many <= of_few + 1e-9
    assert more >= seen - 1e-9
    assert more_of <= seen_of + 1e-9
    assert many <= 1000 or of_many <= 1
