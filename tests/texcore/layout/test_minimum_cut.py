"""Minimum cuts, against all regions that there are, and those of whole graphs."""

import itertools

import numpy as np
import pytest

from texcore.layout import minimum_cut
from texcore.layout.minimum_cut import CutTerms, find_minimum_cut


def draw(h, w, seed, smooth=1):
    """Draw terms; ``smooth`` is about how many texels what texels cost goes on alike."""
    random = np.random.default_rng(seed)

    def pairs():
        return tuple(random.random(shape) for shape in ((h - 1, w), (h, w - 1)))

    coarse = random.normal(size=(-(-h // smooth), -(-w // smooth)))
    return CutTerms(coarse.repeat(smooth, 0).repeat(smooth, 1)[:h, :w].copy(), pairs(), pairs())


@pytest.mark.parametrize("seed", range(8))
def test_no_region_costs_less(seed):
    terms = draw(3, 4, seed)
    every = (np.reshape(bits, (3, 4)) for bits in itertools.product((False, True), repeat=12))
    least = min(terms.measure(region) for region in every)
    region, cost = find_minimum_cut(terms)
    assert cost == pytest.approx(terms.measure(region))
    assert cost == pytest.approx(least, abs=1e-5)


@pytest.mark.parametrize("smooth", [4, 16])
@pytest.mark.parametrize("size", [(96, 96), (71, 130), (300, 41)])
def test_of_a_large_grid_nearly_all_is_gained(size, smooth, monkeypatch):
    terms = draw(*size, 0, smooth)
    _, cost = find_minimum_cut(terms)
    monkeypatch.setattr(minimum_cut, "_LARGEST", 10**6)
    _, least = find_minimum_cut(terms)
    assert least <= cost <= 0.95 * least < 0


def test_pairs_cost_by_the_way_that_they_are_cut():
    one, nothing = np.ones((1, 1)), np.zeros((0, 2))
    terms = CutTerms(np.zeros((1, 2)), (nothing, one * 3), (nothing, one * 5))
    every = ((False, False), (True, False), (False, True), (True, True))
    assert [terms.measure(np.array([bits])) for bits in every] == [0, 3, 5, 0]


@pytest.mark.parametrize("side", [9, 200])
def test_it_goes_round_an_obstacle(side):
    own = np.full((side, side), -0.2)
    own[4, 4] = 1e6
    pairs = np.full((side - 1, side), 0.1), np.full((side, side - 1), 0.1)
    region, _ = find_minimum_cut(CutTerms(own, pairs, pairs))
    assert not region[4, 4]
    assert region.sum() == side**2 - 1


@pytest.mark.parametrize("size", [(160, 150), (161, 149)])
def test_what_has_to_be_taken_or_left_is_whatever_lies_beside_it(size):
    terms = draw(*size, 3, 8)
    random = np.random.default_rng(4)
    taken, left = random.random((2, *size)) < 0.05
    terms.own[taken], terms.own[left] = -1e6, 1e6
    region, _ = find_minimum_cut(terms)
    assert region[taken & ~left].all()
    assert not region[left].any()


def test_where_nothing_is_gained_nothing_is_taken():
    terms = draw(100, 90, 5)
    terms.own[:] = np.abs(terms.own)
    region, cost = find_minimum_cut(terms)
    assert not region.any()
    assert cost == 0
