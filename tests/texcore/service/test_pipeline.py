import numpy as np
import pytest
import torch

from tests.making import blobs, bricks, load_png, save_png, state_dict
from texcore import pictures
from texcore.contract.calibration import Expected
from texcore.contract.errors import BadInput, Cancelled, OutOfMemory, Unavailable
from texcore.contract.jobs import Job
from texcore.contract.notes import PHOTO_CHANGES
from texcore.contract.recipe import Recipe
from texcore.features import weights
from texcore.pictures import Picture
from texcore.service import pipeline, progress
from texcore.service.checkpoint import Checkpoint
from texcore.service.progress import Clock

DRAFT = Recipe(size=(40, 36), quality="draft")


pytestmark = pytest.mark.usefixtures("thin")


@pytest.fixture
def exemplar(tmp_path):
    return save_png(tmp_path / "exemplar.png", bricks(40, 44))


def finish(job):
    moments, run = [], pipeline.run(job)
    while True:
        try:
            moments.append(next(run))
        except StopIteration as stop:
            return stop.value, moments


def job(exemplar, name="out.png", recipe=DRAFT, **more):
    words = {"weights": "random", **more}
    return Job.of_picture(exemplar, exemplar.parent / name, recipe, **words)


@pytest.mark.slow
def test_what_was_made_is_told(exemplar, bank):
    made, moments = finish(job(exemplar, recipe=Recipe(quality="draft")))
    assert made.first.output == exemplar.with_name("out.png")
    assert (made.width, made.height) == (44, 40)
    # A first patchwork and the layout, to be seen before, and each evaluation.
    assert made.evaluations == len(moments) - 2 == moments[-1].step.evaluations
    assert made.network == bank.name
    # The exemplar is a wall.
    chosen, periods = made.notes
    assert chosen == weights.CHOSEN_RANDOM_NOTE
    assert "whole periods" in periods
    assert made.seconds > 0
    assert made.repeats == (3, 2)  # bricks of 16 texels in 44, two courses of 9 in 40
    assert load_png(made.first.output).shape == (40, 44, 3)


def test_a_note_that_blender_has_a_button_for_comes_with_its_code(tmp_path):
    pixels = 0.2 * np.random.default_rng(0).random((3, 128, 128))
    photo = save_png(tmp_path / "photo.png", pixels + np.linspace(0, 0.8, 128)[:, None])
    made, _ = finish(job(photo, recipe=Recipe(size=(256, 256), quality="sketch")))
    assert PHOTO_CHANGES in made.note_codes
    assert any(note.startswith("The photo changes from top to bottom") for note in made.notes)


def test_the_recipe_in_the_file_is_complete(exemplar, bank):
    made, _ = finish(job(exemplar, recipe=Recipe(quality="draft", seed=9)))
    recipe = pictures.read_recipe(made.first.output)
    assert recipe == made.first.recipe
    assert recipe == Recipe(
        quality="draft",
        seed=9,
        size=(44, 40),
        network=bank.name,
        exemplar=pictures.read(exemplar).digest(),
        precision=recipe.precision,
        bit_depth="8",
    )
    assert recipe.precision in ("float32", "bfloat16")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["again.png", "again.tif"])
def test_the_recipe_in_the_file_makes_the_same_pixels(exemplar, name):
    made, _ = finish(job(exemplar, name, Recipe(quality="draft", seed=5, tile="x")))
    first = pictures.read(made.first.output).pixels
    recipe = pictures.read_recipe(made.first.output)
    again, _ = finish(job(exemplar, f"2-{name}", recipe))
    assert np.array_equal(pictures.read(again.first.output).pixels, first)
    assert again.first.recipe == made.first.recipe
    assert again.notes == made.notes


@pytest.mark.slow
def test_the_recipe_on_another_picture_is_said(exemplar, tmp_path):
    made, _ = finish(job(exemplar))
    other = save_png(tmp_path / "other.png", blobs(40, 40))
    again, _ = finish(job(other, "b.png", made.first.recipe))
    assert any("another picture" in note for note in again.notes)
    assert again.first.recipe.exemplar == pictures.read(other).digest()


@pytest.mark.slow
def test_the_depth_is_the_exemplars_unless_told_otherwise(tmp_path):
    pictures.write(tmp_path / "e.png", Picture(blobs(32, 32), "uint16"))
    for name, recipe, depth, word in (
        ("a.png", DRAFT, "uint16", "16"),
        ("b.jpg", DRAFT, "uint8", "8"),
        ("c.exr", DRAFT, "float", "float"),
        ("d.png", Recipe(size=(32, 32), quality="draft", bit_depth="8"), "uint8", "8"),
    ):
        made, _ = finish(job(tmp_path / "e.png", name, recipe))
        assert pictures.read(made.first.output).depth == depth
        assert made.first.recipe.bit_depth == word


