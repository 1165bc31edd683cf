import numpy as np
import pytest
import torch

from tests.making import bricks, save_png
from texcore.contract.errors import BadInput
from texcore.training.patches import Patches, held_out
from texcore.training.photos import Area, look_into

CPU = torch.device("cpu")


@pytest.fixture
def areas(tmp_path):
    """Five photos, each of one grey of its own."""
    made = []
    for i in range(5):
        path = save_png(tmp_path / f"{i}.png", np.full((3, 48, 48), (40 + 40 * i) / 255))
        made.append(Area(path, 0, 0, 48, 48))
    return made


def stream(areas, steps, **named):
    notes = []
    with Patches(areas, 32, 3, named.pop("seed", 0), notes.append, **named) as patches:
        return [patches.batch(step, CPU) for step in steps], notes


def test_the_stream_follows_from_seed_and_step(areas):
    first, _ = stream(areas, range(6))
    again, _ = stream(areas, range(6))
    later, _ = stream(areas, range(3, 6))
    other, _ = stream(areas, range(6), seed=1)
    for a, b in zip(first, again, strict=True):
        assert torch.equal(a, b)
    for a, b in zip(first[3:], later, strict=True):
        assert torch.equal(a, b)
    assert not torch.equal(first[0], other[0])
    assert not torch.equal(first[0], first[1])


def test_photos_that_do_not_fit_take_turns_and_resume_as_well(areas):
    # Two of them at a time, for 42 steps.
    size = 2 * 3 * 48 * 48
    first, _ = stream(areas, range(130), shelf_bytes=size)
    later, _ = stream(areas, range(100, 130), shelf_bytes=size)
    for a, b in zip(first[100:], later, strict=True):
        assert torch.equal(a, b)

    def greys(batches):
        """Which photos they are of; the augmentation shifts a grey by less than half of 40."""
        return {float(x.mean().round(decimals=2)) for batch in batches for x in batch}

    assert len(greys(first)) > len(greys(first[:42]))


def test_every_patch_is_cut_from_the_area_alone(tmp_path):
    picture = np.zeros((3, 80, 64), np.float32)
    picture[0, :40] = 1
    area = Area(save_png(tmp_path / "half.png", picture), 40, 0, 40, 64)
    batches, _ = stream([area], range(20))
    for x in torch.cat(batches):
        assert x.shape == (3, 32, 32)
        assert x.max() < 0.06  # no more than the shift of brightness
        assert x.min() >= 0


def test_patches_are_turned_flipped_scaled_and_brightened(tmp_path):
    # A ramp to the right, steeper than any ramp down.
    x = np.broadcast_to(np.linspace(0.2, 0.7, 96), (3, 96, 96))
    area = Area(save_png(tmp_path / "ramp.png", x), 0, 0, 96, 96)
    batches, _ = stream([area], range(30))
    patches = torch.cat(batches).mean(1)
    across = (patches[:, :, -1] - patches[:, :, 0]).mean(1)
    down = (patches[:, -1] - patches[:, 0]).mean(1)
    steepest = torch.maximum(across.abs(), down.abs())
    for direction in (across, -across, down, -down):
        assert (direction > 0.9 * steepest).sum() > 5
    # Without scaling every patch would span a third of the ramp, but for brightness.
    assert steepest.max() / steepest.min() > 2


def test_damaged_photos_are_done_without(areas):
    areas[2].photo.write_bytes(areas[2].photo.read_bytes()[:60])
    batches, notes = stream(areas, range(3))
    assert len(batches) == 3
    assert len(notes) == 1
    assert "2.png" in notes[0]
    for area in areas:
        area.photo.write_bytes(b"gone")
    with pytest.raises(BadInput, match="None of the photos"):
        stream(areas, range(3))
    with pytest.raises(BadInput, match="None of the photos"):
        held_out(areas, 32, 0, notes.append)


def test_held_out_patches_are_pieces_of_what_is_held_out(photos):
    folder = look_into(photos, 32)
    patches = held_out(folder.held_out, 32, 0, pytest.fail)
    assert patches.dtype == torch.uint8
    assert patches.shape == (16, 3, 32, 32)
    strip = np.round(bricks(80, 64)[:, 48:] * 255).astype(np.uint8)
    windows = {
        strip[:, top : top + 32, left : left + 32].tobytes()
        for top in range(strip.shape[1] - 31)
        for left in range(strip.shape[2] - 31)
    }
    found = [np.ascontiguousarray(x.numpy()).tobytes() in windows for x in patches]
    assert sum(found) == 8  # the others are of the other photo
    assert torch.equal(held_out(folder.held_out, 32, 0, pytest.fail), patches)
