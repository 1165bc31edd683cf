"""What the tests of things that break share."""

import pytest

from tests.making import bricks, save_png


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """An empty home of Texcore."""
    monkeypatch.setenv("TEXCORE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def folder(tmp_path):
    """Where the artist works; nothing else may appear here."""
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


@pytest.fixture
def exemplar(folder):
    return save_png(folder / "bricks.png", bricks(48, 56))


@pytest.fixture
def untouched(folder, exemplar):
    """Call it: the folder holds the exemplar as it was, and nothing else."""
    before = exemplar.read_bytes()

    def check(*more):
        assert sorted(folder.iterdir()) == sorted([exemplar, *more])
        assert exemplar.read_bytes() == before

    return check
