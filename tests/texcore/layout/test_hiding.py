"""Hiding joints where a picture is steep."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from texcore.layout import hiding as hiding_room
from texcore.layout.hiding import Hiding
from texcore.layout.mending import Mending
from texcore.layout.patchwork import Patchwork


@given(st.integers(6, 20), st.integers(6, 20), st.integers(0, 99))
def test_the_steeper_the_picture_the_less_a_joint_costs(h, w, seed):
    noise = torch.rand(3, h, w, generator=torch.Generator().manual_seed(seed))
    hiding, places = Hiding(noise), np.arange(h * w)
    for axis in (0, 1):
        steep = noise.diff(dim=axis + 1, append=noise.narrow(axis + 1, -1, 1)).norm(dim=0).flatten()
        factors = hiding.measure(axis, places, places)
        assert (np.diff(factors[steep.argsort()]) <= 1e-6).all()
        assert 0.9 < factors.min() < factors.max() <= 1.5


def test_of_what_is_flat_all_joints_cost_the_same():
    hiding, places = Hiding(torch.full((2, 8, 9), 0.5)), np.arange(72)
    assert len(np.unique(hiding.measure(0, places, places))) == 1


@pytest.mark.parametrize(("weight", "share"), [(2.0, 0.8), (hiding_room._STEEPNESS_WEIGHT, 0.9)])
def test_a_joint_along_an_outline_costs_less_than_one_across_a_face(monkeypatch, weight, share):
    """Stripes of two shades, laid beside themselves one row up: as different everywhere."""
    monkeypatch.setattr(hiding_room, "_STEEPNESS_WEIGHT", weight)
    light = (torch.arange(32) % 16 < 8).float()
    exemplar = torch.stack(
        [light.expand(16, 32), 0.5 * (torch.arange(16) % 2)[:, None].expand(16, 32)]
    )
    rows, columns = torch.meshgrid(torch.arange(16), torch.arange(32), indexing="ij")

    def cost(column):
        moved = torch.where((columns >= column) & (columns < column + 16), (rows + 1) % 16, rows)
        return Mending(Patchwork(torch.stack([moved, columns]), (16, 32)), exemplar).measure()

    assert cost(8) < share * cost(4)
