"""Mending the joints of a patchwork."""

import numpy as np
import pytest
import torch

from tests.making import blobs, bricks
from texcore.layout.arrangement import centre_exemplar
from texcore.layout.description import describe_texels
from texcore.layout.lattice import Lattice
from texcore.layout.mending import Mending
from texcore.layout.patchwork import Patchwork, sew_patchwork


def sew(exemplar, height, width, seed=0):
    return sew_patchwork(
        exemplar, height, width, torch.Generator().manual_seed(seed), chunk=0.9, mend=False
    )


def measure_anew(mending, description):
    """Measure the joints of what has been made as if it were new."""
    return Mending(mending.patchwork, description).measure()


@pytest.mark.parametrize("picture", [blobs, bricks])
def test_joints_cost_less_afterwards_and_are_counted_right_all_along(picture):
    exemplar = torch.from_numpy(picture(40, 48))
    description = describe_texels(exemplar)
    mending = Mending(sew(exemplar, 80, 72), description)
    costs = [mending.measure()]
    for _ in range(3):
        mending.mend(4)
        costs.append(mending.measure())
        assert costs[-1] == pytest.approx(measure_anew(mending, description), rel=1e-4)
    assert costs[1] < 0.8 * costs[0]
    assert costs[3] < costs[0]


def test_what_it_was_made_of_stays_as_it_is():
    exemplar = torch.from_numpy(blobs(32, 32))
    made = sew(exemplar, 64, 64)
    before = made.origin.clone()
    mending = Mending(made, describe_texels(exemplar))
    mending.mend(6)
    assert torch.equal(made.origin, before)
    assert not torch.equal(mending.patchwork.origin, before)


def test_without_a_joint_nothing_costs_anything_and_nothing_is_changed():
    exemplar = torch.full((3, 24, 32), 0.5)
    places = np.stack(np.meshgrid(np.arange(48) % 24, np.arange(64) % 32, indexing="ij"))
    made = Patchwork(torch.from_numpy(places), (24, 32))
    mending = Mending(made, describe_texels(exemplar))
    mending.mend(2)
    assert mending.measure() == 0


@pytest.mark.parametrize("picture", [blobs, bricks])
@pytest.mark.parametrize("sides", [(64, 56), (70, 60)])
def test_what_has_a_home_stays_there_and_its_joints_cost_less(picture, sides):
    exemplar = torch.from_numpy(picture(*sides))
    description = describe_texels(exemplar)
    home = centre_exemplar((64, 60), sides)
    generator = torch.Generator().manual_seed(0)
    made = sew_patchwork(exemplar, 64, 60, generator, home=home, chunk=0.25)
    mending = Mending(made, description, home=home)
    mending.mend(16)
    rows, columns = (np.arange(64) - home[0])[:, None], (np.arange(60) - home[1])[None]

    edge = round(min(sides) / 16)
    inside = (rows >= edge) & (rows < sides[0] - edge)
    inside = inside & (columns >= edge) & (columns < sides[1] - edge)

    def stays(patchwork):
        row, column = patchwork.origin.numpy()
        return (row == rows) & (column == columns)

    assert stays(mending.patchwork)[inside].mean() > max(0.6, stays(made)[inside].mean())
    before = Mending(made, description).measure()
    assert measure_anew(mending, description) < 0.8 * before
    at_home = stays(made)
    expected = 0.2 * (inside & ~at_home) + 0.05 * (at_home & ~inside)
    cost = Mending(made, description, home=home).measure() - before
    assert cost == pytest.approx(expected.mean(), rel=1e-3)


def test_what_repeats_stays_in_step():
    exemplar = torch.from_numpy(bricks(72, 64))
    periods = (18.0, 16.0)
    lattice = Lattice(exemplar, periods)
    generator = torch.Generator().manual_seed(0)
    made = sew_patchwork(exemplar, 144, 128, generator, chunk=0.9, lattice=lattice, mend=False)
    mending = Mending(made, describe_texels(exemplar), lattice)
    mending.mend(8)
    assert lattice.measure_scatter(mending.patchwork.origin) < 0.1


def test_what_is_out_of_step_is_brought_into_step():
    """Two courses lie half a brick along: between them and the others no joint is seen."""
    exemplar = torch.from_numpy(bricks(72, 64))
    rows, columns = torch.meshgrid(torch.arange(144), torch.arange(128), indexing="ij")
    mortar = int(exemplar[:, 27:36].mean((0, 2)).argmax()) + 27
    moved = torch.where((rows >= mortar) & (rows < mortar + 18), columns + 8, columns) % 64
    lattice = Lattice(exemplar, (18.0, 16.0), own=(18.0, 16.0))
    made = Patchwork(torch.stack([rows % 72, moved]), (72, 64))
    mending = Mending(made, describe_texels(exemplar), lattice)
    y, x = (round(of) for of in lattice.find_phase(made.origin))

    def measure_out(origin):
        return lattice.measure_each(rows - origin[0] - y, columns - origin[1] - x).mean()

    before = measure_out(made.origin)
    mending.mend(8)
    assert measure_out(mending.patchwork.origin) < 0.1 * before


def test_what_is_out_of_step_costs_beside_its_joints_by_how_much_it_is():
    exemplar = torch.from_numpy(bricks(72, 64))
    description, periods = describe_texels(exemplar), (18.0, 16.0)
    lattice = Lattice(exemplar, periods, own=periods)
    rows, columns = torch.meshgrid(torch.arange(144), torch.arange(128), indexing="ij")

    def measure(count):
        moved = torch.stack([(rows + 5 * (columns < count)) % 72, columns % 64])
        made = Patchwork(moved, (72, 64))
        in_step = Mending(made, description, lattice).measure()
        return in_step - Mending(made, description).measure()

    assert measure(0) == 0
    assert measure(20) > 0.02
    assert measure(40) == pytest.approx(2 * measure(20), rel=1e-3)


def test_the_exemplar_is_used_evenly_where_it_makes_no_difference():
    """Of noise nothing fits better than anything else: all of it is used about as often."""
    exemplar = torch.rand(3, 32, 32, generator=torch.Generator().manual_seed(0))
    mending = Mending(sew(exemplar, 96, 96), describe_texels(exemplar))
    mending.mend(8)
    row, column = mending.patchwork.origin.flatten(1)
    counts = torch.bincount(row // 8 * 4 + column // 8, minlength=16)
    assert counts.max() < 2.5 * counts.float().mean()
