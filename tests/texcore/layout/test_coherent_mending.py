"""Mending what is nowhere in the exemplar, and how far windows are from it."""

import numpy as np
import pytest
import torch

from tests.making import blobs, bricks
from texcore.layout.coherent_mending import CoherentMending
from texcore.layout.contexts import Contexts
from texcore.layout.description import describe_texels
from texcore.layout.patchwork import Patchwork, sew_patchwork
from texcore.layout.window_distance import WindowDistance


def sew(exemplar, height, width, seed=0):
    return sew_patchwork(
        exemplar, height, width, torch.Generator().manual_seed(seed), chunk=0.9, mend=False
    )


def find_worst(mending, exemplar):
    """Find the greatest difference of what is laid from the exemplar in its place."""
    shown = mending.patchwork.render(exemplar, *exemplar.shape[1:])
    return float((shown - exemplar).abs().max())


@pytest.mark.parametrize("picture", [blobs, bricks])
@pytest.mark.parametrize("size", [(96, 80), (90, 71)])
def test_windows_and_joints_cost_less_afterwards_and_are_counted_right(picture, size):
    exemplar = torch.from_numpy(picture(48, 56))
    description = describe_texels(exemplar)
    mending = CoherentMending(sew(exemplar, *size), description)
    before = mending.measure_windows() + mending.measure()
    mending.mend_windows(4)
    assert mending.measure_windows() + mending.measure() < 0.95 * before
    anew = CoherentMending(mending.patchwork, description)
    assert mending.measure() == pytest.approx(anew.measure(), rel=1e-4)
    assert mending.measure_windows() == pytest.approx(anew.measure_windows(), rel=1e-4)


def test_a_line_that_ends_inside_a_brick_is_taken_away():
    """A joint goes down to the middle of a brick, where the layout goes on with another brick."""
    exemplar = torch.from_numpy(bricks(72, 64))
    places = np.stack(np.meshgrid(np.arange(72), np.arange(64), indexing="ij"))
    origin = places.copy()
    # Half a brick's height, taken from half a brick's length beside.
    origin[1, 30:36, 16:48] = (origin[1, 30:36, 16:48] + 8) % 64
    mending = CoherentMending(
        Patchwork(torch.from_numpy(origin), (72, 64)), describe_texels(exemplar, far=False)
    )
    before = mending.measure_windows()
    assert find_worst(mending, exemplar) > 0.5  # the line's end against a brick
    mending.mend_windows(4)
    assert mending.measure_windows() < 0.25 * before
    assert find_worst(mending, exemplar) < 0.3  # one brick's colour against another's


def test_two_bricks_that_have_become_one_are_two_again():
    """The joint between them has gone, and no window is as large as what they are now."""
    exemplar = torch.from_numpy(bricks(72, 64))
    every = np.arange(72), np.arange(64)
    places = np.stack(np.meshgrid(*every, indexing="ij"))
    joints = np.flatnonzero(exemplar[0, 32] > 0.6)
    joint = joints[(joints > 20) & (joints < 44)]
    origin = places.copy()
    origin[1, 28:36, joint.min() - 1 : joint.max() + 2] = joint.max() + 4
    made = Patchwork(torch.from_numpy(origin), (72, 64))
    contexts = Contexts(exemplar)

    def measure(mending):
        lost = contexts.measure(mending.patchwork.origin.numpy(), *every)
        return lost.mean() - contexts.measure(places, *every).mean()

    mending = CoherentMending(made, describe_texels(exemplar))
    before = measure(mending)
    assert find_worst(mending, exemplar) > 0.4  # a joint against a brick
    mending.mend_contexts(contexts, 4)
    assert measure(mending) < 0.1 * before
    assert find_worst(mending, exemplar) < 0.3  # one brick's colour against another's


@pytest.mark.parametrize("picture", [blobs, bricks])
@pytest.mark.parametrize("size", [(96, 80), (90, 71)])
def test_contexts_and_joints_cost_less_afterwards(picture, size):
    exemplar = torch.from_numpy(picture(48, 56))
    contexts, every = Contexts(exemplar), [np.arange(n) for n in size]
    mending = CoherentMending(sew(exemplar, *size), describe_texels(exemplar))

    def measure():
        lost = contexts.measure(mending.patchwork.origin.numpy(), *every)
        return 0.3 * lost.mean() + mending.measure()

    before = measure()
    mending.mend_contexts(contexts, 4)
    assert measure() < 0.95 * before


def test_of_the_exemplar_itself_nothing_is_changed():
    exemplar = torch.from_numpy(blobs(40, 40))
    exemplar = torch.cat([exemplar, exemplar.flip(1)], 1)  # it tiles
    exemplar = torch.cat([exemplar, exemplar.flip(2)], 2)
    places = torch.stack(torch.meshgrid(torch.arange(80), torch.arange(80), indexing="ij"))
    mending = CoherentMending(Patchwork(places, (80, 80)), describe_texels(exemplar))
    mending.mend_windows(3)
    assert torch.equal(mending.patchwork.origin, places)


def test_a_torus_smaller_than_a_window_is_measured():
    exemplar = torch.from_numpy(blobs(64, 64))
    mending = CoherentMending(sew(exemplar, 10, 24), describe_texels(exemplar))
    before = mending.measure()
    mending.mend_windows(4)
    assert np.isfinite(mending.measure_windows())
    assert mending.measure() <= 2 * before


@pytest.mark.parametrize("contexts", [False, True])
def test_it_can_be_stopped_before_each_look(contexts):
    def stop():
        raise KeyboardInterrupt

    exemplar = torch.from_numpy(blobs(40, 40))
    mending = CoherentMending(sew(exemplar, 64, 64), describe_texels(exemplar))
    with pytest.raises(KeyboardInterrupt):
        if contexts:
            mending.mend_contexts(Contexts(exemplar), 4, stop)
        else:
            mending.mend_windows(4, stop)
    assert mending.measure() == pytest.approx(
        CoherentMending(mending.patchwork, describe_texels(exemplar)).measure(), rel=1e-4
    )


def test_a_window_is_as_far_as_the_nearest_of_the_exemplars():
    exemplar = torch.rand(3, 40, 48, generator=torch.Generator().manual_seed(0))
    distance = WindowDistance(exemplar, 8)
    found = distance.measure(exemplar)
    assert found.shape == (33, 41)
    assert float(found.max()) < 1e-4
    strange = exemplar.clone()
    strange[:, 20, 20] += 3
    far = distance.measure(strange) > 0.01
    rows, columns = far.nonzero().T
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (13, 20, 13, 20)
