import pytest
import torch
from torch.testing import assert_close

from texcore.optimisers.pairs import Pairs


def random(n, seed):
    return torch.randn(n, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def history(n, count):
    """Steps and changes of the gradient as a convex function with some curvature gives them."""
    curvature = torch.logspace(-1, 2, n, dtype=torch.float64)
    steps = [random(n, seed) for seed in range(count)]
    return [(s, curvature * s) for s in steps]


def two_loops(pairs, g):
    """Nocedal & Wright 2006, algorithm 7.4, as it stands there."""
    q, weights = g.clone(), []
    for s, y in reversed(pairs):
        weights.append(s.dot(q) / s.dot(y))
        q -= weights[-1] * y
    if pairs:
        s, y = pairs[-1]
        q *= s.dot(y) / y.dot(y)
    for (s, y), a in zip(pairs, reversed(weights), strict=True):
        q += (a - y.dot(q) / s.dot(y)) * s
    return q


def filled(pairs, memory, dtype=torch.float64):
    kept = Pairs(len(pairs[0][0]), memory, dtype, pairs[0][0])
    for s, y in pairs:
        kept.add(s, y)
    return kept


def direction(pairs, g):
    out = torch.empty_like(g)
    pairs.direction(g, out=out)
    return out


@pytest.mark.parametrize("count", [1, 2, 4, 5, 6, 7, 13])
@pytest.mark.parametrize("memory", [1, 2, 5])
def test_is_the_two_loops_over_the_newest_pairs(memory, count):
    pairs, g = history(30, count), random(30, 99)
    wanted = two_loops(pairs[-memory:], g)
    assert_close(direction(filled(pairs, memory), g), -wanted, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("memory", [0, 3])
def test_without_pairs_it_is_the_steepest(memory):
    g = random(8, 0)
    pairs = Pairs(8, memory, g.dtype, g)
    assert not pairs.any()
    assert torch.equal(direction(pairs, g), -g)
    if memory == 0:
        pairs.add(*history(8, 1)[0])
        assert torch.equal(direction(pairs, g), -g)


@pytest.mark.parametrize("bad", [0.0, -1.0])
def test_a_pair_without_positive_curvature_is_not_kept(bad):
    pairs, g = history(20, 4), random(20, 99)
    kept = filled(pairs, 3)
    kept.add(pairs[0][0], bad * pairs[0][1])
    assert_close(direction(kept, g), direction(filled(pairs, 3), g), rtol=1e-12, atol=0)
    kept.add(*pairs[0])
    again = filled([*pairs, pairs[0]], 3)
    assert_close(direction(kept, g), direction(again, g), rtol=1e-12, atol=0)


def test_forgets_only_when_told():
    pairs, g = history(20, 4), random(20, 99)
    kept = filled(pairs, 3)
    kept.forget(torch.tensor(False))
    assert torch.equal(direction(kept, g), direction(filled(pairs, 3), g))
    kept.forget(torch.tensor(True))
    assert torch.equal(direction(kept, g), -g)
    kept.add(*pairs[0])
    assert_close(direction(kept, g), -two_loops(pairs[:1], g), rtol=1e-9, atol=1e-12)


def test_a_direction_upwards_drops_the_pairs():
    pairs, g = history(20, 3), random(20, 99)
    kept = filled(pairs, 3)
    # As rounding may leave them: products that belong to no positive matrix.
    kept.state()["pairs.sy"].mul_(-1)
    assert torch.equal(direction(kept, g), -g)
    assert not kept.any()


def test_a_narrow_type_halves_the_memory_and_hardly_turns_the_direction(monkeypatch):
    monkeypatch.setattr("texcore.optimisers.pairs._CHUNK_COLUMNS", 700)
    pairs, g = history(3000, 7), random(3000, 99)
    pairs = [(s.float(), y.float()) for s, y in pairs]
    wide, narrow = filled(pairs, 5, torch.float32), filled(pairs, 5, torch.bfloat16)
    sizes = [p.state()["pairs.ring"].nbytes for p in (wide, narrow)]
    assert sizes[1] * 2 == sizes[0]
    cosine = torch.cosine_similarity(
        direction(wide, g.float()), direction(narrow, g.float()), dim=0
    )
    assert cosine > 0.999
