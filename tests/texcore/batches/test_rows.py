"""Rows: what a queue's names, patterns and paths come to."""

import pytest

from texcore.batches.rows import read_rows
from texcore.contract.errors import BadInput


def test_a_pattern_is_a_row_for_each_picture_and_folders_count(folder, read):
    rows = read({"image": "*.png", "seed": 3}, {"image": "ston*"}, seed=1)
    assert [(row.number, row.name) for row in rows] == [(1, "bark"), (2, "wall"), (3, "stones")]
    assert [row.image for row in rows] == [folder / n for n in ("bark.png", "wall.png", "stones")]
    assert [row.values["seed"] for row in rows] == [3, 3, 1]


def test_a_pattern_may_begin_at_the_root_and_a_name_may_look_like_one(folder, read):
    (folder / "bark.png").rename(folder / "bark[1].png")
    rows = read({"image": str(folder / "w*.png")}, {"image": "bark[1].png"})
    assert [row.name for row in rows] == ["wall", "bark[1]"]


def test_names_are_filled_in(read):
    rows = read(
        {"image": "bark.png", "name": "new/{stem}-{seed}-{size}", "seed": 4, "size": [64, 32]},
        {"image": "bark.png", "name": "{row}"},
    )
    assert [row.name for row in rows] == ["new/bark-4-64x32", "2"]


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        ({"image": "none*.png"}, "nothing fits “none"),
        ({"seed": 1}, "has no image"),
        ({"image": "bark.png", "name": "../bark"}, "a part that begins with a dot"),
        ({"image": "bark.png", "name": "a/.b"}, "a part that begins with a dot"),
        ({"image": "bark.png", "name": "/bark"}, "is no name below"),
        ({"image": "bark.png", "name": "C:bark"}, "is no name below"),
        ({"image": "bark.png", "name": "{colour}"}, "the name has {colour}: use {stem}"),
        ({"image": "bark.png", "colour": 1}, "has “colour”"),
    ],
)
def test_what_is_wrong_with_a_row_is_told_in_it(read, row, wrong):
    first, second = read(row, {"image": "wall.png"})
    assert wrong in first.wrong and first.wrong.startswith("Item 1 of the queue")
    assert second.wrong == "" and second.name == "wall"


@pytest.mark.parametrize(
    ("names", "wrong"),
    [
        (("a", "A"), "The rows 1 and 2 would both be called “A”"),
        (("a", "a/b"), "would be called “a/b”, inside of “a”"),
        (("a/b/c", "a"), "would be called “a/b/c”, inside of “a”"),
    ],
)
def test_two_results_in_one_place_are_refused_before_any_work(read, names, wrong):
    with pytest.raises(BadInput, match=wrong):
        read(*({"image": "bark.png", "name": name} for name in names))


def test_the_rows_start_at_the_folder_of_their_queue(folder, monkeypatch, tmp_path):
    (folder / "queue.csv").write_text("image,mask\nbark.png,wall.png\n")
    monkeypatch.chdir(tmp_path)
    (row,) = read_rows((folder / "queue.csv").relative_to(tmp_path), {})
    assert row.image == folder / "bark.png" and row.find_path("mask") == folder / "wall.png"
