"""How long things take here: said from a file that may be anything, and corrected by every run."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from texcore.contract import calibration, costs
from texcore.contract.calibration import (
    Calibration,
    ComputeDevice,
    Expected,
    Rates,
    name_schedule,
    read_calibration,
    write_calibration,
)
from texcore.contract.costs import Cost, Load
from texcore.contract.estimates import (
    Asked,
    estimate,
    format_duration,
    format_rough_duration,
    round_seconds,
)
from texcore.contract.plain import to_plain
from texcore.contract.recipe import Recipe
from texcore.contract.schedule import Effort, Schedule

RATES = Rates(second=1.0, passes=1e-7, product=1e-11, call=1e-2)
SCHEDULES = {
    name_schedule("net", "default", quality, several): {
        "0.5": Schedule(32, layout=True, sewn=True, evaluations=n, finer=k, first=Effort(3e5, 1e5)),
        "1.0": Schedule(
            32, layout=True, sewn=True, evaluations=5 * n, finer=5 * k, first=Effort(3e5, 1e5)
        ),
    }
    for quality, n, k in (("draft", 5, 3), ("standard", 24, 9))
    for several in (False, True)
}
KNOWN = Calibration(
    engine="1",
    places={"auto": ComputeDevice("here", "cpu", "2 cores", 2)},
    rates={"here, net": RATES},
    networks={"auto": "net"},
    schedules=SCHEDULES,
)


def asked(size=512, kinds=("picture",), device="auto", weights="auto", **recipe):
    return Asked(Recipe(size=(size, size), **recipe), (256, 256), kinds, device, weights)


def seconds(*words, **more):
    return estimate(KNOWN, asked(*words, **more))[0].total


def test_what_is_written_is_read(home):
    assert read_calibration() == Calibration()
    write_calibration(KNOWN)
    assert read_calibration() == KNOWN
    assert [path.name for path in calibration.calibration_file().parent.iterdir()] == [
        "estimates.json"
    ]


def damaged():
    plain = to_plain(KNOWN)
    yield ""
    yield "[]"
    yield "null"
    yield json.dumps(plain)[:-40]
    yield json.dumps({**plain, "version": 0})
    yield json.dumps({**plain, "rates": [1]})
    yield json.dumps({**plain, "start": -1.0})
    yield json.dumps({**plain, "places": {"auto": {"rates": 5}}})
    for wrong in (0, -1, "x", None, float("nan"), float("inf")):
        yield json.dumps(
            {**plain, "rates": {"here, net": {**plain["rates"]["here, net"], "second": wrong}}}
        )
    schedules = {"s": {"0": {"stride": 0, "evaluations": 5}}}
    yield json.dumps({**plain, "schedules": schedules})
    yield "[" * 100_000


@pytest.mark.parametrize("text", list(damaged()))
def test_a_damaged_file_is_nothing_known(home, text):
    path = calibration.calibration_file()
    path.parent.mkdir(parents=True)
    path.write_text(text)
    assert read_calibration() == Calibration()
    assert estimate(read_calibration(), asked()) is None
    path.write_bytes(b"\xff\xfe\x00")
    assert read_calibration() == Calibration()


def test_a_file_that_cannot_be_written_leaves_the_old_one(home, monkeypatch):
    write_calibration(KNOWN)
    monkeypatch.setattr(
        "pathlib.Path.write_bytes", lambda *_: (_ for _ in ()).throw(OSError(28, ""))
    )
    with pytest.raises(OSError):
        write_calibration(Calibration())
    assert read_calibration() == KNOWN
    assert len(list(calibration.calibration_file().parent.iterdir())) == 1


@pytest.mark.parametrize(
    "words",
    [
        {"device": "cuda"},
        {"weights": "vgg19"},
        {"model": "gatys"},
        {"quality": "high"},
    ],
)
def test_what_is_not_known_is_not_said(words):
    assert estimate(KNOWN, asked(**words)) is None
    assert estimate(KNOWN, Asked(Recipe(), (64, 64), ("picture",))) is None


def test_before_a_network_has_been_shown_anything_only_a_sketch_is_known():
    rates = {"here, sketch": Rates(second=1.0, passes=1e-7)}
    known = Calibration(
        places=KNOWN.places, rates=rates, schedules=SCHEDULES, networks=KNOWN.networks
    )
    assert estimate(known, asked()) is None
    assert estimate(known, asked(quality="sketch"))[0].total > 0


def test_better_and_larger_take_longer():
    assert seconds(quality="sketch") < seconds(quality="draft") < seconds()
    assert seconds(256) < seconds(512) < seconds(1024) < seconds(4096)
    assert seconds(kinds=("base_color", "normal")) > 1.8 * seconds()
    assert seconds(novelty=0.5) < seconds(novelty=0.75) < seconds(novelty=1.0)


def test_a_part_of_the_exemplar_takes_as_long_as_one_of_its_size_but_all_is_read():
    part = Asked(Recipe(size=(512, 512), learn_from="0.25,0.5,0.5,0.25"), (256, 256), ("picture",))
    alone = Asked(Recipe(size=(512, 512)), (64, 128), ("picture",))
    (of_part, _), (of_alone, _) = estimate(KNOWN, part), estimate(KNOWN, alone)
    assert (of_part.work, of_part.after) == (of_alone.work, of_alone.after)
    read = costs._READING_SECONDS * 3 * (256 * 256 - 64 * 128)
    assert of_part.before == pytest.approx(of_alone.before + read)
    assert estimate(KNOWN, asked())[0].work != of_part.work


@given(
    ratios=st.lists(st.floats(0.2, 5), min_size=1, max_size=20),
    last=st.floats(0.5, 2),
)
def test_finished_runs_correct_what_is_expected(ratios, last):
    cost = Cost(Load(seconds=1), Load(products=1e12), Load(seconds=0.5))
    rates = RATES
    for ratio in (*ratios, *[last] * 25):
        rates = rates.correct(cost, Expected(ratio, 10 * ratio, ratio / 2))
    expected = rates.expect(cost)
    assert expected.before == pytest.approx(last, rel=0.05)
    assert expected.work == pytest.approx(10 * last, rel=0.05)
    assert expected.after == pytest.approx(last / 2, rel=0.05)


def test_one_disturbed_run_does_not_spoil_it():
    cost = Cost(Load(seconds=1), Load(products=1e12), Load(seconds=0.5))
    rates = RATES
    for _ in range(10):
        rates = rates.correct(cost, Expected(1, 10, 0.5))
    spoilt = rates.correct(cost, Expected(1000, 10_000, 500)).expect(cost)
    assert spoilt.total < 1.4 * 11.5
    # What took no time that could be told says nothing.
    assert rates.correct(Cost(Load(seconds=1e-6)), Expected(5, 0, 0)).before == rates.before


@given(st.floats(0, 1e6))
def test_rounded_times_are_near(n):
    assert round_seconds(n) >= 1
    assert round_seconds(n) == pytest.approx(n, rel=0.17, abs=1)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        *[(0.2, "1 s"), (59.4, "59 s"), (59.6, "1 min"), (125, "2 min 5 s"), (120, "2 min")],
        *[(3599.7, "1 h"), (4201, "1 h 10 min"), (7200, "2 h")],
    ],
)
def test_a_duration_has_no_part_that_is_nothing(seconds, words):
    assert format_duration(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 s"), (23, "25 s"), (77, "1 min 20 s"), (500, "8 min"), (5000, "1 h 25 min")],
)
def test_a_duration_as_people_tell_it_who_do_not_know_exactly(seconds, words):
    assert format_rough_duration(seconds) == words
