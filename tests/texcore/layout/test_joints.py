import numpy as np
import pytest
import torch

from texcore.layout.joints import Joints
from texcore.layout.patchwork import sew_patchwork


def picture(side=64):
    return np.random.default_rng(3).random((3, side, side), np.float32)


def plain(height, width):
    """Every texel from its own place."""
    return np.indices((height, width))


def reference(source, origin):
    """Of all pairs of neighbours on the torus, one by one."""
    height, width = origin.shape[1:]
    value = np.pad(source, ((0, 0), (1, 1), (1, 1)), "edge").astype(np.float64)
    cost = 0.0
    for y, x in np.ndindex(height, width):
        for dy, dx in ((1, 0), (0, 1)):
            s, t = origin[:, y, x], origin[:, (y + dy) % height, (x + dx) % width]
            after, before = s + np.array([dy, dx]), t - np.array([dy, dx])
            if (after != t).any():
                at_s, at_t, beyond, back = (
                    value[:, i + 1, k + 1] for i, k in (s, t, after, before)
                )
                cost += ((at_s - back) ** 2 + (beyond - at_t) ** 2).sum()
    return cost


@pytest.mark.parametrize("seed", [0, 1])
def test_joints_cost_what_either_side_would_have_been(seed, monkeypatch):
    monkeypatch.setattr("texcore.layout.joints._ROWS_AT_ONCE", 7)
    source = picture(24)
    squares = np.random.default_rng(seed).integers(0, 24, (2, 5, 7))
    origin = squares.repeat(4, 1).repeat(4, 2)
    origin[:, :8, :8] = plain(8, 8)
    assert Joints(source, origin, 6).cost == pytest.approx(reference(source, origin))


def test_an_even_exemplar_has_no_joints():
    joints = Joints(np.ones((3, 32, 32), np.float32), plain(32, 32), 8)
    assert joints.cost == 0
    assert joints.find_worst() is None


def test_the_worst_place_is_where_a_joint_is_and_another_one_comes_next():
    source = np.zeros((1, 64, 64), np.float32)
    source[:, 40:, 40:] = np.random.default_rng(0).random((24, 24))
    origin = plain(64, 64) % 30  # even
    origin[:, 20:24, 44:48] += 36
    origin[:, 4:7, 4:7] += 36
    joints = Joints(source, origin, 8)
    row, column = joints.find_worst()
    assert 16 <= row < 24
    assert 40 <= column < 48
    assert (4, 4) in {joints.find_worst() for _ in range(6)}


@pytest.mark.parametrize("better", [True, False])
def test_a_change_is_noted_only_if_it_makes_joints_better(better):
    source, good = picture(), plain(48, 48)
    bad = good.copy()
    bad[:, 10:20, 10:20] = good[:, 10:20, 10:20] + 9
    origin = (bad if better else good).copy()
    joints = Joints(source, origin, 8)
    before = joints.cost
    origin[:] = good if better else bad
    assert joints.keep_if_better(10, 10, 10) is better
    assert joints.cost == pytest.approx(Joints(source, good, 8).cost, rel=1e-5)
    assert (joints.cost < before) is better


def test_it_goes_on_across_the_wrap():
    source, origin = picture(), plain(48, 48).copy()
    joints = Joints(source, origin, 8)
    at = np.ix_(np.arange(-5, 5) % 48, np.arange(-5, 5) % 48)
    origin[:, at[0], at[1]] = 20 + np.indices((10, 10))
    joints.keep_if_better(-5, -5, 10)
    origin_now = Joints(source, origin, 8).cost
    assert joints.cost == pytest.approx(min(origin_now, Joints(source, plain(48, 48), 8).cost))


def test_a_patchwork_of_another_layout_is_mended(monkeypatch):
    exemplar = torch.nn.functional.interpolate(
        torch.rand(1, 3, 12, 12, generator=torch.Generator().manual_seed(1)), size=(96, 96)
    )[0]
    costs = []
    for _ in range(2):
        made = sew_patchwork(exemplar, 128, 128, torch.Generator().manual_seed(0))
        costs.append(Joints(exemplar.numpy(), made.origin.numpy(), 16).cost)
        monkeypatch.setattr("texcore.layout.patchwork._Sewing.mend", lambda *_: None)
    assert costs[0] < 0.9 * costs[1]
