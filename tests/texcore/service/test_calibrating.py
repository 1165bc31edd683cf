"""What this machine takes: measured once and briefly, corrected by every run, in nobody's way."""

import time

import numpy as np
import pytest
import torch

from tests.making import relief, save_png
from texcore.contract import calibration, costs
from texcore.contract.calibration import Expected, read_calibration
from texcore.contract.costs import count_views
from texcore.contract.errors import BadInput
from texcore.contract.estimates import Asked, estimate
from texcore.contract.jobs import Job, MapFiles
from texcore.contract.recipe import Recipe
from texcore.exemplars.exemplar import Exemplar
from texcore.features import RandomBank
from texcore.maps.views import joint_exemplar
from texcore.service import calibrating, pipeline, preparation

# Taken before a fixture puts numbers in their place.
MEASURE_MACHINE, MEASURE_NETWORK = calibrating._measure_machine, calibrating._measure_network


def prepare(weights="random", **recipe):
    recipe = Recipe(size=(64, 64), **recipe)
    return preparation.prepare(recipe, "", Job({}, recipe, weights=weights), None)


@pytest.fixture
def photo(tmp_path):
    # Noise: it does not repeat, of which the panel is not sure.
    return save_png(tmp_path / "photo.png", np.random.default_rng(0).random((3, 64, 64)))


def job(photo, **recipe):
    recipe = Recipe(**{"size": (64, 64), "quality": "draft", **recipe})
    return Job.of_picture(photo, photo.with_name("out.png"), recipe, weights="random")


def estimator_of(picture, **recipe):
    prepared, exemplar = prepare(**recipe), Exemplar.of(torch.from_numpy(picture))
    run = prepared.synthesis(exemplar, check=None)
    return calibrating.Estimator("auto", "random", prepared, run, exemplar)


def count(picture, **recipe):
    return estimator_of(picture, **recipe)._cost


def finish(asked):
    told, moments = [], []
    work = pipeline.run(asked, announce=told.append)
    while True:
        try:
            moments.append(next(work))
        except StopIteration as stop:
            (outlook,) = told
            return outlook, moments, stop.value


@pytest.mark.slow
def test_it_is_measured_in_well_under_two_seconds(monkeypatch):
    monkeypatch.setattr(calibrating, "_measure_machine", MEASURE_MACHINE)
    monkeypatch.setattr(calibrating, "_measure_network", MEASURE_NETWORK)
    prepared = prepare()
    begun = time.process_time()
    known = calibrating.calibrate("auto", "random", prepared)
    assert time.process_time() - begun < 2 * torch.get_num_threads()
    (rates,) = known.rates.values()
    # Of any processor that runs this.
    assert 0.02 < rates.second < 50
    assert 1e-9 < rates.passes < 1e-5
    assert 1e-14 < rates.product < 1e-8
    assert 0 < rates.call < 1
    assert read_calibration() == known


def test_what_is_known_is_not_measured_again(monkeypatch):
    known = calibrating.calibrate("auto", "random", prepare())
    monkeypatch.setattr(calibrating, "_measure_machine", None)
    monkeypatch.setattr(calibrating, "_measure_network", None)
    monkeypatch.setattr(calibrating, "list_schedules", None)
    assert calibrating.calibrate("auto", "random", prepare()) == known
    also = calibrating.calibrate("cpu", "random", prepare())
    assert set(also.places) == {"auto", "cpu"}
    assert set(also.rates) == set(known.rates)


def test_after_a_sketch_the_network_is_measured_when_there_is_one():
    known = calibrating.calibrate("auto", "auto", prepare(quality="sketch"))
    assert [rates.product for rates in known.rates.values()] == [None]
    assert known.schedules == {}
    known = calibrating.calibrate("auto", "random", prepare())
    assert [rates.product for rates in known.rates.values()] == [None, 1e-11]
    assert known.networks == {"random": "random-0"}


