from dataclasses import replace

import pytest
import torch

from tests.making import blobs, load_png, save_png
from texcore import pictures
from texcore.cli import main
from texcore.contract.calibration import (
    Calibration,
    ComputeDevice,
    Rates,
    name_in_solids,
    name_rates,
)
from texcore.contract.errors import BadInput, OutOfMemory
from texcore.contract.estimates import Asked, estimate
from texcore.contract.jobs import Job
from texcore.contract.recipe import Recipe
from texcore.exemplars.exemplar import Exemplar, Region, Source
from texcore.features import RandomBank
from texcore.models.presets import choose_model
from texcore.optimisers.base import NoState
from texcore.runtime.context import Context
from texcore.service import pipeline
from texcore.solids.cube import read_atlas
from texcore.solids.run import SolidRun
from texcore.synthesis.levels import schedule
from texcore.synthesis.state import State

CPU = Context(torch.device("cpu"))


def exemplar(side=96):
    return Exemplar.of(torch.from_numpy(blobs(side, side)))


def begin(photo=None, context=CPU, channels=4, **settings):
    recipe = Recipe(**{"voxels": "32", "iterations": 6} | settings)
    return SolidRun(photo or exemplar(), recipe, RandomBank.seeded(channels=channels), context)


def test_a_cube_comes_to_look_like_the_photo_and_repeats_without_a_seam():
    run = begin(iterations=20)
    losses = [step.loss for step in run.steps()]
    assert losses[-1] < 0.05 * losses[20] and run.evaluations == len(losses) == 40
    cube = read_atlas(run.result(), 32)
    photo = exemplar().image
    low, high = photo.flatten(1).amin(1), photo.flatten(1).amax(1)
    assert (cube.flatten(1).amin(1) >= low - 1e-6).all()
    assert (cube.flatten(1).amax(1) <= high + 1e-6).all()
    means = cube.flatten(1).mean(1) - photo.flatten(1).mean(1)
    assert means.abs().max() < 0.05
    for dim in (1, 2, 3):
        jumps = (cube - cube.roll(1, dim)).abs().mean([d for d in range(4) if d != dim])
        assert jumps[0] < 1.3 * jumps.mean()


def test_of_upright_cuts_the_tops_are_up():
    rows = torch.sin(torch.arange(96) / 3)[None, :, None].expand(3, 96, 96) / 2 + 0.5
    run = begin(Exemplar.of(rows), cuts="upright", iterations=30, channels=16)
    assert list(run.steps())
    cube = read_atlas(run.result(), 32)
    down, depth, across = (float(cube.diff(dim=d).abs().mean()) for d in (1, 2, 3))
    assert down > 2 * max(depth, across)


def test_a_seed_is_a_cube_and_steps_tell_how_far_they_are():
    def make(seed):
        run = begin(seed=seed)
        steps = list(run.steps())
        assert [s.fraction for s in steps] == sorted(s.fraction for s in steps)
        assert steps[-1].fraction == 1 and steps[-1].evaluations == 12
        assert run.preview().shape == (3, 32, 32)
        return run.result()

    assert torch.equal(make(1), make(1)) and not torch.equal(make(1), make(2))


@pytest.mark.parametrize("done", [4, 6, 9])
def test_gone_on_with_it_is_the_same(done):
    whole = begin()
    assert list(whole.steps())
    first = begin()
    with pytest.raises(NoState):
        first.state()
    steps = first.steps()
    for _ in range(done):
        next(steps)
    state = first.state()
    state = replace(state, tensors={name: t.clone() for name, t in state.tensors.items()})
    second = begin()
    second.restore(state)
    assert len(list(second.steps())) == 12 - done
    assert torch.equal(second.result(), whole.result()) and second.evaluations == 12


