import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.making import blobs
from texcore.layout.arrangement import arrange_anew
from texcore.layout.progression import Progression


@st.composite
def progressions(draw):
    shown = draw(st.integers(16, 200))
    length = draw(st.integers(shown, 2 * shown))
    return Progression(draw(st.integers(0, 1)), shown, length, draw(st.integers(8, 100)))


@given(progressions())
def test_the_exemplar_is_gone_through_once_and_what_is_cut_off_belongs_to_the_nearer_end(progress):
    wanted = progress.find_wanted(torch.arange(progress.length))
    shown, beyond = wanted[: progress.shown], wanted[progress.shown :]
    assert (shown.diff() > 0).all() and shown[0] > 0 and shown[-1] < progress.side
    assert set(beyond.tolist()) <= {float(shown[0]), float(shown[-1])}
    assert torch.equal(
        wanted, progress.find_wanted(torch.arange(progress.length) - progress.length)
    )


@given(progressions(), st.integers(-100, 300))
def test_the_best_window_lies_about_the_place_that_is_wanted(progress, place):
    window = progress.side // 4
    away = progress.measure_windows(place, window, progress.side - window + 1)
    wanted = float(progress.find_wanted(torch.tensor([place + window // 2])))
    best = int(away.argmin())
    near = min(max(wanted - window / 2, 0), progress.side - window)
    assert abs(best - near) <= 0.5 + 1e-3


def test_texels_are_measured_along_the_axis():
    places = np.arange(20)
    for axis in (0, 1):
        progress = Progression(axis, 20, 20, 20)
        rows, columns = np.meshgrid(places, places, indexing="ij")
        assert not progress.measure_origins((rows, columns)[axis], places).any()
        assert progress.measure_origins((columns, rows)[axis], places).max() > 50


def test_pieces_are_from_about_their_places():
    exemplar = torch.from_numpy(blobs(48, 48))
    for axis in (0, 1):
        size = (120, 72) if axis == 0 else (72, 120)
        progress = Progression(axis, 108, 120, 48)
        _, made = arrange_anew(
            exemplar, size, torch.Generator().manual_seed(axis), progression=progress
        )
        away = progress.measure_origins(made.origin[axis].numpy(), np.arange(120))
        shown = away.take(np.arange(108), axis)
        _, free = arrange_anew(exemplar, size, torch.Generator().manual_seed(axis))
        astray = progress.measure_origins(free.origin[axis].numpy(), np.arange(120))
        assert 4 * shown.mean() < astray.mean()
