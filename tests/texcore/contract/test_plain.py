"""What comes from outside: read, or refused with a short reason, and nothing else."""

import doctest
import json
import math
from dataclasses import dataclass, field, fields
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from texcore.contract import parsing, plain
from texcore.contract.errors import BadInput
from texcore.contract.jobs import Job, Made
from texcore.contract.messages import Doctor, Failure, Hello, HelloReply, Progress
from texcore.contract.plain import WrongShape, from_plain, parse_json, to_plain
from texcore.contract.recipe import SETTINGS, Recipe

every = settings(deadline=None, derandomize=True, max_examples=300, database=None)
# Whole numbers of any size, and texts of any characters.
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(300, 5000).map(lambda digits: int("9" * min(digits, 4000)))
    | st.floats()
    | st.text(st.characters(), max_size=200),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
KINDS = (Job, Made, Hello, HelloReply, Progress, Doctor, Failure)


def test_the_examples_run():
    for module in (parsing, plain):
        done = doctest.testmod(module)
        assert done.attempted
        assert not done.failed


def is_short(reason):
    return 0 < len(str(reason)) < 300 and str(reason).isprintable()


@given(st.text(st.characters()) | st.binary() | values.map(json.dumps))
@every
def test_any_text_is_read_or_refused(text):
    try:
        value = parse_json(text)
    except WrongShape as refusal:
        assert is_short(refusal)
    else:
        # What is read can be written, and is the same then.
        assert parse_json(json.dumps(value, allow_nan=False)) == value


@pytest.mark.parametrize("opening", ["[", '{"a":'])
@pytest.mark.parametrize("depth", [65, 900, 100_000])
def test_what_is_nested_too_deep_is_refused(opening, depth):
    closing = {"[": "]", '{"a":': "}"}[opening]
    with pytest.raises(WrongShape, match="deeper than 64"):
        parse_json(opening * depth + "1" + closing * depth)
    assert parse_json(opening * 62 + "1" + closing * 62)


@pytest.mark.parametrize(
    "text", ["NaN", "-Infinity", "1e999", str(1 << 64), "9" * 4000, "9" * 9000]
)
def test_numbers_that_no_computer_has_are_refused(text):
    with pytest.raises(WrongShape) as refusal:
        parse_json(f'{{"weights": [1, {text}]}}')
    assert is_short(refusal.value)


def mangled(kind):
    """Objects with the names of a dataclass, and values that are right or anything at all."""
    names = st.sampled_from([f.name for f in fields(kind)])
    maps = st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("exemplar", "output", "recipe"), values)
    )
    entry = values | st.dictionaries(st.text(max_size=8), maps, max_size=2)
    return st.dictionaries(names, entry, max_size=len(fields(kind)))


@given(
    st.sampled_from(KINDS).flatmap(lambda kind: st.tuples(st.just(kind), mangled(kind) | values))
)
@every
def test_any_object_becomes_a_message_or_is_refused(pair):
    kind, value = pair
    try:
        read = from_plain(kind, value)
    except (WrongShape, BadInput) as refusal:
        assert is_short(refusal)
    else:
        assert from_plain(kind, to_plain(read)) == read


@given(st.dictionaries(st.sampled_from([*SETTINGS, "version"]), values, max_size=4) | values)
@every
def test_any_object_becomes_a_recipe_or_is_refused(value):
    try:
        recipe = Recipe.loads(json.dumps(value))
    except BadInput as refusal:
        assert is_short(refusal)
    else:
        assert Recipe.loads(recipe.dumps()) == recipe


@given(st.sampled_from(list(SETTINGS.values())), values)
@every
def test_any_value_is_one_of_a_setting_or_is_refused(setting, value):
    # What a script in Blender gives has not been a text before.
    try:
        kept = setting.check(value)
    except BadInput as refusal:
        assert is_short(refusal)
    else:
        assert setting.check(setting.to_json(kept)) == kept


@pytest.mark.parametrize("setting", ["layers", "octaves", "mix"])
def test_weights_beyond_all_numbers_are_refused(setting):
    value = {"a": 10**400} if setting == "layers" else [10**400]
    with pytest.raises(BadInput, match=r"is no .*’s weight: use a number of 0 or more"):
        SETTINGS[setting].check(value)


def test_thousands_of_layers_are_refused_at_once():
    with pytest.raises(BadInput, match="20000 layers are given weights: give 256 at most"):
        Recipe(layers=[(f"a{n}", 1.0) for n in range(20_000)])


@pytest.mark.parametrize("version", [True, 1.0, "1", [1], 10**400])
def test_a_version_that_is_none_is_refused(version):
    with pytest.raises(BadInput, match="of version"):
        Recipe(version=version)


def test_what_is_missing_is_named():
    with pytest.raises(WrongShape, match=r"^Job\.maps\.normal lacks output$"):
        from_plain(Job, {"maps": {"normal": {"exemplar": "a.png"}}})


@pytest.mark.parametrize("name", ["", "a\0b", "\ud800.png"])
def test_a_path_that_no_file_has_is_refused(name):
    files = {"exemplar": name, "output": "b.png"}
    with pytest.raises(BadInput, match="is no file's name: choose another"):
        from_plain(Job, {"maps": {"picture": files}})


@dataclass(frozen=True)
class Sizes:
    widths: tuple[int, ...]
    share: float = 0.5
    files: list[Path] = field(default_factory=list)


def test_tuples_and_numbers_are_of_their_types():
    read = from_plain(Sizes, {"widths": [3, 4], "share": 1, "more": "passed over"})
    assert read == Sizes((3, 4), 1.0)
    assert isinstance(read.share, float)
    for wrong in ({"widths": 3}, {"widths": [True]}, {"widths": [], "share": math.inf}):
        with pytest.raises(WrongShape):
            from_plain(Sizes, wrong)
