import csv
import io
import json
import math

import numpy as np
import pytest
import safetensors
import torch
from PIL import Image

from tests.making import load_png, save_png, waves
from texcore.contract.errors import BadInput, OutOfMemory
from texcore.features import weights
from texcore.training import run as run_
from texcore.training.figures import loss_curve, loss_table
from texcore.training.run import TrainingJob, run
from texcore.training.trainer import Judgement, Trainer

ENDINGS = (".safetensors", ".state.safetensors", ".loss.csv", ".loss.png", ".sheet.png")


@pytest.fixture(autouse=True)
def _judged_often(monkeypatch):
    monkeypatch.setattr(run_, "_JUDGED_EVERY", 4)


def to_end(job, **named):
    moments, training = [], run(job, **named)
    while True:
        try:
            moments.append(next(training))
        except StopIteration as end:
            return moments, end.value


@pytest.fixture
def job(photos, tmp_path):
    def made(**changes):
        settings = {"patch": 32, "batch": 2, "steps": 8, "device": "cpu"}
        return TrainingJob(photos, tmp_path / "net.safetensors", **{**settings, **changes})

    return made


@pytest.mark.slow
def test_it_learns_to_reconstruct(job):
    for i in range(2):
        save_png(job().photos / f"waves{i}.png", waves(64, 96, i, highest=1))
    (job().photos / "bricks.png").unlink()
    (job().photos / "more" / "blobs.png").unlink()
    _, trained = to_end(job(steps=80, batch=4))
    rows = table(job())
    assert rows[-1]["held_out"] < 0.6 * rows[0]["held_out"]
    assert trained.best == pytest.approx(min(row["held_out"] for row in rows), rel=1e-4)
    assert trained.psnr == pytest.approx(-10 * math.log10(trained.best))


def table(job):
    rows = csv.DictReader(io.StringIO(job.beside(".loss.csv").read_text()))
    return [{name: float(number) for name, number in row.items()} for row in rows]


def test_everything_is_beside_the_network(job, photos):
    moments, trained = to_end(job())
    names = {f"net{ending}" for ending in ENDINGS}
    assert {path.name for path in photos.parent.iterdir()} == {"photos", *names}
    assert [moment.step for moment in moments] == list(range(1, 9))
    assert [moment.fraction for moment in moments] == [i / 8 for i in range(1, 9)]
    assert [row["step"] for row in table(job())] == [4, 8]
    assert (trained.steps, trained.stopped, trained.notes) == (8, False, [])
    network, notes = weights.load(str(job().output))
    assert notes == []
    assert network.stride(network.layers) == 16
    sheet = load_png(job().beside(".sheet.png"))
    assert sheet.shape[2] == 3
    assert sheet.std() > 10
    with Image.open(job().beside(".loss.png")) as curve:
        assert curve.size == (960, 540)


