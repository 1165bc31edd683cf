from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.making import blobs, save_png
from tests.texcore.objects.making import make_plane, make_tube, write_obj
from texcore import pictures
from texcore.cli import main
from texcore.contract.recipe import Recipe
from texcore.exemplars.exemplar import Exemplar
from texcore.features import RandomBank
from texcore.objects.atlas import rasterise
from texcore.objects.charts import Charts
from texcore.objects.points import spread_points
from texcore.objects.pyramid import Pyramid, find_steps
from texcore.objects.reduction import Refinement, reduce_surface
from texcore.objects.run import OnSurface
from texcore.objects.scaling import read_sizes, scale_points
from texcore.objects.views import mix_sizes, plan_views
from texcore.runtime.context import Context

CPU = Context(torch.device("cpu"))
UP = np.array([0.0, 1.0, 0.0])
#: Half as large on the left, twice as large on the right, with a sharp border.
HALVES = torch.tensor([[[-1.0, 1.0]]]).repeat_interleave(32, 2)


def lay(octaves, side, size=(96, 192)):
    atlas = reduce_surface(rasterise(make_plane(2, 1), *size, "plane"), 1).atlas
    points = spread_points(atlas, UP)
    return points, scale_points(points, read_sizes(octaves, atlas), side)


def test_one_size_all_over_makes_all_lengths_shorter_alike():
    points, scaled = lay(torch.ones(1, 4, 4), 32)
    assert np.allclose(scaled.sizes, 2)
    assert np.allclose(scaled.offsets, points.offsets / 2)
    assert np.allclose(scaled.graph.data, points.graph.data / 2)


def test_a_sharp_border_becomes_a_slope_on_either_side():
    _, scaled = lay(HALVES, 16)
    x = scaled.positions[:, 0]
    assert np.allclose(scaled.sizes[x < 40], 0.5, atol=0.02)
    assert np.allclose(scaled.sizes[x > 152], 2, atol=0.02)
    assert np.median(scaled.sizes[np.abs(x - 96) < 4]) == pytest.approx(1.25, abs=0.15)
    first, second = scaled.edges
    steps = np.linalg.norm(scaled.positions[second] - scaled.positions[first], axis=1)
    change = np.abs(scaled.sizes[second] - scaled.sizes[first])
    # Over a piece, of 16 texels as large as things are, by no more than six tenths of itself.
    assert (change <= 0.61 * steps / 16).all()


def make_grid_photo(side=96):
    """A photo whose colours say where in it one is, column and row."""
    at = torch.arange(side) / side
    return torch.stack(
        [at.expand(side, side), at[:, None].expand(side, side), torch.full((side, side), 0.5)]
    )