def test_a_sketch_says_nothing_of_how_far_networks_are_off(photo):
    finish(job(photo))
    place = read_calibration().places["auto"]
    before = read_calibration().find_rates(place, "random-0")
    finish(job(photo, quality="sketch"))
    known = read_calibration()
    assert known.find_rates(place, "random-0") == before
    assert known.find_rates(place, "sketch").runs == 1


def test_schedules_of_another_texcore_are_not_kept(monkeypatch):
    known = calibrating.calibrate("auto", "random", prepare())
    monkeypatch.setattr(calibrating, "__version__", "another")
    monkeypatch.setattr(calibrating, "list_schedules", lambda network: {})
    again = calibrating.calibrate("auto", "random", prepare())
    assert (again.engine, again.schedules) == ("another", {})
    assert again.rates == known.rates


def test_a_run_is_told_of_before_it_begins_and_corrects_what_is_known(photo):
    outlook, moments, _ = finish(job(photo))
    assert outlook.expected.total > 0
    assert outlook.memory > 2**26
    assert outlook.place.device == "cpu"
    # From the first step on there is a time left.
    assert all(moment.remaining is not None and moment.remaining >= 0 for moment in moments)
    assert moments[-1].remaining == pytest.approx(outlook.expected.after)
    (rates,) = read_calibration().rates.values()
    assert rates.runs == 1
    finish(job(photo))
    (again,) = read_calibration().rates.values()
    assert again.runs == 2


@pytest.mark.parametrize("quality", ["sketch", "draft"])
def test_panel_and_engine_say_the_same_of_a_picture(photo, quality):
    finish(job(photo, quality=quality))
    asked = Asked(Recipe(size=(96, 96), quality=quality), (64, 64), ("picture",), "auto", "random")
    said, _ = estimate(read_calibration(), asked)
    outlook, *_ = finish(job(photo, quality=quality, size=(96, 96)))
    assert said.total == pytest.approx(outlook.expected.total, rel=0.2)


def test_of_a_photo_no_more_counts_than_is_learnt_from():
    wide = np.random.default_rng(0).random((3, 96, 288), np.float32)
    wide[..., 192:] *= 0.1
    cut = count(wide[..., :96])
    of_rectangle, of_even = count(wide, learn_from="0,0,0.33334,1"), count(wide, learn_from="even")
    assert (of_rectangle.work, of_rectangle.after) == (cut.work, cut.after)
    # All of it is read.
    read = costs._READING_SECONDS * 3 * 96 * (288 - 96)
    assert of_rectangle.before.seconds == pytest.approx(cut.before.seconds + read)
    assert of_rectangle.work.passes < of_even.work.passes < count(wide).work.passes


def test_panel_and_engine_say_the_same_of_a_rectangle():
    noise = np.random.default_rng(1).random((3, 192, 288), np.float32)
    recipe = {"learn_from": "0.25,0,0.25,0.3"}
    asked = Asked(Recipe(size=(64, 64), **recipe), (192, 288), ("picture",), "auto", "random")
    expected = estimator_of(noise, **recipe).outlook.expected
    said, _ = estimate(read_calibration(), asked)
    assert said.total == pytest.approx(expected.total, rel=0.05)


def test_panel_and_engine_say_the_same_of_a_material(tmp_path):
    made = relief(48, 48)
    maps = {
        kind: MapFiles(save_png(tmp_path / f"{kind}.png", made[kind]), tmp_path / f"n-{kind}.png")
        for kind in ("base_color", "height", "normal")
    }
    recipe = Recipe(size=(64, 64), quality="draft")
    asked = Job(maps, recipe, weights="random")
    finish(asked)
    said, _ = estimate(read_calibration(), Asked(recipe, (48, 48), tuple(maps), "auto", "random"))
    outlook, *_ = finish(asked)
    # That the maps repeat, and are scaled for it, the panel does not know.
    assert said.total == pytest.approx(outlook.expected.total, rel=0.6)


