"""Rows that are made: known by what they are made of, whole or absent, and never over another's."""

import json
import shutil

import pytest

from tests.making import bricks, load_png, save_png
from texcore.batches.planning import plan_row
from texcore.batches.work import do_row
from texcore.contract.errors import Cancelled
from texcore.pictures import read_recipe
from texcore.service.checkpoint import Checkpoint


def test_a_picture_and_a_material(shelf, read, made, untidy, tmp_path):
    bark, stones = read({"image": "bark.png", "seed": 3}, {"image": "stones", "derive": "normal"})
    first, second = do_row(bark, shelf), do_row(stones, shelf)
    assert (first.state, second.state) == ("made", "made"), (first.message, second.message)
    assert made() == ["bark.png", "stones/base_color.png", "stones/height.png", "stones/normal.png"]
    assert load_png(tmp_path / "out" / "bark.png").shape == (32, 32, 3)
    assert read_recipe(tmp_path / "out" / "bark.png").seed == 3
    assert sorted(second.files) == ["base_color", "height", "normal"]
    assert second.files["height"].path == "stones/height.png"
    assert untidy() == []


def test_what_is_there_is_not_made_again_and_what_has_changed_is(shelf, read, folder, tmp_path):
    row = {"image": "bark.png", "seed": 3}
    first = do_row(*read(row), shelf)
    out = tmp_path / "out" / "bark.png"
    written = out.stat().st_mtime_ns
    again = do_row(*read(row), shelf)
    assert (again.state, again.digest) == ("there", first.digest)
    assert out.stat().st_mtime_ns == written
    other = do_row(*read({**row, "seed": 4}), shelf)
    assert other.state == "made" and other.digest != first.digest
    back = do_row(*read(row), shelf)
    assert back.state == "made" and back.files["picture"].sha256 == first.files["picture"].sha256
    save_png(folder / "bark.png", bricks(48, 48, 9))
    changed = do_row(*read(row), shelf)
    assert changed.state == "made" and read_recipe(out).exemplar
    assert changed.files["picture"].sha256 != first.files["picture"].sha256


def test_a_picture_of_the_same_content_elsewhere_is_the_same(shelf, read, folder):
    first = do_row(*read({"image": "bark.png"}), shelf)
    (folder / "bark.png").rename(folder / "other.png")
    again = do_row(*read({"image": "other.png", "name": "bark"}), shelf)
    assert (again.state, again.digest) == ("there", first.digest)


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"size": [48, 32]},
        {"width": 48},
        {"format": "tif"},
        {"derive": "height"},
        {"derive": "height", "derive_first": True},
        {"mix": "wall.png"},
        {"mask": "wall.png"},
        {"image": "wall.png"},
        {"weights": "random-vgg"},
    ],
)
def test_the_digest_tells_every_change(read, change):
    plain, changed = read({"image": "bark.png", "name": "a"}, {"image": "bark.png", **change})
    assert plan_row(plain).digest != plan_row(changed).digest


def test_a_width_alone_takes_the_picture_s_height(read):
    (row,) = read({"image": "bark.png", "width": 96}, size=None)
    assert plan_row(row).recipe.size == (96, 48)


def test_a_bad_row_fails_with_a_sentence_and_leaves_nothing(shelf, read, folder, made, untidy):
    (folder / "bark.png").write_bytes(b"no picture")
    outcomes = [do_row(row, shelf) for row in read({"image": "bark.png"}, {"image": "none.png"})]
    assert [o.state for o in outcomes] == ["failed", "failed"]
    assert "bark.png" in outcomes[0].message and "none.png” is not there" in outcomes[1].message
    assert made() == [] and untidy() == []


def test_a_fault_of_the_program_is_told_and_ends_no_batch(shelf, read, monkeypatch, untidy, capfd):
    def fail(*_, **__):
        raise ZeroDivisionError("nobody thought of it")

    monkeypatch.setattr("texcore.batches.work.pipeline.run", fail)
    outcome = do_row(*read({"image": "bark.png"}), shelf)
    assert outcome.state == "failed" and "ZeroDivisionError: nobody thought" in outcome.message
    assert "Traceback" in capfd.readouterr().err and untidy() == []


@pytest.mark.parametrize("image", ["bark.png", "stones"])
def test_what_is_somebody_else_s_is_left_alone(shelf, read, tmp_path, image):
    place = tmp_path / "out" / image
    if image == "stones":
        place.mkdir()
        place /= "notes.txt"
    place.write_bytes(b"painted for a week")
    outcome = do_row(*read({"image": image}), shelf)
    assert outcome.state == "failed" and "was not made by a batch: move it" in outcome.message
    assert place.read_bytes() == b"painted for a week"


@pytest.mark.parametrize("image", ["bark.png", "stones"])
def test_what_was_changed_since_is_left_alone(shelf, read, tmp_path, image):
    assert do_row(*read({"image": image}), shelf).state == "made"
    place = tmp_path / "out" / image
    if image == "stones":
        place /= "base_color.png"
    place.write_bytes(b"retouched")
    for seed in (0, 1):
        outcome = do_row(*read({"image": image, "seed": seed}), shelf)
        assert outcome.state == "failed" and "was changed since it was made" in outcome.message
        assert place.read_bytes() == b"retouched"


