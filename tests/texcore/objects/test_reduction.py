import numpy as np
import pytest
import torch

from tests.texcore.objects.making import join, make_ball, make_grid, make_plane, make_tube
from texcore.objects.atlas import rasterise
from texcore.objects.charts import Charts
from texcore.objects.points import spread_points
from texcore.objects.reduction import Refinement, reduce_photo, reduce_surface

UP = np.array([0.0, 1.0, 0.0])


def reduce(mesh, height, width, factor):
    return reduce_surface(rasterise(mesh, height, width, "object"), factor)


def lay(mesh, height, width, factor, place, radius):
    """Lay a chart about a place, in texels of the whole surface, and find all of its texels."""
    reduction = reduce(mesh, height, width, factor)
    points = spread_points(reduction.atlas, UP)
    charts = Charts(reduction.atlas, points)
    middle = int(np.linalg.norm(factor * points.positions - place, axis=1).argmin())
    small = charts.lay_flat(middle, radius / factor)
    return reduction, factor * points.positions[middle], small, Refinement(reduction, charts)


@pytest.mark.parametrize("factor", [1, 2, 3])
def test_each_texel_is_stood_for_by_one_of_its_square(factor):
    reduction = reduce(make_tube(cuts=3), 61, 95, factor)
    raster, members = reduction.raster, reduction.members
    assert sorted(members[members >= 0].tolist()) == list(range(len(raster.texels)))
    number, slot = np.nonzero(members >= 0)
    assert (reduction.of[members[number, slot]] == number).all()
    row, column = np.divmod(raster.texels, 95)
    width = -(-95 // factor)
    assert reduction.atlas.width == width and reduction.atlas.height == -(-61 // factor)
    square = row // factor * width + column // factor
    assert (reduction.atlas.texels[reduction.of] == square).all()
    whole = raster.look_up()
    away = whole.positions - factor * reduction.give_back(reduction.atlas.positions)
    assert np.linalg.norm(away, axis=1).max() < 2 * factor


def test_islands_that_touch_in_the_texture_are_stood_for_apart():
    sheets = [
        make_grid(lambda u, v, z=z: (u, v, 0 * u + z), box=(left, 0, left + 0.5, 1))
        for z, left in ((0, 0), (9, 0.5))
    ]
    # The border between them runs through the middle of squares.
    reduction = reduce(join(*sheets), 40, 42, 2)
    back = reduction.give_back(reduction.atlas.positions[:, 2])
    assert np.allclose(2 * back, reduction.raster.look_up().positions[:, 2])
    assert len(reduction.atlas.texels) == 20 * 22


@pytest.mark.parametrize("factor", [2, 3])
def test_a_plane_is_laid_flat_as_it_is_with_all_of_its_texels(factor):
    reduction, middle, small, refinement = lay(
        make_plane(2, 1), 48, 96, factor, np.array([48, 24, 0]), 20
    )
    chart = refinement.refine(small)
    assert len(chart.texels) == len(set(chart.texels.tolist())) == len(small.texels) * factor**2
    there = reduction.raster.look_up(chart.texels).positions - middle
    assert np.abs(chart.places - there[:, :2] * [1, -1]).max() < 1e-4


def test_a_balls_texels_lie_on_a_chart_as_evenly_as_those_of_its_atlas():
    reduction, _, small, refinement = lay(make_ball(), 128, 256, 2, np.array([0, 0, 1000.0]), 40)
    chart = refinement.refine(small)
    solid = reduction.raster.look_up(chart.texels).positions
    near = np.linalg.norm(chart.places, axis=1) < 30
    flat, solid = chart.places[near][::3], solid[near][::3]
    apart = np.linalg.norm(solid[:, None] - solid[None], axis=2)
    some = (apart > 0) & (apart < 3)
    sizes = np.linalg.norm(flat[:, None] - flat[None], axis=2)[some] / apart[some]
    assert np.percentile(sizes, [1, 99]) == pytest.approx([1, 1], abs=0.15)


def test_a_photo_is_reduced_by_the_same_factor():
    ramp = torch.arange(21.0).expand(1, 7, 21)
    reduced = reduce_photo(ramp, 2)
    assert reduced.shape == (1, 3, 10)
    assert torch.allclose(reduced[0, :, 3:7], torch.tensor([6.5, 8.5, 10.5, 12.5]), atol=1e-3)
    assert (reduce_photo(ramp, 1) == ramp).all()
