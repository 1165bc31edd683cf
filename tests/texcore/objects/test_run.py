from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.making import blobs, load_png, save_png
from tests.texcore.objects.making import make_plane, make_tube, write_obj
from texcore import pictures
from texcore.cli import main
from texcore.contract.calibration import (
    Calibration,
    ComputeDevice,
    Expected,
    Rates,
    name_on_objects,
    name_rates,
)
from texcore.contract.choices import SKETCH
from texcore.contract.errors import BadInput, OutOfMemory
from texcore.contract.estimates import Asked, estimate
from texcore.contract.recipe import Recipe
from texcore.contract.surface_costs import USUAL_SHARE
from texcore.exemplars.directions import Directions
from texcore.exemplars.exemplar import Exemplar, Region, Source
from texcore.features import RandomBank
from texcore.maps.renewing import renew
from texcore.models.presets import choose_model
from texcore.objects.atlas import rasterise
from texcore.objects.charts import Charts
from texcore.objects.healing import SurfaceObjective
from texcore.objects.mesh import Mesh, read_mesh
from texcore.objects.points import spread_points
from texcore.objects.reduction import Refinement, reduce_surface
from texcore.objects.run import OnSurface
from texcore.objects.views import plan_views
from texcore.optimisers.base import NoState
from texcore.runtime.context import Context
from texcore.synthesis.state import State

CPU = Context(torch.device("cpu"))


def exemplar(side=64):
    return Exemplar.of(torch.from_numpy(blobs(side, side)))


def make(mesh, network=None, **settings):
    run = OnSurface(exemplar(), Recipe(**settings), mesh, "tube", network, CPU)
    return run, list(run.steps())


def test_a_sketch_is_sewn_and_filled():
    run, steps = make(make_tube(cuts=2), size=(120, 80))
    assert run.evaluations == 0 and steps[-1].fraction == 1
    assert run.result().shape == (3, 80, 120)
    again, _ = make(make_tube(cuts=2), size=(120, 80))
    assert torch.equal(run.result(), again.result())


def test_a_texture_goes_on_across_a_cut():
    mesh = make_tube(1, 2, cuts=2)
    run, _ = make(mesh, size=(240, 160))
    atlas = rasterise(mesh, 160, 240, "tube").look_up()
    colours = run.result().reshape(3, -1)[:, torch.from_numpy(atlas.texels)].numpy()
    angle = np.degrees(np.arctan2(atlas.positions[:, 0], atlas.positions[:, 2]))

    def jump(at):
        """The mean difference of texels on either side of an angle, at the same height."""
        sides = []
        for low, high in ((at - 2.2, at), (at, at + 2.2)):
            near = (angle > low) & (angle <= high)
            rows = atlas.texels[near] // 240
            sums = np.stack([np.bincount(rows, c, 160) for c in colours[:, near]])
            sides.append(sums / np.maximum(np.bincount(rows, minlength=160), 1))
        return float(np.abs(sides[0] - sides[1])[:, 5:-5].mean())

    # It is cut at 0°, and unwrapped without a cut at 90°.
    assert jump(0) < 1.5 * np.mean([jump(at) for at in (-90, -45, 45, 90)])


def test_the_network_mends_what_was_sewn():
    network = RandomBank.seeded(channels=8)
    run, steps = make(make_tube(cuts=2), network, size=(96, 64), iterations=6)
    losses = [step.loss for step in steps if step.loss is not None]
    assert len(losses) == run.evaluations == 6
    # Of what is sewn in part there is no texture to be kept.
    assert [step.whole for step in steps] == [step.loss is not None for step in steps]
    assert losses[-1] < 0.7 * losses[0]
    assert [step.fraction for step in steps] == sorted(step.fraction for step in steps)


def test_an_island_that_lies_on_its_side_may_have_the_texture_on_its_side():
    plane = make_plane(1, 1)
    u, v = plane.corners[..., 0], plane.corners[..., 1]
    turned = Mesh(plane.positions, plane.triangles, np.stack([v, 1 - u], -1))
    rows = torch.sin(torch.arange(64) / 2)[None, :, None].expand(3, 64, 64) / 2 + 0.5

    def vary(up):
        """How much the texture of rows varies from row to row, and from column to column."""
        run = OnSurface(Exemplar.of(rows), Recipe(size=(64, 64), up=up), turned, "p", None, CPU)
        assert list(run.steps())
        result = run.result()
        return tuple(float(result.diff(dim=d).abs().mean()) for d in (1, 2))

    down, across = vary("uv")
    assert down > 10 * across
    down, across = vary("y")
    assert across > 10 * down


