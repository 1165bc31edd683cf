import sys
from pathlib import Path

import pytest

from texcore.contract import user_folders
from texcore.contract.errors import Unavailable


def test_a_home_of_its_own_holds_everything(monkeypatch, tmp_path):
    monkeypatch.setenv("TEXCORE_HOME", str(tmp_path))
    assert user_folders.cache_dir() == tmp_path / "cache"
    assert user_folders.data_dir() == tmp_path / "data"
    assert user_folders.engine_python_file().parent == tmp_path / "data"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="XDG is of other systems")
@pytest.mark.parametrize("relative", ["", "relative/path"])
def test_the_folders_of_xdg(monkeypatch, tmp_path, relative):
    monkeypatch.setenv("TEXCORE_HOME", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "c"))
    monkeypatch.setenv("XDG_DATA_HOME", relative)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert user_folders.cache_dir() == tmp_path / "c" / "texcore"
    assert user_folders.data_dir() == tmp_path / ".local" / "share" / "texcore"


def test_without_a_home_the_variable_to_set_is_named(monkeypatch):
    def no_home():
        raise RuntimeError("Could not determine home directory.")

    for variable in ("TEXCORE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(Path, "home", no_home)
    with pytest.raises(Unavailable, match="set the variable TEXCORE_HOME"):
        user_folders.cache_dir()


@pytest.mark.parametrize("platform", ["win32", "darwin", "linux"])
def test_cache_and_data_are_never_the_same(monkeypatch, tmp_path, platform):
    monkeypatch.delenv("TEXCORE_HOME")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    monkeypatch.setattr(sys, "platform", platform)
    assert user_folders.cache_dir() != user_folders.data_dir()
    assert (
        Path.home() in user_folders.cache_dir().parents
        or tmp_path in user_folders.cache_dir().parents
    )
