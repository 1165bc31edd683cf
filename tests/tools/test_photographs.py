"""The photographs of Blender's window: each has a scene, and the documents have them all."""

from __future__ import annotations

import ast

import pytest
from PIL import Image

from tools import photographs
from tools.console import Failure
from tools.photographs.frames import FRAMES
from tools.project import ROOT


def test_each_has_a_scene():
    scenes = ast.parse((photographs.HERE / "scenes.py").read_text("utf-8")).body
    names = {node.name for node in scenes if isinstance(node, ast.FunctionDef)}
    public = {name for name in names if not name.startswith("_")}
    assert public == {name.replace("-", "_") for name in FRAMES}


@pytest.mark.parametrize("name", FRAMES)
def test_the_documents_have_it_at_its_size(name: str):
    with Image.open(ROOT / "docs" / f"{name}.jpg") as picture:
        assert picture.size == FRAMES[name].size
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    assert any(f"{name}.jpg)" in page.read_text("utf-8") for page in pages)


def test_an_unknown_one_is_refused_before_anything_is_set_up():
    with pytest.raises(Failure, match="There is no photograph sunset: there are panel, "):
        photographs.photograph(["panel", "sunset"])