def test_a_texture_follows_a_flow_map_and_its_up_where_nothing_flows():
    rows = torch.sin(torch.arange(64) / 2)[None, :, None].expand(3, 64, 64) / 2 + 0.5
    flow = torch.zeros(2, 8, 16)
    flow[0, :, :8] = 1  # to the right on the left half
    exemplar = replace(Exemplar.of(rows), flow=flow)
    run = OnSurface(exemplar, Recipe(size=(128, 64)), make_plane(2, 1), "p", None, CPU)
    assert list(run.steps())
    left, right = run.result()[:, :, :48], run.result()[:, :, 80:]
    down, across = ([float(x.diff(dim=d).abs().mean()) for x in (left, right)] for d in (1, 2))
    assert across[0] > 5 * down[0] and down[1] > 5 * across[1]


def test_the_gradient_is_that_of_the_value():
    reduction = reduce_surface(rasterise(make_plane(1, 1), 40, 40, "plane"), 1)
    atlas = reduction.atlas
    points = spread_points(atlas, np.array([0.0, 1.0, 0.0]))
    charts = Charts(atlas, points)
    views = plan_views(charts, points, Refinement(reduction, charts), 32, 4)
    network = RandomBank.seeded(channels=4)
    model, _ = choose_model(Recipe(), network)
    light = Source(1 - exemplar(40).image)
    two = replace(exemplar(48), regions=(Region((Source(exemplar(48).image),)), Region((light,))))
    parts = torch.from_numpy((atlas.texels % 40 >= 15).astype(np.int64))
    objective = SurfaceObjective(network, model.at_level(1), two, views, parts)
    generator = torch.Generator().manual_seed(0)
    texels = torch.rand(3, len(atlas.texels), generator=generator)
    way = torch.randn(texels.shape, generator=generator)
    way /= way.norm()
    _, gradient = objective(texels)
    step = 0.05
    ahead, behind = (float(objective(texels + s * step * way)[0]) for s in (1, -1))
    assert float((gradient * way).sum()) == pytest.approx((ahead - behind) / (2 * step), rel=0.02)


def test_what_cannot_be_made_is_refused():
    with pytest.raises(BadInput, match="one picture"):
        OnSurface(
            replace(exemplar(), start=exemplar().image), Recipe(), make_plane(), "p", None, CPU
        )
    with pytest.raises(BadInput, match="At this scale the photo has 8 × 8 pixels"):
        make(make_plane(), size=(64, 64), scale=1 / 8)


def begin(**settings):
    recipe = Recipe(size=(96, 64), iterations=6, **settings)
    return OnSurface(exemplar(), recipe, make_tube(cuts=2), "tube", RandomBank.seeded(), CPU)


def test_a_run_that_is_gone_on_with_makes_the_same_texture():
    whole, first, second = begin(), begin(), begin()
    losses = [step.loss for step in whole.steps() if step.loss is not None]
    steps = first.steps()
    step = next(steps)
    with pytest.raises(NoState):
        first.state()  # while it is sewn
    while step.evaluations < 3:
        step = next(steps)
    kept = first.state()
    tensors = {name: tensor.clone() for name, tensor in kept.tensors.items()}
    second.restore(replace(kept, tensors=tensors))
    later = [step.loss for step in second.steps() if step.loss is not None]
    assert later == losses[3:] and second.evaluations == whole.evaluations == 6
    assert torch.equal(second.result(), whole.result())


def test_another_runs_state_is_refused():
    with pytest.raises(BadInput, match="does not fit"):
        begin().restore(State(0, 7, 7, {}))
    run = begin()
    run.restore(State(0, 3, 3, {"point": torch.zeros(3)}))
    with pytest.raises(BadInput, match="does not fit"):
        list(run.steps())


def test_the_command_makes_a_texture_for_an_object(tmp_path, capsys):
    save_png(tmp_path / "photo.png", blobs(48, 48))
    object_ = write_obj(tmp_path / "tube.obj", make_tube())
    words = ["surface", str(object_), str(tmp_path / "photo.png"), "-o", str(tmp_path / "t.png")]
    assert main([*words, "--size", "96x64", "--quality", "sketch", "-q"]) == 0
    assert load_png(tmp_path / "t.png").shape == (64, 96, 3)
    assert "96 × 64, 0 evaluations" in capsys.readouterr().out
    (tmp_path / "tube.obj").write_text("v 0 0 0\n")
    (tmp_path / "t.png").unlink()
    assert main([*words, "--quality", "sketch", "-q"]) == 1
    assert capsys.readouterr().err.startswith("texcore: “tube” has no faces")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["photo.png", "tube.obj"]


