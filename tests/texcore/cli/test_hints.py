"""What the command line adds to sentences that Blender shows too: the option they are about."""

import ast
import re
from pathlib import Path

import numpy as np
import pytest

import texcore
from tests.making import save_png
from texcore.cli import main
from texcore.contract.errors import BadInput
from texcore.contract.sentences import SENTENCES

_OPTION = re.compile(r"[ (]--(?!hash=)\w")
# They say what the command line alone does, and never reach Blender.
_OF_THE_COMMAND_LINE = ("batches", "cli", "link", "segmentation", "training")


def test_an_error_names_its_option_on_the_command_line_only(tmp_path, capsys):
    photo = save_png(tmp_path / "photo.png", np.random.default_rng(0).random((3, 32, 32)))
    words = ["synthesize", str(photo), "-o", str(tmp_path / "new.png"), "--weights", "random"]
    assert main([*words, "--model", "regions"]) == 1
    sentence = "The model “regions” needs to know the regions: give a mask of the exemplar."
    assert capsys.readouterr().err == f"texcore: {sentence} (See --mask.)\n"
    with pytest.raises(BadInput) as raised:
        texcore.synthesize(photo, model="regions", weights="random")
    assert str(raised.value) == sentence


def test_what_blender_shows_names_no_option_of_the_command_line():
    assert not [sentence for sentence in SENTENCES if "--" in sentence]
    package, found = Path(texcore.__file__).parent, []
    for path in package.rglob("*.py"):
        if path.relative_to(package).parts[0] not in _OF_THE_COMMAND_LINE:
            for node in ast.walk(ast.parse(path.read_text())):
                text = node.value if isinstance(node, ast.Constant) else None
                if isinstance(text, str) and _OPTION.search(text) and "\n" not in text:
                    found.append(f"{path.name}: {text}")
    assert not found
