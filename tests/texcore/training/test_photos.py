import numpy as np
import pytest

from tests.making import blobs, bricks, load_png, save_png
from texcore import pictures
from texcore.contract.errors import BadInput
from texcore.training import photos as photos_
from texcore.training.photos import Area, load, look_into


def covered(areas, path, shape):
    mask = np.zeros(shape, bool)
    for area in areas:
        if area.photo == path:
            mask[area.top : area.top + area.height, area.left : area.left + area.width] = True
    return mask


def test_the_end_of_each_photo_is_held_out(photos):
    folder = look_into(photos, 32)
    assert folder.notes == ()
    for path, shape in (
        (photos / "bricks.png", (80, 64)),
        (photos / "more" / "blobs.png", (64, 96)),
    ):
        training = covered(folder.training, path, shape)
        held_out = covered(folder.held_out, path, shape)
        assert not (training & held_out).any()
        assert (training | held_out).all()
        assert held_out.sum() == 32 * min(shape)


def test_of_many_photos_some_are_held_out_whole(tmp_path):
    for i in range(17):
        save_png(tmp_path / f"{i:02}.png", bricks(32, 32, i))
    folder = look_into(tmp_path, 32)
    names = [[area.photo.name for area in areas] for areas in (folder.training, folder.held_out)]
    assert names[1] == ["00.png", "08.png", "16.png"]
    assert len(names[0]) == 14
    assert not set(names[0]) & set(names[1])


def test_a_photo_too_small_to_be_divided_is_learnt_from(photos):
    save_png(photos / "small.png", bricks(40, 40))
    folder = look_into(photos, 32)
    small = photos / "small.png"
    assert Area(small, 0, 0, 40, 40) in folder.training
    assert small not in {area.photo for area in folder.held_out}


def test_what_cannot_be_used_is_said_and_left_out(photos):
    save_png(photos / "tiny.png", bricks(20, 90))
    (photos / "broken.jpg").write_bytes(b"no picture")
    (photos / "notes.txt").write_text("no picture either")
    (photos / ".hidden.png").write_bytes(b"")
    folder = look_into(photos, 32)
    assert {area.photo.name for area in folder.training} == {"bricks.png", "blobs.png"}
    assert sorted(folder.notes) == [
        "“broken.jpg” is left out: it is no picture that can be read.",
        "“tiny.png” is left out: 90 × 20 is less than a patch.",
    ]


def test_many_complaints_are_counted(photos):
    for i in range(9):
        (photos / f"broken{i}.jpg").write_bytes(b"")
    notes = look_into(photos, 32).notes
    assert len(notes) == 6
    assert notes[-1] == "4 more pictures are left out likewise."


def test_a_folder_that_is_none(tmp_path):
    with pytest.raises(BadInput, match="is not there"):
        look_into(tmp_path / "gone", 32)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(BadInput, match="is no folder"):
        look_into(tmp_path / "file", 32)
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match="no picture in"):
        look_into(tmp_path / "empty", 32)
    save_png(tmp_path / "empty" / "small.png", bricks(60, 60))
    with pytest.raises(BadInput, match="too little in"):
        look_into(tmp_path / "empty", 32)


def test_a_photo_is_loaded_as_displayed(photos, tmp_path):
    rows = load_png(photos / "bricks.png")
    got = load(Area(photos / "bricks.png", 10, 5, 40, 30))
    assert np.array_equal(got, rows[10:50, 5:35].transpose(2, 0, 1))
    grey = load(Area(photos / "more" / "blobs.png", 0, 0, 64, 96))
    assert np.array_equal(grey, np.stack([load_png(photos / "more" / "blobs.png")] * 3))
    light = pictures.Picture(pictures.from_display(blobs(32, 32), 1.0), "half", linear=True)
    pictures.write(tmp_path / "light.exr", light)
    exr = load(Area(tmp_path / "light.exr", 0, 0, 32, 32))
    assert np.abs(exr / 255 - blobs(32, 32)).max() < 0.004


def test_a_photo_that_is_not_what_its_head_said(photos):
    with pytest.raises(BadInput, match="has changed"):
        load(Area(photos / "bricks.png", 0, 0, 90, 64))


def test_the_order_is_always_the_same(photos, monkeypatch):
    first = look_into(photos, 32)
    walk = photos_.os.walk

    def other_order(*given, **named):
        for parent, folders, names in walk(*given, **named):
            folders.reverse()
            yield parent, folders, names[::-1]

    monkeypatch.setattr(photos_.os, "walk", other_order)
    assert look_into(photos, 32) == first