def test_a_recipe_tells_of_its_object(tmp_path, capsys):
    photo, thing, made = (tmp_path / name for name in ("photo.png", "tube.obj", "t.png"))
    save_png(photo, blobs(48, 48))
    write_obj(thing, make_tube())
    words = ["surface", str(thing), str(photo), "-o", str(made), "-q"]
    assert main([*words, "--size", "48x32", "--quality", "sketch", "--seed", "3"]) == 0
    recipe = pictures.read_recipe(made)
    assert dict(recipe.pictures) == {"object": read_mesh(thing).digest()}
    first = load_png(made)
    assert main([*words, "--recipe", str(made)]) == 0
    assert np.array_equal(load_png(made), first)
    assert "changed" not in capsys.readouterr().err
    write_obj(thing, make_tube(radius=2))
    assert main([*words, "--recipe", str(made)]) == 0
    assert "The object or its unwrapping has changed" in capsys.readouterr().err
    plane = ["synthesize", str(photo), "-o", str(tmp_path / "p.png"), "--recipe", str(made)]
    assert main(plane) == 1
    assert "give its recipe to “texcore surface”" in capsys.readouterr().err
    # One that was written before recipes said what they are of.
    older = tmp_path / "older.json"
    older.write_text(replace(recipe, form="flat").dumps(), encoding="utf-8")
    assert main([*plane[:-1], str(older)]) == 1
    assert "give the object" in capsys.readouterr().err
    assert not (tmp_path / "p.png").exists()


def test_what_stays_or_is_repaired_is_refused(tmp_path, capsys):
    half = torch.ones(1, 64, 64)
    half[..., 32:] = 0
    with pytest.raises(BadInput, match="made anew all over"):
        OnSurface(renew(exemplar(), half, half), Recipe(), make_plane(), "p", None, CPU)


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_mirrored_island_shows_the_photo_the_right_way_round(mirrored):
    mesh = make_plane(1, 1)
    if mirrored:
        mesh = replace(mesh, corners=mesh.corners * [-1, 1] + [1, 0])
    # It rises slowly to the right and falls steeply, again and again.
    ramp = (torch.arange(64) % 16 / 15).expand(3, 64, 64)
    run = OnSurface(Exemplar.of(ramp), Recipe(size=(64, 64), quality=SKETCH), mesh, "p", None, CPU)
    list(run.steps())
    rising = (run.result().diff(dim=2) > 0).float().mean()
    assert rising < 0.3 if mirrored else rising > 0.7
    normals = replace(exemplar(), directions=(Directions(),))
    if mirrored:
        with pytest.raises(BadInput, match="mirrored in its unwrapping, and normals"):
            OnSurface(normals, Recipe(), mesh, "p", None, CPU)
    else:
        OnSurface(normals, Recipe(), mesh, "p", None, CPU)


def test_memory_that_is_not_there_is_refused_before_the_work():
    def with_free(free, side=64):
        context = replace(CPU, free_memory=lambda device: free)
        return OnSurface(
            exemplar(side), Recipe(size=(512, 512)), make_plane(), "p", None, context
        ).forecast

    needed = with_free(None)
    assert 500 < (needed.more - 100e6) / 512**2 < 800
    # Sewn at half of the resolution it takes much less.
    assert with_free(None, 128).more < 0.7 * needed.more
    assert with_free(2 * needed.more).more == needed.more
    with pytest.raises(OutOfMemory, match=r"512 × 512 takes .* choose \d+ × \d+ at most"):
        with_free(needed.more // 2)


def test_it_is_known_how_long_it_will_take(tmp_path):
    words = ("test", "cpu", "test")
    known = Calibration(
        places={"cpu": ComputeDevice(*words)},
        networks={"random": "n"},
        rates={
            name_rates(ComputeDevice(*words), SKETCH): Rates(
                second=1.0, passes=1e-9, work=3.0, runs=9
            ),
        },
    )
    asked = Asked(Recipe(size=(512, 512), quality=SKETCH), (64, 64), ("picture",), "cpu")
    plane, _ = estimate(known, asked)
    on_object, place = estimate(known, replace(asked, on_object=True))
    assert place.name == "test" and on_object.work != plane.work
    # What a plane was off by says nothing here; what an object was off by says it.
    run = OnSurface(
        exemplar(), Recipe(size=(512, 512), quality=SKETCH), make_plane(), "p", None, CPU
    )
    name = name_rates(ComputeDevice(*words), name_on_objects(SKETCH))
    found = known.find_rates(ComputeDevice(*words), name_on_objects(SKETCH))
    assert (found.work, found.runs) == (1.0, 0)
    # Before anybody has looked at the object, a usual share of the texture is on it; here all is.
    assert on_object.work == pytest.approx(USUAL_SHARE * run.cost.work.seconds)
    learnt = found.correct(run.cost, Expected(1.0, 2 * run.cost.work.seconds, 1.0))
    known = replace(known, rates={**known.rates, name: learnt})
    again, _ = estimate(known, replace(asked, on_object=True))
    assert again.work == pytest.approx(2 * on_object.work)
    assert estimate(known, asked)[0].work == plane.work
