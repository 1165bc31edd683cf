"""What the tests of the build script share."""

import pytest

from tools import blenders


@pytest.fixture(scope="session")
def blender():
    """A Blender that can build extensions; a run of all tests has installed it before."""
    return blenders.newest_wheel()


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty home of Texcore."""
    monkeypatch.setenv("TEXCORE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"
