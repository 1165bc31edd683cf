import dataclasses
import json
import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.running import ROOT
from texcore.contract import choices, recipe
from texcore.contract.errors import BadInput
from texcore.contract.recipe import MAX_SIZE, MIN_SIZE, Recipe

side = st.integers(MIN_SIZE, MAX_SIZE)
MODULES = sorted(p.stem for p in (ROOT / "texcore" / "contract").glob("[a-z]*.py"))


def ids(choices):
    return st.sampled_from([c.id for c in choices])


weight = st.floats(0.01, 1e6)


def weights(names):
    return st.dictionaries(names, weight, min_size=1, max_size=4).map(lambda d: tuple(d.items()))


recipes = st.builds(
    Recipe,
    size=st.none() | st.tuples(side, side),
    model=ids(choices.MODELS),
    quality=ids(choices.QUALITIES),
    tile=ids(choices.TILINGS),
    seed=st.integers(0, 2**32 - 1),
    encoding=ids(choices.ENCODINGS),
    bit_depth=ids(choices.BIT_DEPTHS),
    network=st.text(),
    exemplar=st.text(),
    precision=ids(choices.PRECISIONS),
    layers=st.none() | weights(st.text(min_size=1)),
    statistic=st.none() | weights(ids(choices.STATISTICS)),
    octaves=st.none() | st.lists(weight, min_size=1, max_size=recipe.MAX_OCTAVES).map(tuple),
    components=st.none() | st.integers(1, 500),
    iterations=st.none() | st.integers(1, 5000),
    canvas=ids(choices.CANVASES),
    init=ids(choices.INITS),
    init_strength=st.none() | st.floats(0, 1),
    mix=st.lists(weight, max_size=3).map(tuple),
    pictures=st.dictionaries(st.text(), st.text(), max_size=3).map(lambda d: tuple(d.items())),
)


@given(recipes)
def test_goes_through_json_and_back(made):
    text = made.dumps()
    assert "\n" not in text
    assert Recipe.loads(text) == made
    assert Recipe.from_json(json.loads(json.dumps(made.to_json()))) == made


@given(recipes)
def test_every_setting_is_written(made):
    assert set(made.to_json()) == {f.name for f in dataclasses.fields(Recipe)}


@given(recipes, st.sampled_from(["size", "model", "seed", "network", "version"]))
def test_what_is_left_out_takes_its_default(made, name):
    plain = made.to_json()
    del plain[name]
    got = Recipe.from_json(plain)
    assert got == dataclasses.replace(made, **{name: getattr(Recipe(), name)})


REFUSED = [
    (
        {"model": "gaty"},
        "“gaty” is no model: use default, gatys, multiscale, smooth, regions or gap.",
    ),
    ({"layers": {}}, "No layer weighs anything"),
    ({"layers": {"conv1_1": 0}}, "No layer weighs anything"),
    ({"layers": {"conv1_1": -1}}, "“-1” is no layer’s weight: use a number of 0 or more."),
    ({"layers": {"conv1_1": "2"}}, "“2” is no layer’s weight"),
    ({"layers": "conv1_1"}, "“conv1_1” gives no weights"),
    ({"layers": [["a", 1], ["a", 2]]}, "The layer “a” is given twice."),
    ({"layers": {"": 1}}, "“” is no name of a layer."),
    ({"statistic": {"grim": 1}}, "“grim” is no statistic: use gram, gap, covariance or deviation."),
    ({"octaves": []}, "use 1 to 8, one for each octave"),
    ({"octaves": 5}, "use 1 to 8, one for each octave"),
    ({"octaves": [0, 0]}, "No octave weighs anything"),
    ({"octaves": [float("inf")]}, "“inf” is no octave’s weight"),
    ({"components": 0}, "The components are 0: use 1 to 4096."),
    ({"components": True}, "The components are True: use a whole number from 1 to 4096."),
    ({"iterations": 2.5}, "The iterations are 2.5: use a whole number from 1 to 100000."),
    ({"canvas": "oil"}, "“oil” is no canvas"),
    ({"init": "white"}, "“white” is no init"),
    ({"init_strength": 1.5}, "The start's noise is 1.5: use a number from 0 to 1."),
    ({"mix": [0]}, "No further exemplar weighs anything"),
    ({"mix": {"a": 1}}, "gives no weights"),
    ({"pictures": ["a"]}, "The recipe's pictures are not texts by name."),
    ({"pictures": {"a": 1}}, "The recipe's pictures are not texts by name."),
    ({"quality": "best"}, "“best” is no quality"),
    ({"tile": "yx"}, "“yx” is no tile"),
    ({"encoding": "p3"}, "“p3” is no encoding"),
    ({"bit_depth": "12"}, "“12” is no bit depth"),
    ({"bit_depth": 8}, "“8” is no bit depth"),
    ({"precision": "float16"}, "“float16” is no precision"),
    ({"model": ["default"]}, "no model"),
    ({"quality": None}, "no quality"),
    ({"seed": -1}, "The seed is -1"),
    ({"seed": 2**32}, "The seed is 4294967296"),
    ({"seed": 1.5}, "The seed is 1.5"),
    ({"seed": True}, "The seed is True"),
    ({"seed": "7"}, "The seed is 7"),
    ({"size": [31, 64]}, "The size is 31 × 64: use 32 to 16384"),
    ({"size": [64, 16385]}, "The size is 64 × 16385"),
    ({"size": [64.0, 64]}, "The size is 64.0 × 64"),
    ({"size": [True, 64]}, "The size is True × 64"),
    ({"size": ["a", 64]}, "The size is a × 64"),
    ({"size": [64]}, "The recipe's size is [64]"),
    ({"size": 64}, "The recipe's size is 64"),
    ({"size": "64"}, "The recipe's size is '64'"),
    ({"version": 2}, "The recipe is of version 2"),
    ({"network": 5}, "network"),
    ({"exemplar": ["x"]}, "exemplar"),
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


@pytest.mark.parametrize("text", ["", "{", "{'model': 1}", "\0", "[" * 100_000, "nul"])
def test_what_is_no_json_is_refused(text):
    with pytest.raises(BadInput, match="The recipe is not JSON"):
        Recipe.loads(text)


@pytest.mark.parametrize(
    ("width", "height", "size"), [(70, 48, (70, 48)), (20, 16, (32, 32)), (20000, 16, (16384, 32))]
)
def test_the_default_size_is_the_exemplars_within_limits(width, height, size):
    assert recipe.default_size(width, height) == size


def test_every_choice_has_words_for_people():
    for listed in (choices.MODELS, choices.QUALITIES, choices.TILINGS, choices.ENCODINGS):
        assert len({c.id for c in listed}) == len(listed)
        assert all(c.label and c.description for c in listed)


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