@pytest.mark.parametrize("size", [(512, 256), (1024, 512)])
def test_things_have_the_sizes_that_are_painted(size):
    """At whole and at half of the resolution."""
    photo = replace(Exemplar.of(make_grid_photo()), scale_map=HALVES)
    recipe = Recipe(size=size, scale=size[0] / 512)
    run = OnSurface(photo, recipe, make_plane(2, 1), "p", None, CPU)
    assert list(run.steps())
    x, y = run.result()[:2]
    steps = torch.hypot(x.diff(dim=1)[:-1], y.diff(dim=1)[:-1]) * 96 * recipe.scale
    quarter = size[0] // 4
    left, right = steps[:, :quarter], steps[:, -quarter:]
    assert float(left.median()) == pytest.approx(2, rel=0.1)
    assert float(right.median()) == pytest.approx(0.5, rel=0.1)
    # It goes from the one to the other by and by.
    middle = steps[:, 15 * size[0] // 32 : 17 * size[0] // 32]
    assert float(middle.median()) == pytest.approx(0.8, rel=0.15)


def test_a_photo_is_sampled_as_sharp_as_texels_can_show_it():
    generator = torch.Generator().manual_seed(0)
    noise = torch.rand(1, 64, 64, generator=generator)
    halved = torch.nn.functional.avg_pool2d(noise, 2)
    pyramid = Pyramid({0: noise, -2: halved})
    every = np.stack(np.meshgrid(np.arange(32), np.arange(32)), -1).reshape(-1, 2) * 2.0 + 1
    small = pyramid.sample(every, np.full(len(every), 0.5))
    assert np.allclose(small[0], halved.flatten().numpy(), atol=1e-5)
    one = pyramid.sample(every + 0.5, np.ones(len(every)))
    assert np.allclose(one[0], noise[0, 1::2, 1::2].flatten().numpy(), atol=1e-5)


def test_a_photo_is_not_made_larger_than_it_is_nor_too_small():
    photo, both = Exemplar.of(torch.rand(3, 48, 80)), torch.tensor([-1.0, 1.0])
    assert find_steps(photo, 0.5, both) == range(-1, 3)
    assert find_steps(photo, 1.0, both) == range(-2, 1)
    assert find_steps(photo, 2.0, both) == range(-2, 1)


def test_the_network_mends_things_of_several_sizes():
    exemplar = replace(Exemplar.of(torch.from_numpy(blobs(64, 64))), scale_map=HALVES)
    recipe = Recipe(size=(192, 128), iterations=6)
    run = OnSurface(exemplar, recipe, make_tube(cuts=2), "t", RandomBank.seeded(channels=8), CPU)
    losses = [step.loss for step in run.steps() if step.loss is not None]
    assert losses[-1] < 0.7 * losses[0]


def test_smaller_things_are_known_to_take_longer():
    def count(octave):
        photo = Exemplar.of(torch.from_numpy(blobs(64, 64)))
        photo = replace(photo, scale_map=torch.full((1, 2, 2), octave))
        run = OnSurface(photo, Recipe(size=(512, 256)), make_plane(2, 1), "p", None, CPU)
        return run.cost.work.seconds

    assert count(-1.0) > 2 * count(0.0)


def test_the_command_takes_a_scale_map_and_its_recipe_knows_it(tmp_path, capsys):
    photo, thing, grey, made = (tmp_path / n for n in ("p.png", "t.obj", "m.png", "o.png"))
    save_png(photo, blobs(48, 48))
    save_png(grey, np.tile(np.linspace(0, 1, 16, dtype=np.float32), (3, 16, 1)))
    write_obj(thing, make_tube())
    words = ["surface", str(thing), str(photo), "-o", str(made), "--size", "96x64", "-q"]
    words += ["--quality", "sketch"]
    assert main([*words, "--scale-map", str(grey)]) == 0
    assert len(dict(pictures.read_recipe(made).pictures)["scale map"]) == 64
    assert main([*words, "--recipe", str(made)]) == 1
    assert "scale map" in capsys.readouterr().err


def test_views_show_things_about_as_large_as_they_are():
    reduction = reduce_surface(rasterise(make_plane(2, 1), 128, 256, "plane"), 1)
    atlas = reduction.atlas
    points = scale_points(spread_points(atlas, UP), read_sizes(HALVES, atlas), 32)
    charts = Charts(atlas, points)
    refinement = Refinement(reduction, charts)
    views = plan_views(charts, points, refinement, 48, 4, steps=range(-2, 3))
    assert {view.step for view in views} >= {-2, 2}
    texels = torch.from_numpy(atlas.positions[:, :2].T.copy()).float()
    for view in views:
        x, y = view.show(texels)
        # Texels of the surface that lie beside each other do so in the view, more or less.
        steps = torch.hypot(x.diff(dim=1)[:-1], y.diff(dim=1)[:-1])
        counted = (view.weight > 0)[:-1, :-1]
        assert 0.55 < float(steps[counted].median()) < 1.8
    total = sum(float(view.weight.sum()) for view in views)
    assert total == pytest.approx(len(atlas.texels), rel=0.2)
    photo = Exemplar.of(torch.rand(3, 48, 48))
    mixed = mix_sizes(
        photo,
        dict.fromkeys({view.step for view in views}, photo),
        views,
        torch.zeros(len(atlas.texels)),
    )
    weights = [source.weight for source in mixed.parts[0].sources]
    assert sum(weights) == pytest.approx(total) and len(weights) == len({v.step for v in views})