def test_the_preview_is_a_picture(exemplar):
    preview = exemplar.with_name("preview.png")
    run = pipeline.run(job(exemplar, preview=preview))
    assert next(run).previewed
    assert load_png(preview).shape == (36, 40, 3)
    run.close()
    assert not exemplar.with_name("out.png").exists()


@pytest.mark.slow
def test_without_one_asked_for_there_is_no_preview(exemplar):
    _, moments = finish(job(exemplar))
    assert not any(moment.previewed for moment in moments)
    assert {p.name for p in exemplar.parent.iterdir()} == {"exemplar.png", "out.png"}


@pytest.mark.slow
def test_a_pausable_one_that_is_closed_is_gone_on_with_and_makes_the_same(exemplar, monkeypatch):
    monkeypatch.setattr(Checkpoint, "INTERVAL", 0.0)
    whole, moments = finish(job(exemplar))
    state = exemplar.with_name("state.checkpoint")
    words = {"checkpoint": exemplar.with_name("state"), "now_and_then": False, "pausable": True}
    run = pipeline.run(job(exemplar, "paused.png", **words))
    for _ in range(5):
        next(run)
    assert not state.exists()  # now and then it costs time, and nobody has asked for that
    run.close()
    assert state.exists() and not exemplar.with_name("paused.png").exists()
    made, rest = finish(job(exemplar, "paused.png", **words, resume=True))
    assert "Gone on after 3 evaluations." in made.notes
    assert len(rest) == len(moments) - 5
    assert np.array_equal(load_png(made.first.output), load_png(whole.first.output))
    assert not state.exists()


def test_a_pausable_one_that_is_closed_too_early_leaves_nothing(exemplar):
    words = {"checkpoint": exemplar.with_name("state"), "pausable": True}
    run = pipeline.run(job(exemplar, **words))
    next(run)
    run.close()
    assert list(exemplar.parent.iterdir()) == [exemplar]


def test_closed_it_leaves_nothing(exemplar):
    run = pipeline.run(job(exemplar))
    for _ in range(3):
        next(run)
    run.close()
    assert list(exemplar.parent.iterdir()) == [exemplar]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "again", "encoding"),
    [
        ("linear.exr", "out.png", "auto"),
        ("linear.exr", "out.exr", "auto"),
        ("encoded.png", "out.exr", "auto"),
        ("encoded.png", "out.exr", "data"),
    ],
)
def test_light_is_the_same_in_every_format(tmp_path, name, again, encoding):
    pixels = bricks(36, 40)
    if name.endswith(".exr"):
        pixels = pictures.from_display(pixels, 1.0)
    depth = "float" if name.endswith(".exr") else "uint8"
    pictures.write(tmp_path / name, Picture(pixels, depth))
    recipe = Recipe(quality="draft", encoding=encoding)
    made, _ = finish(job(tmp_path / name, again, recipe))
    out = pictures.read(made.first.output)
    shown = pictures.to_display(out.pixels, 1.0) if out.linear else out.pixels
    if encoding == "data":
        shown = out.pixels
    assert np.allclose(shown.mean((1, 2)), bricks(36, 40).mean((1, 2)), atol=0.03)