def test_a_state_of_another_run_is_refused():
    run = begin()
    for state in (State(2, 3, 3, {}), State(0, 7, 7, {}), State(1, 3, 3, {}), State(0, 0, 0, {})):
        with pytest.raises(BadInput, match="does not fit"):
            run.restore(state)
    run.restore(State(1, 9, 3, {}))
    with pytest.raises(BadInput, match="does not fit"):
        list(run.steps())


def test_what_cannot_be_made_is_told():
    photo = exemplar()
    mixed = replace(photo, regions=(Region((Source(photo.image), Source(photo.image))),))
    with pytest.raises(BadInput, match="one picture"):
        begin(mixed)
    with pytest.raises(BadInput, match="no sketch"):
        begin(quality="sketch")
    with pytest.raises(OutOfMemory, match=r"128 voxels a side takes .* choose fewer voxels"):
        begin(voxels="128", context=replace(CPU, free_memory=lambda device: 10**9))
    assert begin(exemplar(20)).notes == begin(exemplar(20)).notes != ()
    assert begin(model="gatys").notes == ("A solid texture is made by the default model.",)


def test_a_grey_photo_stays_grey():
    run = begin(Exemplar.of(torch.from_numpy(blobs(96, 96))[:1]))
    assert list(run.steps())
    assert run.result().shape == (1, 144, 288)


def test_the_estimate_counts_what_the_run_counts():
    network = RandomBank.seeded(channels=4)
    run = begin()
    model, _ = choose_model(Recipe(), network)
    facts = network.describe()
    place = ComputeDevice("cpu", "cpu", "a processor")
    plan = schedule(model, Recipe(), facts)
    known = Calibration(
        places={"auto": place},
        rates={name_rates(place, name_in_solids(network.name)): Rates(1.0, 0.0, 1e-9, 1e-3)},
        networks={"auto": network.name},
        schedules={f"{network.name} default standard picture": {"0.25": plan}},
    )
    recipe = Recipe(size=(512, 512), voxels="32", iterations=6)
    asked = Asked(recipe, (96, 96), ("picture",), solid=True)
    expected, _ = estimate(known, asked)
    wanted = known.find_rates(place, name_in_solids(network.name)).expect(run.cost)
    assert expected.total == pytest.approx(wanted.total, rel=1e-6)
    assert estimate(known, replace(asked, recipe=replace(recipe, quality="sketch"))) is None


def test_the_command_writes_an_atlas_with_its_recipe(tmp_path, capsys):
    photo = save_png(tmp_path / "in.png", blobs(96, 96))
    words = ["solid", str(photo), "-o", str(tmp_path / "out.png"), "--voxels", "32", "-q"]
    words += ["--weights", "random", "--device", "cpu", "--iterations", "2", "--seed", "3"]
    assert main(words) == 0
    assert "32 slices of 32 × 32, 8 in a row" in capsys.readouterr().out
    assert load_png(tmp_path / "out.png").shape == (144, 288, 3)
    recipe = pictures.read_recipe(tmp_path / "out.png")
    assert (recipe.voxels, recipe.size, recipe.seed) == ("32", (288, 144), 3)
    again = ["solid", str(photo), "-o", str(tmp_path / "again.png"), "-q"]
    again += ["--recipe", str(tmp_path / "out.png"), "--weights", "random", "--device", "cpu"]
    assert main(again) == 0
    assert (load_png(tmp_path / "again.png") == load_png(tmp_path / "out.png")).all()
    assert main([*words, "--quality", "sketch"]) == 1
    assert capsys.readouterr().err.strip().endswith("choose another quality.")


def test_derived_maps_are_refused(tmp_path):
    photo = save_png(tmp_path / "in.png", blobs(96, 96))
    job = Job.of_picture(photo, tmp_path / "out.png", Recipe(), solid=True)
    job = replace(job, derive={"height": tmp_path / "height.png"}, weights="random")
    with pytest.raises(BadInput, match="one picture"):
        for _ in pipeline.run(job):
            pass
    assert not (tmp_path / "out.png").exists()
