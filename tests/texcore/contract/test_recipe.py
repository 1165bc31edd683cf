import dataclasses
import json
import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.running import ROOT
from tests.texcore.contract.values import refusals_of, values_of
from texcore.contract import recipe
from texcore.contract.errors import BadInput
from texcore.contract.recipe import SETTINGS, Recipe
from texcore.contract.settings import ChoiceSetting

MODULES = sorted(p.stem for p in (ROOT / "texcore" / "contract").glob("[a-z]*.py"))

recipes = st.builds(Recipe, **{name: values_of(setting) for name, setting in SETTINGS.items()})


@given(recipes)
def test_goes_through_json_and_back(made):
    text = made.dumps()
    assert "\n" not in text
    assert Recipe.loads(text) == made
    assert Recipe.from_json(json.loads(json.dumps(made.to_json()))) == made


@given(recipes)
def test_every_setting_is_written(made):
    assert set(made.to_json()) == {f.name for f in dataclasses.fields(Recipe)}


@given(recipes, st.sampled_from([*SETTINGS, "version"]))
def test_what_is_left_out_takes_its_default(made, name):
    plain = made.to_json()
    del plain[name]
    got = Recipe.from_json(plain)
    assert got == dataclasses.replace(made, **{name: getattr(Recipe(), name)})


REFUSED = [
    ({name: value}, sentence)
    for name, setting in SETTINGS.items()
    for value, sentence in refusals_of(setting)
]
# What is of no setting, and sentences as they are read, for some whose words are told otherwise.
REFUSED += [
    ({"seed": -1}, "The seed is -1: use 0 to 4294967295."),
    ({"components": 0}, "The components are 0: use 1 to 4096."),
    ({"iterations": 2.5}, "The iterations are 2.5: use a whole number from 1 to 100000."),
    ({"init_strength": 1.5}, "The start's noise is 1.5: use a number from 0 to 1."),
    ({"size": [31, 64]}, "The size is 31 × 64: use 32 to 16384 pixels a side."),
    ({"bit_depth": "12"}, "“12” is no bit depth: use auto, 8, 16 or float."),
    ({"version": 3}, "The recipe is of version 3"),
    ({"colour": "red"}, "a setting this Texcore does not know: colour"),
    ([], "not a JSON object"),
    (None, "not a JSON object"),
    ("default", "not a JSON object"),
]


@pytest.mark.parametrize(("value", "sentence"), REFUSED, ids=[repr(v) for v, _ in REFUSED])
def test_a_wrong_value_is_refused_in_one_sentence(value, sentence):
    with pytest.raises(BadInput, match=re.escape(sentence)) as refusal:
        Recipe.from_json(value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("text", ["", "{", "{'model': 1}", "\0", "nul"])
def test_what_is_no_json_is_refused(text):
    with pytest.raises(BadInput, match=r"^The recipe is not JSON: .*\.$"):
        Recipe.loads(text)


@pytest.mark.parametrize(
    ("width", "height", "size"), [(70, 48, (70, 48)), (20, 16, (32, 32)), (20000, 16, (16384, 32))]
)
def test_the_default_size_is_the_exemplars_within_limits(width, height, size):
    assert recipe.default_size(width, height) == size


def test_every_choice_has_words_for_people():
    for setting in SETTINGS.values():
        if isinstance(setting, ChoiceSetting):
            assert len(set(setting.ids)) == len(setting.ids)
            assert all(c.label and c.description for c in setting.choices)


@pytest.mark.parametrize("module", MODULES)
def test_the_extension_can_import_it_without_any_package(module):
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); import texcore.contract.{module}; "
        "print([m for m in ('torch', 'numpy', 'OpenImageIO', 'PIL') if m in sys.modules])"
    )
    # -S: no site-packages. -I: nothing from the environment.
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("progress", "tile", "left"),
    [("y", "xy", "x"), ("x", "xy", "y"), ("y", "y", "none"), ("x", "none", "none")],
)
def test_what_changes_along_an_axis_does_not_repeat_along_it(progress, tile, left):
    assert Recipe(progress=progress, tile=tile).tile == left


def test_the_recipe_of_a_map_tells_what_the_numbers_of_all_mean():
    made = Recipe(maps="base_color,normal,color2", encodings="srgb,data,linear", encoding="data")
    told = [made.tell_encoding(kind) for kind in ("base_color", "normal", "color2", "ao")]
    assert told == ["srgb", "data", "linear", None]
    # One of before tells of its own map only.
    assert Recipe(maps="base_color,normal", encoding="data").tell_encoding("base_color") is None
    with pytest.raises(BadInput, match="“light” is no encoding"):
        Recipe(maps="base_color", encodings="light").tell_encoding("base_color")