@pytest.mark.parametrize(
    ("kinds", "roles"),
    [
        (["base_color", "normal"], [("r", "g", "b"), ("nx", "ny", "nz")]),
        (["base_color", "roughness"], [("r", "g", "b"), ("roughness",)]),
        (
            ["base_color", "normal", "orm"],
            [("r", "g", "b"), ("nx", "ny", "nz"), ("ao", "roughness", "metallic")],
        ),
        (["height", "roughness"], [("height",), ("roughness",)]),
    ],
)
def test_views_are_counted_as_they_are_made(kinds, roles):
    channels = [(kind, role) for kind, each in zip(kinds, roles, strict=True) for role in each]
    exemplar = joint_exemplar(torch.rand(len(channels), 16, 16), channels)
    counted = len(channels), len(exemplar.views), exemplar.coarse
    assert count_views(kinds) == counted


def test_a_cache_that_cannot_be_written_stops_nothing(photo, monkeypatch):
    def refuse(*words):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(calibrating, "write_calibration", refuse)
    outlook, _, made = finish(job(photo))
    assert made.first.output.exists()
    assert outlook.expected.total > 0
    assert not calibration.calibration_file().exists()


def test_a_measurement_that_fails_stops_nothing_and_is_logged(photo, monkeypatch, caplog):
    def fail(*words):
        raise RuntimeError("CUDA error")

    monkeypatch.setattr(calibrating, "_measure_network", fail)
    outlook, _, made = finish(job(photo))
    assert made.first.output.exists()
    assert outlook.expected is None
    assert outlook.memory > 0
    (line,) = caplog.messages
    assert "CUDA error" in line and "\n" not in line


def test_a_mistake_in_counting_is_not_passed_over(photo, monkeypatch):
    def fail(*words):
        raise BadInput("a cost that cannot be")

    monkeypatch.setattr(calibrating, "_count_run", fail)
    with pytest.raises(BadInput, match="a cost that cannot be"):
        finish(job(photo))


def test_a_mixture_is_not_estimated():
    prepared = prepare()
    exemplar = Exemplar.of(torch.rand(3, 32, 32))
    run = prepared.synthesis(exemplar, None)
    assert calibrating._count_run(run, exemplar, prepared.network) is not None
    region = exemplar.parts[0]
    mixed = type(exemplar)(exemplar.image, exemplar.views, regions=(region, region))
    assert calibrating._count_run(run, mixed, prepared.network) is None


def test_schedules_are_those_that_runs_have():
    network = RandomBank.seeded(channels=4)
    found = calibrating.list_schedules(network.describe())
    for quality in ("draft", "standard", "high"):
        for model in ("default", "gatys", "multiscale"):
            kept = found[f"random-0 {model} {quality} picture"]
            recipe = Recipe(size=(96, 64), model=model, quality=quality, novelty=0.5)
            prepared = preparation.Prepared(torch.device("cpu"), torch.float32, network, recipe, [])
            run = prepared.synthesis(Exemplar.of(torch.rand(3, 64, 64)), None)
            by_size = kept.get("0.5", kept[min(kept)])
            assert by_size.plan((64, 64), run.plan.canvas_size) == run.levels


def test_a_stopwatch_tells_the_parts(monkeypatch):
    from types import SimpleNamespace

    from texcore.service import progress

    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    watch = progress.Stopwatch()
    now[0] = 1.0
    with watch.stopped():
        now[0] = 5.0
    for at, loss, fraction in ((7.0, None, 0.0), (8.0, 0.5, 0.1), (18.0, 0.4, 1.0)):
        now[0] = at
        watch.see(SimpleNamespace(loss=loss, fraction=fraction))
    now[0] = 19.5
    assert watch.parts == Expected(before=4.0, work=10.0, after=1.5)
    assert watch.seconds == 19.5
