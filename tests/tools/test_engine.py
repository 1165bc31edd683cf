from pathlib import Path

import pytest

from texcore.contract.user_folders import engine_python_file
from tools import engine


@pytest.fixture
def clone(tmp_path, monkeypatch):
    folder = tmp_path / "clone"
    folder.mkdir()
    monkeypatch.setattr(engine, "ROOT", folder)
    return folder


def made(folder: Path) -> Path:
    folder.mkdir()
    (folder / "pyvenv.cfg").touch()
    return folder


def test_link_leads_to_the_newest_environment(clone, tmp_path):
    old, new = made(tmp_path / "old"), made(tmp_path / "new")
    engine.link(old)
    engine.link(new)
    assert (clone / ".venv").resolve() == new
    assert [path.name for path in clone.iterdir()] == [".venv"]
    assert (old / "pyvenv.cfg").exists()


def test_real_folder_is_left_alone(clone, tmp_path, capsys):
    own = made(clone / ".venv")
    new = made(tmp_path / "new")
    engine.link(new)
    assert (own / "pyvenv.cfg").exists()
    assert str(new) in capsys.readouterr().out


def test_extension_is_told_the_interpreter(home):
    engine.remember(Path("somewhere/python"))
    assert engine_python_file().read_text(encoding="utf-8").strip() == str(Path("somewhere/python"))