@pytest.mark.parametrize("image", ["bark.png", "stones"])
def test_results_may_be_copied_deleted_and_made_otherwise(shelf, read, tmp_path, made, image):
    assert do_row(*read({"image": image}), shelf).state == "made"
    copy = tmp_path / "copy"
    shutil.copytree(tmp_path / "out", copy)  # it keeps the times; these come from a slower copy
    shutil.rmtree(tmp_path / "out")
    shutil.copytree(copy, tmp_path / "out", copy_function=shutil.copyfile)
    assert do_row(*read({"image": image}), shelf).state == "there"
    before = made()
    (tmp_path / "out" / before[-1]).unlink()
    assert do_row(*read({"image": image}), shelf).state == "made" and made() == before
    assert do_row(*read({"image": image, "format": "tif"}), shelf).state == "made"
    assert made() == [name.replace(".png", ".tif") for name in before]


@pytest.mark.parametrize("image", ["bark.png", "stones"])
def test_killed_between_record_and_result_it_is_made_again(shelf, read, made, monkeypatch, image):
    first = do_row(*read({"image": image}), shelf)
    whole = made()

    class Killed(BaseException):
        pass

    with monkeypatch.context() as patch:
        for name in ("rename", "replace"):
            keep = getattr(type(shelf.folder), name)

            def until(self, target, keep=keep):
                if str(target).startswith(str(shelf.folder)) and ".texcore" not in str(target):
                    raise Killed
                return keep(self, target)

            patch.setattr(type(shelf.folder), name, until)
        with pytest.raises(Killed):
            do_row(*read({"image": image, "seed": 8}), shelf)
    assert made() == (whole if image == "bark.png" else [])
    again = do_row(*read({"image": image, "seed": 8}), shelf)
    assert again.state == "made" and again.files != first.files and made() == whole


@pytest.mark.parametrize("image", ["bark.png", "stones"])
def test_after_any_number_of_failed_moves_the_row_can_be_made(shelf, read, monkeypatch, image):
    assert do_row(*read({"image": image}), shelf).state == "made"
    place = shelf.folder / image
    with monkeypatch.context() as patch:
        for name in ("rename", "replace"):
            keep = getattr(type(place), name)

            def move(self, target, keep=keep):
                if place in (self, target):
                    raise PermissionError(13, "A viewer has it open")
                return keep(self, target)

            patch.setattr(type(place), name, move)
        for seed in (8, 9, 10):
            outcome = do_row(*read({"image": image, "seed": seed}), shelf)
            assert "cannot be written" in outcome.message
    last = do_row(*read({"image": image, "seed": 11}), shelf)
    assert last.state == "made", last.message
    assert do_row(*read({"image": image, "seed": 11}), shelf).state == "there"
    do_row(*read({"image": image, "seed": 12}), shelf)
    record = json.loads((shelf.folder / ".texcore" / "rows" / f"{last.name}.json").read_text())
    assert len(record["before"]) == len(last.files)  # older ones are forgotten


def test_a_row_that_was_stopped_goes_on_to_the_same_pixels(shelf, read, monkeypatch, untidy):
    row = {"image": "bark.png", "iterations": 6}
    (whole,) = read({**row, "name": "whole"})
    whole = do_row(whole, shelf)
    monkeypatch.setattr(Checkpoint, "INTERVAL", 0.0)

    def stop(moment):
        if moment.step.evaluations >= 4:
            raise Cancelled

    with pytest.raises(Cancelled):
        do_row(*read(row), shelf, stop)
    (left,) = untidy()
    assert left.suffix == ".checkpoint"
    resumed = do_row(*read(row), shelf)
    assert any("Gone on after" in note for note in resumed.notes)
    assert resumed.files["picture"].sha256 == whole.files["picture"].sha256
    assert untidy() == []


def test_a_checkpoint_that_is_damaged_or_of_other_settings_is_done_without(
    shelf, read, monkeypatch, untidy
):
    monkeypatch.setattr(Checkpoint, "INTERVAL", 0.0)

    def stop(moment):
        if moment.step.evaluations >= 2:
            raise Cancelled

    row = {"image": "bark.png", "iterations": 6}
    with pytest.raises(Cancelled):
        do_row(*read(row), shelf, stop)
    untidy()[0].write_bytes(b"damaged")
    assert do_row(*read(row), shelf).state == "made" and untidy() == []
    with pytest.raises(Cancelled):
        do_row(*read({**row, "seed": 1}), shelf, stop)
    other = do_row(*read({**row, "seed": 2}), shelf)
    assert other.state == "made" and not any("Gone on" in note for note in other.notes)
    assert untidy() == []


def test_a_record_that_is_damaged_makes_its_result_somebody_else_s(shelf, read, tmp_path):
    do_row(*read({"image": "bark.png"}), shelf)
    record = tmp_path / "out" / ".texcore" / "rows" / "bark.json"
    assert json.loads(record.read_text())["outcome"]["name"] == "bark"
    record.write_text('{"outcome": 1}')
    assert "was not made by a batch" in do_row(*read({"image": "bark.png"}), shelf).message
