import numpy as np
import pytest

from tests.texcore.objects.making import make_ball, make_plane
from texcore.objects import settling
from texcore.objects.atlas import rasterise
from texcore.objects.charts import Charts
from texcore.objects.points import spread_points
from texcore.objects.settling import Pairs, settle

UP = np.array([0.0, 1.0, 0.0])


def flat_pairs(rows=6, columns=7):
    """A sheet of points, each with those beside it."""
    y, x = np.mgrid[:rows, :columns].astype(float)
    places = 3.0 * (x.ravel() + 1j * y.ravel())
    apart = np.abs(places[:, None] - places[None])
    first, second = np.nonzero((apart > 0) & (apart < 5))
    return Pairs(first, second, places[second] - places[first], 1 / apart[first, second]), places


def test_what_can_lie_flat_lies_flat_however_it_began():
    pairs, flat = flat_pairs()
    bent = flat + np.random.default_rng(0).normal(0, 0.4, (len(flat), 2)) @ [1, 1j]
    settled = settle(pairs, bent, np.ones(len(flat)), 10)
    away = settled.places - (flat - flat[10])
    assert max(np.abs(away.real).max(), np.abs(away.imag).max()) < 0.25
    assert np.abs(settled.stretches).max() < 0.02


def test_the_middle_stays_and_keeps_its_directions():
    pairs, flat = flat_pairs()
    settled = settle(pairs, -1j * flat, np.ones(len(flat)), 3)
    assert settled.places[3] == pytest.approx(0) and settled.turns[3] == pytest.approx(1)
    assert settled.places == pytest.approx(flat - flat[3], abs=1e-6)


def test_stretches_tell_how_much_larger_a_sheet_lies_than_it_is():
    pairs, flat = flat_pairs()
    larger = Pairs(pairs.first, pairs.second, pairs.seen / 1.3, pairs.weights)
    sights = settling._Sights(larger, len(flat))
    assert sights.measure_stretches(flat * np.exp(0.4j)) == pytest.approx(np.log(1.3))


def test_a_point_without_neighbours_moves_nothing():
    pairs, flat = flat_pairs()
    places = np.concatenate([flat, [500 + 500j]])
    settled = settle(pairs, places, np.ones(len(places)), 0)
    assert settled.places[:-1] == pytest.approx(flat, abs=1e-6)
    assert settled.stretches[-1] == 0


def measure_sizes(mesh, radius):
    """By how much a chart about one point of a surface enlarges what is on it."""
    atlas = rasterise(mesh, 128, 256, "object").look_up()
    points = spread_points(atlas, UP)
    middle = int(points.positions[:, 2].argmax())
    chart = Charts(atlas, points).lay_flat(middle, radius)
    flat, solid = chart.places, atlas.positions[chart.texels]
    apart = np.linalg.norm(solid[:, None] - solid[None], axis=2)
    near = (apart > 0) & (apart < 6)
    return np.linalg.norm(flat[:, None] - flat[None], axis=2)[near] / apart[near]


def test_on_a_ball_a_chart_keeps_sizes_or_leaves_them_out():
    mesh = make_ball()
    atlas = rasterise(mesh, 128, 256, "object").look_up()
    radius = float(np.linalg.norm(atlas.positions, axis=1).mean())
    sizes = measure_sizes(mesh, 1.2 * radius)
    # By an exponential map alone: 1.05 and, at the rim, up to 1.35.
    assert np.median(sizes) == pytest.approx(1, abs=0.02)
    assert np.percentile(sizes, 1) > 0.86 and np.percentile(sizes, 99) < 1.26
    assert np.median(measure_sizes(make_plane(2, 1), 40)) == pytest.approx(1, abs=1e-6)
