"""Minimum cuts, against all regions that there are."""

import itertools

import pytest
import torch

from texcore.layout.minimum_cut import CutTerms, find_minimum_cut


def draw(h, w, seed):
    generator = torch.Generator().manual_seed(seed)

    def pairs():
        shapes = (h - 1, w), (h, w - 1)
        return tuple(torch.rand(*shape, generator=generator) for shape in shapes)

    return CutTerms(torch.randn(h, w, generator=generator), pairs(), pairs())


@pytest.mark.parametrize("seed", range(8))
def test_no_region_costs_much_less(seed):
    terms = draw(3, 4, seed)
    every = (torch.tensor(bits).view(3, 4) for bits in itertools.product((0, 1), repeat=12))
    least = min(terms.measure(region) for region in every)
    region, cost = find_minimum_cut(terms, 300)
    assert cost == pytest.approx(terms.measure(region))
    assert cost <= least + 0.02 * abs(least) + 1e-5


def test_pairs_cost_by_the_way_that_they_are_cut():
    one, nothing = torch.ones(1, 1), torch.zeros(0, 2)
    terms = CutTerms(torch.zeros(1, 2), (nothing, one * 3), (nothing, one * 5))
    costs = [terms.measure(torch.tensor([bits])) for bits in ((0, 0), (1, 0), (0, 1), (1, 1))]
    assert costs == [0, 3, 5, 0]


def test_it_goes_round_an_obstacle():
    own = torch.full((9, 9), -0.2)
    own[4, 4] = 50
    pairs = torch.full((8, 9), 0.1), torch.full((9, 8), 0.1)
    region, _ = find_minimum_cut(CutTerms(own, pairs, pairs), 300)
    assert not region[4, 4]
    assert region.sum() == 80
