"""Measuring what is wrong in a layout besides its joints, at first and where it changes."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.making import blobs, bricks
from texcore.layout import contexts as module
from texcore.layout import faults
from texcore.layout.contexts import Contexts
from texcore.layout.description import describe_texels
from texcore.layout.faults import ContextFaults, WindowFaults
from texcore.layout.patchwork import sew_patchwork
from texcore.layout.window_distance import WindowDistance


def sew(exemplar, height, width, seed=0):
    """Sew a patchwork; return where each of its texels is from, shape (2, height, width)."""
    made = sew_patchwork(
        exemplar, height, width, torch.Generator().manual_seed(seed), chunk=0.9, mend=False
    )
    return made.origin.numpy().copy()


def find_windows(exemplar, origin, side=8):
    description = describe_texels(exemplar)
    texels = description.numpy()
    return WindowFaults(
        origin,
        lambda at: texels[:, at[0], at[1]].transpose(1, 2, 0),
        WindowDistance(description, side),
    )


@pytest.mark.parametrize("kind", ["windows", "contexts"])
@settings(max_examples=15, deadline=None)
@given(st.integers(0, 89), st.integers(0, 70), st.integers(1, 30), st.integers(1, 30))
def test_what_changes_is_counted_as_if_all_were_measured_anew(kind, top, left, high, wide):
    exemplar = torch.from_numpy(blobs(48, 40))
    contexts = Contexts(exemplar)

    def find(origin):
        return (
            find_windows(exemplar, origin) if kind == "windows" else ContextFaults(origin, contexts)
        )

    origin = sew(exemplar, 90, 71)
    found = find(origin)
    before = found.values.sum()
    rows, columns = np.arange(top, top + high), np.arange(left, left + wide)
    down, across = np.ix_(rows % 90, columns % 71)
    origin[:, down, across] = np.stack(np.meshgrid(rows % 48, columns % 40, indexing="ij"))
    change = found.try_out(rows, columns)
    found.keep(change)
    anew = find(origin).values
    # Beyond what a way is followed there is hardly anything to be seen.
    slack = 0.02 if kind == "contexts" else 1e-4
    assert float((found.values - anew).abs().mean()) < slack * float(anew.mean())
    weight = 0.3 if kind == "contexts" else 1.0
    assert change.cost == pytest.approx(
        weight * float(found.values.sum() - before), rel=1e-3, abs=1e-2
    )


def test_a_large_torus_is_measured_in_bands(monkeypatch):
    exemplar = torch.from_numpy(blobs(40, 40))
    origin = sew(exemplar, 90, 71)
    sizes = []

    class Measured(WindowDistance):
        def measure(self, description):
            sizes.append(description.shape[1] * description.shape[2])
            return super().measure(description)

    monkeypatch.setattr(f"{__name__}.WindowDistance", Measured)
    whole = find_windows(exemplar, origin).values
    assert sizes == [(90 + 7) * (71 + 7)]
    monkeypatch.setattr(faults, "_BAND_WINDOWS", 300)
    sizes.clear()
    bands = find_windows(exemplar, origin).values
    assert sizes == [(4 + 7) * (71 + 7)] * 22 + [(2 + 7) * (71 + 7)]
    assert torch.allclose(bands, whole, atol=1e-5)


def test_contexts_of_a_large_torus_are_measured_in_bands(monkeypatch):
    exemplar = torch.from_numpy(blobs(40, 40))
    origin = sew(exemplar, 90, 71)
    whole = ContextFaults(origin, Contexts(exemplar)).values
    monkeypatch.setattr(faults, "_BAND_TEXELS", 300)
    checks = []
    bands = ContextFaults(origin, Contexts(exemplar), lambda: checks.append(1)).values
    assert len(checks) == 23
    assert torch.allclose(bands, whole, atol=1e-3)


@pytest.mark.parametrize("n", [5, 24, 25, 71])
@pytest.mark.parametrize("window", [4, 13, 20])
def test_the_windows_that_have_a_texel_are_found(n, window):
    exemplar = torch.rand(1, 40, 40, generator=torch.Generator().manual_seed(0))
    origin = np.stack(np.meshgrid(np.arange(n) % 40, np.arange(n) % 40, indexing="ij"))
    found = find_windows(exemplar, origin, window)
    step = WindowDistance(exemplar, window).step
    firsts = np.arange(0, n, step)
    for texels in ([0], [n - 1], [n // 2, n // 2 + 1]):
        having = [bool({(first + i) % n for i in range(window)} & set(texels)) for first in firsts]
        change = found.try_out(np.array(texels), np.array(texels))
        assert change.rows.tolist() == change.columns.tolist() == np.nonzero(having)[0].tolist()


def test_what_is_as_in_the_exemplar_has_lost_nothing():
    """But where the exemplar's border is near, beyond which the layout goes on in another way."""
    wall = torch.from_numpy(bricks(144, 128))
    every = np.arange(144), np.arange(128)
    lost = Contexts(wall).measure(np.stack(np.meshgrid(*every, indexing="ij")), *every)
    assert lost[40:100, 40:90].max() < 0.02
    assert lost.mean() > lost[40:100, 40:90].mean()


def test_ways_are_those_that_a_step_at_a_time_goes():
    through = torch.rand(50, 61, generator=torch.Generator().manual_seed(0)) * 0.95
    up, down, left, right = module._look_all_ways(through, 3.0)
    for found, rows in (
        (up, through),
        (down.flip(0), through.flip(0)),
        (left.T, through.T),
        (right.flip(1).T, through.flip(1).T),
    ):
        path = torch.full((rows.shape[1],), 3.0)
        for at, row in enumerate(rows):
            assert torch.allclose(found[at], path, rtol=1e-4)
            path = row * (1 + path)


def test_the_worst_is_not_looked_at_for_ever():
    exemplar = torch.from_numpy(bricks(72, 64))
    found = ContextFaults(sew(exemplar, 144, 128), Contexts(exemplar))
    places = [found.find_worst() for _ in range(12)]
    assert len(set(places)) > 6
