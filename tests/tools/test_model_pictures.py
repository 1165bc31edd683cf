"""The pictures of Blender's menu of models: one of each, small, and made again by their script."""

from __future__ import annotations

import pytest
from PIL import Image

from demo import model_pictures
from tests import unmeasured
from texcore.contract.choices import PLAIN_MODELS
from texcore.service import calibrating

MOST_BYTES = 12 * 1024


def test_each_model_of_the_menu_has_one_and_it_is_small():
    paths = sorted(model_pictures.FOLDER.iterdir())
    assert [path.name for path in paths] == sorted(f"{model.id}.png" for model in PLAIN_MODELS)
    for path in paths:
        expect_small(path)


@pytest.mark.slow
def test_they_can_be_made_again(tmp_path, monkeypatch):
    monkeypatch.setenv("TEXCORE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(calibrating, "_measure_machine", unmeasured.measure_machine)
    monkeypatch.setattr(calibrating, "_measure_network", unmeasured.measure_network)
    quick = ("--weights", "random", "--iterations", "1")
    model_pictures.make_pictures(tmp_path / "new", models=["gap"], options=quick)
    (path,) = (tmp_path / "new").iterdir()
    assert path.name == "gap.png"
    expect_small(path)


def expect_small(path):
    with Image.open(path) as picture:
        assert (picture.format, picture.size) == ("PNG", (96, 96))
        assert len(picture.getcolors()) > 16
    assert path.stat().st_size <= MOST_BYTES
