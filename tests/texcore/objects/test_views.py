import numpy as np
import pytest
import torch

from tests.texcore.objects.making import make_ball, make_plane, make_tube
from texcore.objects.atlas import rasterise
from texcore.objects.charts import Charts
from texcore.objects.padding import fill_islands
from texcore.objects.points import spread_points
from texcore.objects.reduction import Refinement, reduce_surface
from texcore.objects.views import choose_middles, plan_views, show_as_views_do

UP = np.array([0.0, 1.0, 0.0])


def lay(mesh, height, width, factor=1):
    reduction = reduce_surface(rasterise(mesh, height, width, "object"), factor)
    points = spread_points(reduction.atlas, UP)
    charts = Charts(reduction.atlas, points)
    return Refinement(reduction, charts), points, charts


def test_every_point_is_near_to_a_middle():
    _, points, charts = lay(make_tube(), 80, 120)
    for outwards in (0.0, 0.9):
        middles = choose_middles(charts, points, 20, outwards)
        near = np.zeros(len(points.positions), bool)
        for middle in middles:
            found, distance = charts.reach(middle, 20)
            near[found[distance <= 20]] = True
        assert near.all()
    assert len(middles) < len(choose_middles(charts, points, 20, 0.0))


@pytest.mark.parametrize("factor", [1, 2])
def test_a_view_shows_what_is_there(factor):
    refinement, points, charts = lay(make_plane(2, 1), 64, 128, factor)
    atlas = refinement.reduction.raster.look_up()
    texels = torch.stack(
        [torch.from_numpy(atlas.positions[:, axis]).float() / 128 for axis in (0, 1)]
    )
    for view in plan_views(charts, points, refinement, 32, 4):
        shown = view.show(texels) * 128
        # Beyond the plane's border there is nothing but its last texels.
        inside = ((shown > 1) & (shown < torch.tensor([127.0, 63.0])[:, None, None])).all(0)
        across, down = shown.diff(dim=2)[0], -shown.diff(dim=1)[1]
        assert (across[inside[:, :-1] & inside[:, 1:]] - 1).abs().max() < 0.1
        assert (down[inside[:-1] & inside[1:]] - 1).abs().max() < 0.1


@pytest.mark.parametrize("factor", [1, 2])
@pytest.mark.parametrize("mesh", [make_plane(2, 1), make_tube(cuts=3)])
def test_views_weigh_all_of_the_surface_about_once(mesh, factor):
    refinement, points, charts = lay(mesh, 80, 120, factor)
    views = plan_views(charts, points, refinement, 40, 4)
    total = sum(float(view.weight.sum()) for view in views)
    assert total == pytest.approx(len(refinement.reduction.of), rel=0.12)


def test_gradients_go_back_by_the_transpose():
    refinement, points, charts = lay(make_tube(), 60, 90)
    view = plan_views(charts, points, refinement, 32, 4)[0]
    generator = torch.Generator().manual_seed(0)
    texels = torch.rand(3, len(refinement.reduction.of), generator=generator)
    image = torch.rand(3, 32, 32, generator=generator)
    back = torch.zeros_like(texels)
    view.pull_back(image, back)
    assert float((view.show(texels) * image).sum()) == pytest.approx(
        float((texels * back).sum()), rel=1e-4
    )


@pytest.mark.parametrize("factor", [1, 2, 3])
def test_beyond_an_island_lies_what_is_beyond_the_cut(factor):
    raster = rasterise(make_tube(cuts=2), 100, 200, "tube")
    atlas = raster.look_up()
    # A colour that goes round the tube once, without a step where it is cut.
    angle = np.arctan2(atlas.positions[:, 0], atlas.positions[:, 2])
    texels = torch.from_numpy(np.stack([np.sin(angle), np.cos(angle)])).float()
    filled = fill_islands(reduce_surface(raster, factor), texels).numpy()
    assert np.isfinite(filled).all()
    steps = np.abs(np.diff(filled[:, 20:-20], axis=2)).max(0)
    assert steps[:, :90].max() < 0.12
    covered = filled.reshape(2, -1)[:, atlas.texels]
    assert (covered == texels.numpy()).all()


@pytest.mark.parametrize("mesh", [make_tube(cuts=3), make_ball()])
def test_a_picture_is_shown_as_sharp_as_views_show_a_surface(mesh):
    refinement, points, charts = lay(mesh, 96, 192)
    generator = torch.Generator().manual_seed(0)
    n = len(refinement.reduction.of)
    noise = torch.rand(1, n, generator=generator)
    views = plan_views(charts, points, refinement, 32, 4)
    weights = torch.stack([view.weight for view in views])
    shown = torch.stack([view.show(noise)[0] for view in views])
    middle = (shown * weights).sum() / weights.sum()
    deviation = ((shown - middle).square() * weights).sum().div(weights.sum()).sqrt()
    picture = show_as_views_do(torch.rand(1, 64, 64, generator=generator))
    assert float(picture.std()) == pytest.approx(float(deviation), rel=0.1)
    assert float(picture.std()) < 0.9 * float(noise.std())


def test_what_rises_evenly_does_so_in_a_picture_as_views_show_it():
    x, y = torch.meshgrid(torch.arange(300.0), torch.arange(40.0), indexing="xy")
    picture = show_as_views_do(torch.stack([x, y]))
    assert picture.shape == (2, 40, 300)
    inside = picture[:, 5:-5, 5:-5]
    assert (inside[0].diff(dim=1) - 1).abs().max() < 0.05
    assert (inside[1].diff(dim=0) - 1).abs().max() < 0.05
