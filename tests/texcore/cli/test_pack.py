import numpy as np
import pytest

from tests.making import save_png
from texcore import pictures
from texcore.cli import main


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "Red Wall"
    path.mkdir()
    flat = np.ones((3, 16, 16), np.float32)
    for name, values in {
        "base_color": (0.8, 0.4, 0.2),
        "normal": (0.4, 0.2, 1.0),
        "roughness": (0.6, 0.6, 0.6),
        "specular": (0.2, 0.2, 0.2),
    }.items():
        save_png(path / f"{name}.png", flat * np.reshape(values, (3, 1, 1)).astype(np.float32))
    return path


def test_a_folder_is_packed_for_unreal(folder, tmp_path, capsys):
    assert main(["pack", str(folder), "--for", "unreal", "-o", str(tmp_path / "out")]) == 0
    said = capsys.readouterr()
    assert said.err == "texcore: No place in this set: specular.\n"
    names = ["T_Red_Wall_BC.png", "T_Red_Wall_N.png", "T_Red_Wall_ORM.png"]
    assert [line.rpartition("/")[2] for line in said.out.splitlines()] == names
    colour, normal, orm = (pictures.read(tmp_path / "out" / name) for name in names)
    np.testing.assert_allclose(colour.pixels[:, 0, 0], [0.8, 0.4, 0.2], atol=1e-6)
    np.testing.assert_allclose(normal.pixels[:, 0, 0], [0.4, 0.8, 1.0], atol=1e-4)
    np.testing.assert_allclose(orm.pixels[:, 0, 0], [1.0, 0.6, 0.0], atol=1e-6)
    assert (colour.depth, normal.depth, orm.depth) == ("uint8", "uint16", "uint8")


def test_what_cannot_be_packed_leaves_no_folder(tmp_path, capsys):
    (tmp_path / "maps").mkdir()
    words = ["pack", str(tmp_path / "maps"), "--for", "unity", "-o", str(tmp_path / "out")]
    assert main(words) == 1
    assert "holds no map whose name says what it is" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    with pytest.raises(SystemExit):
        main([*words[:3], "cryengine", *words[4:]])
