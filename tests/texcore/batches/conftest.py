"""A queue's folder with pictures in it, and rows that take a moment."""

import json

import pytest

from tests.making import bricks, relief, save_png
from texcore.batches.rows import read_rows
from texcore.batches.shelf import Shelf

QUICK = {"size": (32, 32), "quality": "draft", "weights": "random", "iterations": 1}
QUICK |= {"straighten": False, "device": "cpu"}


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "queue"
    place.mkdir()
    for name, seed in (("bark", 1), ("wall", 2)):
        save_png(place / f"{name}.png", bricks(48, 48, seed))
    (place / "stones").mkdir()
    for kind, pixels in relief(48, 48).items():
        if kind in ("base_color", "height"):
            save_png(place / "stones" / f"stones_{kind.replace('_', '')}.png", pixels)
    return place


@pytest.fixture
def read(folder):
    """Read rows out of objects."""

    def read(*objects, **common):
        queue = folder / "queue.jsonl"
        queue.write_text("".join(f"{json.dumps(each)}\n" for each in objects), encoding="utf-8")
        return read_rows(queue, {**QUICK, **common})

    return read


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path / "out")


@pytest.fixture
def made(tmp_path):
    """What an artist sees in the output folder."""

    def made():
        out = tmp_path / "out"
        paths = (path.relative_to(out) for path in out.rglob("*") if path.is_file())
        return sorted(path.as_posix() for path in paths if path.parts[0] != ".texcore")

    return made


@pytest.fixture
def untidy(tmp_path):
    """Folders and files that should have gone with the work."""
    return lambda: sorted((tmp_path / "out" / ".texcore" / "work").iterdir())
