"""A run that is stopped before its time, and its texture written as it is."""

from dataclasses import replace

import numpy as np
import pytest

from tests.making import bricks, load_png, relief, save_png
from texcore import pictures
from texcore.contract.errors import Cancelled
from texcore.contract.jobs import Job, MapFiles
from texcore.contract.recipe import Recipe
from texcore.service import pipeline
from texcore.service.checkpoint import Checkpoint
from texcore.service.progress import Moment
from texcore.service.stopping import Stopping
from texcore.synthesis.steps import Step

RECIPE = Recipe(size=(192, 160), arrangement="new", iterations=4)


pytestmark = pytest.mark.usefixtures("thin")


@pytest.fixture
def exemplar(tmp_path):
    return save_png(tmp_path / "exemplar.png", bricks(160, 160))


def job(exemplar, name="out.png", recipe=RECIPE, **more):
    return Job.of_picture(exemplar, exemplar.with_name(name), recipe, weights="random", **more)


def stop_after(count, job, within=0):
    """Run until so many moments have been seen, and then until so often asked within a step."""
    moments, asked = [], 0

    def enough():
        nonlocal asked
        asked += len(moments) >= count
        return asked > within

    run = pipeline.run(job, enough=enough)
    while True:
        try:
            moments.append(next(run))
        except StopIteration as stop:
            return stop.value, moments


def notes_of(made):
    return [note for note in made.notes if note.startswith("Stopped")]


def test_at_the_first_step_the_sewn_texture_is_written(exemplar):
    made, moments = stop_after(1, job(exemplar))
    assert len(moments) == 1 and moments[0].keepable
    assert made.evaluations == 0
    (note,) = notes_of(made)
    assert note.startswith("Stopped after 0 of ") and note.endswith("makes the finished texture.")
    assert load_png(made.first.output).shape == (160, 192, 3)
    recipe = pictures.read_recipe(made.first.output)
    assert recipe == made.first.recipe
    assert {p.name for p in exemplar.parent.iterdir()} == {"exemplar.png", "out.png"}


@pytest.mark.slow
def test_within_a_step_it_is_left_and_nothing_of_it_is_kept(exemplar):
    whole, moments = stop_after(5, job(exemplar, tile_side=64))
    other, within = stop_after(4, job(exemplar, "other.png", tile_side=64), within=5)
    assert len(moments) == 5 and len(within) == 4
    assert other.evaluations == 2 and whole.evaluations == 3
    made, _ = stop_after(4, job(exemplar, "third.png", tile_side=64))
    assert np.array_equal(load_png(made.first.output), load_png(other.first.output))
    assert not np.array_equal(load_png(whole.first.output), load_png(other.first.output))


@pytest.mark.slow
def test_its_recipe_makes_the_finished_texture(exemplar):
    stopped, _ = stop_after(2, job(exemplar))
    finished, _ = stop_after(10**6, job(exemplar, "finished.png"))
    assert not notes_of(finished)
    assert finished.first.recipe == stopped.first.recipe
    assert not np.array_equal(load_png(finished.first.output), load_png(stopped.first.output))
    again, _ = stop_after(10**6, job(exemplar, "again.png", stopped.first.recipe))
    assert np.array_equal(load_png(again.first.output), load_png(finished.first.output))


def test_after_the_last_step_it_is_done_anyway(exemplar):
    _, moments = stop_after(10**6, job(exemplar))
    assert [m.keepable for m in moments] == [True] * (len(moments) - 1) + [False]
    made, _ = stop_after(len(moments), job(exemplar, "other.png"))
    assert not notes_of(made)


def test_asked_for_before_there_is_anything_it_waits(exemplar):
    made, moments = stop_after(0, job(exemplar))
    assert len(moments) == 1 and made.evaluations == 0


def test_a_sketch_is_made_to_its_end(exemplar):
    made, moments = stop_after(0, job(exemplar, recipe=replace(RECIPE, quality="sketch")))
    assert len(moments) == 3 and not any(m.keepable for m in moments)
    assert not notes_of(made)


def test_all_maps_are_written(tmp_path):
    maps = {
        kind: MapFiles(save_png(tmp_path / f"{kind}.png", pixels), tmp_path / f"new-{kind}.png")
        for kind, pixels in relief(160, 160).items()
        if kind in ("base_color", "normal")
    }
    derived = {"ao": tmp_path / "new-ao.png"}
    made, _ = stop_after(2, Job(maps, RECIPE, derive=derived, weights="random"))
    assert set(made.maps) == {"base_color", "normal", "ao"}
    for entry in made.maps.values():
        assert load_png(entry.output).shape[:2] == (160, 192)
    assert len(notes_of(made)) == 1


def test_a_checkpoint_is_removed(exemplar, monkeypatch):
    monkeypatch.setattr(Checkpoint, "INTERVAL", 0.0)
    output = exemplar.with_name("out.png")
    seen = []

    def enough():
        seen.append(output.with_name("out.png.checkpoint").is_file())
        return seen[-1]

    run = pipeline.run(job(exemplar, checkpoint=output), enough=enough)
    for _ in run:
        pass
    assert seen[-1]
    assert {p.name for p in exemplar.parent.iterdir()} == {"exemplar.png", "out.png"}


def test_within_a_step_a_cancel_comes_first(exemplar):
    moments, asked = [], []

    def check():
        if moments:
            raise Cancelled

    def enough():
        asked.append(len(moments))
        return len(asked) > 1

    run = pipeline.run(job(exemplar, tile_side=64), check=check, enough=enough)
    moments.append(next(run))
    with pytest.raises(Cancelled):
        next(run)
    assert list(exemplar.parent.iterdir()) == [exemplar]


class Group:
    """Of two processes, of which the other has, or has not, enough."""

    def __init__(self, other):
        self.other = other

    def any(self, here):
        return here or self.other


@pytest.mark.parametrize(("here", "other"), [(True, False), (False, True), (False, False)])
def test_several_processes_agree_between_steps_only(here, other):
    asked = Stopping(lambda: here, Group(other))

    def within():
        for number in range(3):
            step = Step(0, 1, number, 9, number, None, number / 9, "")
            yield Moment(step, previewed=False, memory=0)
            asked.check()

    seen = list(asked.follow(within()))
    assert len(seen) == (1 if here or other else 3)
    assert asked.stopped == (here or other)


def test_what_is_no_texture_yet_is_gone_on_with():
    def steps():
        for number in range(1, 5):
            step = Step(0, 1, number, 4, 0, None, number / 4, "Sewing", whole=number > 2)
            yield Moment(step, previewed=False, memory=0)
            stopping.check()  # as within the next step

    stopping = Stopping(lambda: True)
    seen = list(stopping.follow(steps()))
    assert [moment.keepable for moment in seen] == [False, False, True] and stopping.stopped
