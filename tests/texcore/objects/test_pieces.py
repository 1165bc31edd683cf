import math

import numpy as np
import pytest
import torch

from tests.making import blobs
from tests.texcore.objects.making import make_ball, make_plane
from texcore.exemplars.directions import Directions
from texcore.objects.atlas import rasterise
from texcore.objects.charts import Charts
from texcore.objects.crumbs import Beside
from texcore.objects.parts import Parts
from texcore.objects.photo import Photo, sample_photo
from texcore.objects.pieces import Pieces
from texcore.objects.points import spread_points
from texcore.objects.turning import turn_directions

SIDE, CORNER = 60, (20, 30)


class Surface:
    """A surface and, on it, a photo's pieces."""

    def __init__(self, mesh, height=72, width=144):
        self.photo = torch.from_numpy(blobs(160, 160))
        self.atlas = rasterise(mesh, height, width, "object").look_up()
        self.points = spread_points(self.atlas, np.array([0.0, 1.0, 0.0]))
        self.charts = Charts(self.atlas, self.points)
        parts = Parts(self.atlas, np.zeros(len(self.atlas.texels), np.int64), 1, 4)
        self.pieces = Pieces([Photo(self.photo, SIDE)], SIDE, parts)
        self.sewn = self.pieces.sewn

    def lay(self, place, radius, corner=CORNER, within=math.inf):
        """Lay a piece about a place, and no farther from it than this; returns its number."""
        middle = int(np.linalg.norm(self.points.positions - place, axis=1).argmin())
        chart = self.charts.lay_flat(middle, radius, 0.5)
        number = self.pieces.add(chart, 0, corner)
        self.pieces.take(chart.select(np.linalg.norm(chart.places, axis=1) < within), number)
        return number

    def find_spot(self, place, radius):
        return np.linalg.norm(self.atlas.positions - place, axis=1) < radius

    def merge(self, least):
        self.pieces.merge_crumbs(Beside(self.atlas), least)


@pytest.mark.parametrize("other", [True, False])
def test_a_piece_goes_on_over_a_crumb_as_if_it_had_always_had_it(other):
    surface = Surface(make_ball())
    radius = np.linalg.norm(surface.atlas.positions, axis=1).mean()
    piece = surface.lay([0, 0, radius], 30)
    origins = surface.sewn.origins.copy()
    spot = surface.find_spot([0, 5, radius], 4)
    if other:
        surface.lay([0, 5, radius], 4, (90, 90))
    else:
        surface.sewn.pieces[spot] = -1
    surface.merge(150)
    assert (surface.sewn.pieces[spot] == piece).all()
    assert np.abs(surface.sewn.origins - origins)[spot].max() < 1e-4


def test_of_two_pieces_beside_a_crumb_the_one_less_stretched_goes_on():
    surface = Surface(make_ball(), 128, 256)
    radius = np.linalg.norm(surface.atlas.positions, axis=1).mean()
    numbers = (
        surface.lay([0, 0, radius], 1.5 * radius, (50, 50)),
        surface.lay([radius, 0, 0], 1.3 * radius, (50, 50), within=0.8 * radius),
    )
    begun = surface.sewn.pieces.copy()
    border = Beside(surface.atlas).find_around(np.flatnonzero(begun == 1))
    chosen = set()
    for texel in border[begun[border] == 0][::9]:
        spot = surface.find_spot(surface.atlas.positions[texel], 3)
        charts = [surface.pieces.get_chart(n) for n in numbers]
        there = [np.isin(chart.texels, np.flatnonzero(spot)) for chart in charts]
        wider = surface.find_spot(surface.atlas.positions[texel], 6)
        if min(t.sum() for t in there) < spot.sum() or (begun[wider] < 0).any():
            continue
        stretches = [np.abs(c.stretches[t]).mean() for c, t in zip(charts, there, strict=True)]
        surface.sewn.pieces[:] = np.where(spot, -1, begun)
        surface.merge(60)
        assert (surface.sewn.pieces[spot] == np.argmin(stretches)).all()
        chosen.add(int(np.argmin(stretches)))
    assert chosen == {0, 1}


def test_what_neither_chart_nor_photo_has_stays():
    surface = Surface(make_plane(2, 1))
    piece = surface.lay([60, 36, 0], 20)
    beyond = surface.find_spot([60, 36, 0], 25) & (surface.sewn.pieces < 0)
    surface.merge(10**6)
    assert beyond.any() and (surface.sewn.pieces[beyond] == -1).all()
    # Of the photo it has all to the left of the middle, and beyond that no more.
    at_border = surface.lay([60, 36, 0], 20, (20, 160 - SIDE // 2))
    surface.sewn.pieces[surface.sewn.pieces == piece] = -1
    right = surface.find_spot([70, 36, 0], 4)
    surface.sewn.pieces[right] = -1
    surface.merge(100)
    assert (surface.sewn.pieces[right] == -1).all()
    left = surface.find_spot([50, 36, 0], 4)
    surface.sewn.pieces[left] = -1
    surface.merge(100)
    assert (surface.sewn.pieces[left] == at_border).all()


def test_a_photos_texels_are_sampled_at_their_middles():
    photo = torch.rand(3, 20, 30, generator=torch.Generator().manual_seed(0))
    columns, rows = np.meshgrid(np.arange(30) + 0.5, np.arange(20) + 0.5)
    sampled = sample_photo(photo, np.stack([columns.ravel(), rows.ravel()], 1))
    assert np.allclose(sampled.reshape(3, 20, 30), photo.numpy(), atol=1e-5)


def test_normals_turn_with_their_picture():
    slope = np.array([0.6, 0.0, 0.8], np.float32)[:, None] / 2 + 0.5
    # Turned by a quarter from right to down, what rose to the right rises downwards.
    turned = turn_directions(slope, (Directions(),), np.array([math.pi / 2])) * 2 - 1
    assert turned[:, 0].round(4).tolist() == pytest.approx([0, -0.6, 0.8], abs=1e-4)