def tensors(path):
    with safetensors.safe_open(path, "pt") as file:
        return {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118


@pytest.mark.slow
def test_the_same_seed_gives_the_same_network(job, tmp_path):
    made = []
    for name in ("a", "b", "c"):
        output = tmp_path / f"{name}.safetensors"
        again = TrainingJob(
            job().photos, output, 32, 2, 5, seed=7 if name == "c" else 0, device="cpu"
        )
        to_end(again)
        made.append((tensors(output), weights.load(str(output))[0].name))
    (first, name), (second, again), (_, other) = made
    assert all(torch.equal(value, second[key]) for key, value in first.items())
    assert name == again != other


def test_resumed_it_is_as_if_it_had_not_been_stopped(job, tmp_path):
    to_end(job())
    straight = tensors(job().beside(".state.safetensors"))
    rows = table(job())
    for ending in ENDINGS:
        job().beside(ending).unlink()
    asked = iter([False] * 3 + [True])
    moments, trained = to_end(job(), stop=lambda: next(asked))
    assert (len(moments), trained.stopped, trained.steps) == (4, True, 4)
    moments, trained = to_end(job(resume=True, patch=None, batch=None))
    assert [moment.step for moment in moments] == [5, 6, 7, 8]
    resumed = tensors(job().beside(".state.safetensors"))
    assert straight.keys() == resumed.keys()
    for key, value in straight.items():
        assert torch.equal(resumed[key], value), key
    for a, b in zip(table(job()), rows, strict=True):
        assert {**a, "seconds": 0} == {**b, "seconds": 0}
    assert not list(tmp_path.glob(".*"))


def test_a_finished_training_goes_on_when_told_more_steps(job):
    to_end(job(steps=4))
    moments, trained = to_end(job(steps=4, resume=True))
    assert (moments, trained.steps) == ([], 4)
    moments, trained = to_end(job(steps=6, resume=True))
    assert (len(moments), trained.steps) == (2, 6)


def test_stopped_between_judgements_it_keeps_the_last_step(job):
    asked = iter([False, True])
    _, trained = to_end(job(), stop=lambda: next(asked))
    assert (trained.steps, trained.stopped) == (2, True)
    assert [row["step"] for row in table(job())] == [2]
    _, trained = to_end(job(resume=True))
    assert trained.steps == 8


def test_the_best_network_is_kept_not_the_last(job, monkeypatch):
    held_out = iter([0.3, 0.1, 0.2])

    def judge(self, patches):
        before = self.best
        self.history.append(Judgement(self.step, 0.1, next(held_out), 0.0))
        return self.history[-1].held_out < before

    monkeypatch.setattr(Trainer, "judge", judge)
    _, trained = to_end(job(steps=12))
    assert trained.best == 0.1
    with safetensors.safe_open(job().output, "pt") as file:
        assert json.loads(file.metadata()["about"])["steps"] == 8


def test_minutes_end_it(job):
    clock = iter(range(0, 1000, 15))
    moments, trained = to_end(job(steps=None, minutes=1), now=lambda: next(clock))
    assert [moment.fraction for moment in moments] == [0.25, 0.5, 0.75, 1]
    assert trained.steps == 4


def test_a_disk_that_is_full_leaves_the_checkpoint_before(job, monkeypatch):
    written = run_.write_whole

    def write(path, content):
        if calls.append(path) or len(calls) > 7:
            raise OSError(28, "No space left on device")
        written(path, content)

    calls = []
    monkeypatch.setattr(run_, "write_whole", write)
    with pytest.raises(BadInput, match=r"cannot be written: No space left on device"):
        to_end(job())
    monkeypatch.setattr(run_, "write_whole", written)
    weights.load(str(job().output))
    _, trained = to_end(job(resume=True))
    assert trained.steps == 8


MISTAKES = {
    "suffix": ({"output": "net.pth"}, "is no name for a network"),
    "folder": ({"output": "gone/net.safetensors"}, "is not there: make it"),
    "multiple": ({"patch": 40}, "Patches of 40 pixels: use a multiple of 16"),
    "small": ({"patch": 16}, "Patches of 16 pixels"),
    "large": ({"patch": 2048}, "Patches of 2048 pixels"),
    "batch": ({"batch": 0}, "0 batch: use a number above 0"),
    "steps": ({"steps": -1}, "-1 steps: use a number above 0"),
    "minutes": ({"minutes": math.nan}, "nan minutes"),
    "seed": ({"seed": -1}, "The seed is -1"),
    "resume": ({"resume": True}, "There is no training to resume"),
    "device": ({"device": "abacus"}, "“abacus” is no device"),
    "photos": ({"photos": "gone"}, "The folder “gone” is not there"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_every_mistake_is_one_sentence_before_any_work(photos, monkeypatch, mistake):
    changes, sentence = MISTAKES[mistake]
    monkeypatch.chdir(photos.parent)
    settings = {"output": "net.safetensors", "photos": "photos", "patch": 32, **changes}
    job = TrainingJob(
        **{
            name: type(photos)(value) if name in ("output", "photos") else value
            for name, value in settings.items()
        }
    )
    with pytest.raises(BadInput) as mistaken:
        to_end(job)
    assert sentence in str(mistaken.value)
    assert list(photos.parent.iterdir()) == [photos]


def test_a_network_is_not_trained_over(job):
    job().output.write_bytes(b"of last week")
    with pytest.raises(BadInput, match=r"is there already: go on with it by --resume"):
        to_end(job())
    assert job().output.read_bytes() == b"of last week"


def test_a_training_is_resumed_with_what_it_was_begun_with(job):
    to_end(job(steps=2))
    with pytest.raises(BadInput, match="begun with a batch of 2"):
        to_end(job(resume=True, batch=3))
    with pytest.raises(BadInput, match="begun with a seed of 0"):
        to_end(job(resume=True, seed=3))


@pytest.mark.parametrize("content", [b"", b"no safetensors", b"network"])
def test_a_damaged_state_ends_in_a_sentence(job, content):
    to_end(job(steps=2))
    path = job().beside(".state.safetensors")
    path.write_bytes(job().output.read_bytes() if content == b"network" else content)
    with pytest.raises(BadInput, match="is no training that can be resumed"):
        to_end(job(resume=True))


def test_no_memory_is_a_sentence(job, monkeypatch):
    def learn(*_):
        raise RuntimeError("CUDA out of memory")

    monkeypatch.setattr(Trainer, "learn", learn)
    with pytest.raises(OutOfMemory, match="smaller --batch or --patch"):
        to_end(job())


def test_the_curve_shows_where_the_errors_are(tmp_path):
    def curve(*errors):
        rows = [Judgement(10 * i + 10, 0.01, error, 1.0) for i, error in enumerate(errors)]
        picture = Image.open(io.BytesIO(loss_curve(rows)))
        pixels = np.asarray(picture).astype(int)
        # Without the words of the legend.
        orange = np.abs(pixels - [200, 80, 40]).sum(2) < 20
        return np.argwhere(orange[100:484, :]).mean(0)

    high, low = curve(0.03, 0.03), curve(0.0011, 0.0011)
    assert high[0] + 50 < low[0]
    lines = loss_table([Judgement(50, 0.123456789, 0.5, 2.0)]).decode().splitlines()
    assert lines == ["step,training,held_out,seconds", "50,0.123457,0.5,2"]