REFUSED = {
    "exemplar": ({"exemplar": "gone.png"}, BadInput, "is not there"),
    "output": ({"name": "out.gif"}, BadInput, "of no format"),
    "folder": ({"name": "gone/out.png"}, BadInput, "is not there"),
    "depth": ({"recipe": Recipe(bit_depth="float")}, BadInput, "use another format"),
    "network": ({"recipe": Recipe(network="random-7")}, BadInput, "was made with the network"),
    "unknown-network": (
        {"recipe": Recipe(network="../../vgg-1"), "weights": "auto"},
        BadInput,
        "which is not here: choose the file",
    ),
    "own-network": (
        {"recipe": Recipe(network="vgg19-00000000"), "weights": "auto"},
        BadInput,
        "which is not here: choose the file",
    ),
    "itself": ({"name": "exemplar.png"}, BadInput, "is the exemplar itself"),
    "long": ({"exemplar": "a" * 300}, BadInput, "is not there"),
    "long-weights": ({"weights": "a" * 300}, BadInput, "no weights file"),
    "weights": ({"weights": "nowhere.pth"}, BadInput, "no weights file"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_before_the_first_step(exemplar, case):
    words, kind, sentence = REFUSED[case]
    words = dict(words)
    exemplar_file = exemplar.with_name(words.pop("exemplar", exemplar.name))
    with pytest.raises(kind, match=sentence):
        next(pipeline.run(job(exemplar_file, **words)))
    assert list(exemplar.parent.iterdir()) == [exemplar]


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is one")
def test_a_device_that_is_not_here_is_said(exemplar):
    with pytest.raises(Unavailable, match="no cuda device"):
        next(pipeline.run(job(exemplar, device="cuda")))


@pytest.mark.slow
def test_a_recipe_finds_its_network_in_the_cache(exemplar, tmp_path):
    torch.save(state_dict(), tmp_path / "mine.pth")
    made, _ = finish(job(exemplar, weights=str(tmp_path / "mine.pth")))
    assert made.network.startswith("vgg16-")
    first = load_png(made.first.output)
    (tmp_path / "mine.pth").unlink()
    again, _ = finish(job(exemplar, "b.png", made.first.recipe, weights="auto"))
    assert again.network == made.network
    assert np.array_equal(load_png(again.first.output), first)


class TestMemory:
    def fail(self, monkeypatch, error):
        def steps(self):
            raise error
            yield

        monkeypatch.setattr("texcore.synthesis.run.Synthesis.steps", steps)

    @pytest.mark.parametrize(
        "error",
        [
            MemoryError(),
            torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9 GiB"),
            RuntimeError("MPS backend out of memory"),
            RuntimeError("[enforce fail] DefaultCPUAllocator: not enough memory: you tried"),
            RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate"),
        ],
    )
    def test_that_is_not_enough_is_said(self, exemplar, monkeypatch, error):
        self.fail(monkeypatch, error)
        with pytest.raises(OutOfMemory, match="choose a smaller size"):
            next(pipeline.run(job(exemplar)))
        assert list(exemplar.parent.iterdir()) == [exemplar]

    def test_is_not_blamed_for_other_errors(self, exemplar, monkeypatch):
        self.fail(monkeypatch, RuntimeError("mat1 and mat2 shapes cannot be multiplied"))
        with pytest.raises(RuntimeError, match="mat1"):
            next(pipeline.run(job(exemplar)))


class TestClock:
    def clock(self, *times):
        left = list(times)
        return Clock(lambda: left.pop(0))

    def test_says_nothing_too_early(self):
        clock = self.clock(10.0, 10.1, 20.0)
        assert [clock.remaining(f) for f in (0.0, 0.5, 0.001)] == [None] * 3

    def test_goes_on_at_the_same_speed(self):
        clock = self.clock(100.0, 110.0, 130.0, 140.0)
        assert clock.remaining(0.0) is None
        assert clock.remaining(0.25) == pytest.approx(30)
        assert clock.remaining(0.75) == pytest.approx(10)
        assert clock.remaining(1.0) == 0

    def test_counts_from_its_first_look(self):
        clock = self.clock(0.0, 10.0)
        clock.remaining(0.5)
        assert clock.remaining(0.75) == pytest.approx(10)


class TestExpectingClock:
    """A clock that was told what to expect."""

    def clock(self, *times):
        left = list(times)
        return Clock(lambda: left.pop(0), Expected(before=10.0, work=40.0, after=2.0))

    def test_says_what_was_expected_from_the_first_moment(self):
        clock = self.clock(0.0, 0.0, 4.0, 100.0)
        assert [clock.remaining(0.0) for _ in range(3)] == [52.0, 48.0, 42.0]

    def test_believes_what_it_sees_more_and_more(self):
        clock = self.clock(0.0, 10.0, 12.0, 30.0, 90.0)
        assert clock.remaining(0.01) == pytest.approx(40 * 0.99 + 2)
        # Half as fast as was expected: 100 s for the whole.
        early, half = clock.remaining(0.03), clock.remaining(0.21)
        assert 40 < early < 0.2 * 100 + 0.8 * 42
        assert 0.79 * 40 + 2 < half < 0.79 * 100 + 2
        assert clock.remaining(0.81) == pytest.approx(0.19 * 100 + 2)

    def test_at_the_end_it_is_left_to_write(self):
        clock = self.clock(0.0, 10.0, 50.0)
        clock.remaining(0.1)
        assert clock.remaining(1.0) == pytest.approx(2.0)


def test_a_long_step_can_be_stopped_within(exemplar):
    calls = []

    def check():
        calls.append(len(calls))
        if len(calls) == 3:
            raise Cancelled

    large = job(exemplar, recipe=Recipe(size=(128, 128), quality="draft"), tile_side=64)
    with pytest.raises(Cancelled):
        next(pipeline.run(large, check=check))
    assert calls == [0, 1, 2]
    assert not exemplar.with_name("out.png").exists()


def test_a_later_preview_that_cannot_be_written_is_passed_over(exemplar, monkeypatch):
    write, seen = pictures.write_preview, []

    def write_first(path, picture):
        seen.append(path)
        if len(seen) > 1:
            raise BadInput("the file is being read")
        write(path, picture)

    monkeypatch.setattr(pictures, "write_preview", write_first)
    monkeypatch.setattr(progress, "_PREVIEW_INTERVAL", 0)
    monkeypatch.setattr(progress, "_PREVIEW_SHARE", 1e9)
    preview = exemplar.with_name("preview.npy")
    moments = list(pipeline.run(job(exemplar, preview=preview)))
    assert len(seen) > 2 and preview.is_file()
    assert [moment.previewed for moment in moments].count(True) == 1
