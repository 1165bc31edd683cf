"""Values of settings, right and wrong ones, for a setting of any kind."""

from functools import singledispatch

from hypothesis import strategies as st

from texcore.contract import settings
from texcore.contract.part_setting import PartSetting, write_rectangle
from texcore.contract.settings import listed

_WEIGHT = st.floats(0.01, 1e6)
_NO_WORD = "no such word"


def values_of(setting):
    """A strategy of values that a setting takes."""
    values = _values_of(setting)
    return st.none() | values if setting.optional else values


@singledispatch
def _values_of(setting):
    raise TypeError(f"{setting} is of a new kind: say here which values it takes.")


@_values_of.register
def _(setting: settings.ChoiceSetting):
    return st.sampled_from(setting.ids)


@_values_of.register
def _(setting: PartSetting):
    shares = st.tuples(st.floats(0, 0.9), st.floats(0, 0.9), st.floats(0.1, 1), st.floats(0.1, 1))
    return st.sampled_from(setting.ids) | shares.map(write_rectangle)


@_values_of.register
def _(setting: settings.FlagSetting):
    return st.booleans()


@_values_of.register
def _(setting: settings.WholeSetting):
    return st.integers(setting.least, setting.most)


@_values_of.register
def _(setting: settings.NumberSetting):
    return st.floats(setting.least, setting.most)


@_values_of.register
def _(setting: settings.SizeSetting):
    side = st.integers(setting.least, setting.most)
    return st.tuples(side, side)


@_values_of.register
def _(setting: settings.WeightsSetting):
    names = st.sampled_from([c.id for c in setting.names]) if setting.names else st.text(min_size=1)
    weights = st.dictionaries(names, _WEIGHT, min_size=1, max_size=4)
    return weights.map(lambda d: tuple(d.items()))


@_values_of.register
def _(setting: settings.NumbersSetting):
    least = 0 if setting.default == () else 1
    return st.lists(_WEIGHT, min_size=least, max_size=setting.most).map(tuple)


@_values_of.register
def _(setting: settings.TextSetting):
    return st.text()


@_values_of.register
def _(setting: settings.DigestsSetting):
    return st.dictionaries(st.text(), st.text(), max_size=3).map(lambda d: tuple(d.items()))


@singledispatch
def refusals_of(setting):
    """Values that a setting refuses, each with what its sentence says."""
    raise TypeError(f"{setting} is of a new kind: say here which values it refuses.")


@refusals_of.register
def _(setting: settings.ChoiceSetting):
    no = f"is no {setting.name.replace('_', ' ')}: use {listed(setting.ids)}."
    values = [_NO_WORD, 8, [setting.ids[0]], *([] if setting.optional else [None])]
    return [(value, f"“{value}” {no}") for value in values]


@refusals_of.register
def _(setting: PartSetting):
    no = "is no part to learn from: use all or even, or a rectangle X,Y,W,H in shares of the photo"
    rectangles = ("0,0,1", "0,0,1,1,1", "0.5,0,0.6,1", "0,0,0,1", "-0.1,0,0.5,1", "0,0,nan,1")
    values = [*rectangles, _NO_WORD, "rectangle", 8, None, [0, 0, 1, 1]]
    return [(value, f"“{value}” {no}") for value in values]


@refusals_of.register
def _(setting: settings.FlagSetting):
    return [(value, f"The {subject(setting)} {value}: use true or false.") for value in (1, "no")]


@refusals_of.register
def _(setting: settings.WholeSetting):
    bounds = f"{setting.least} to {setting.most}."
    out = [(n, f"use {bounds}") for n in (setting.least - 1, setting.most + 1)]
    no = [(n, f"use a whole number from {bounds}") for n in (setting.least + 0.5, True, "7")]
    return [(value, f"The {subject(setting)} {value}: {words}") for value, words in out + no]


@refusals_of.register
def _(setting: settings.NumberSetting):
    words = f"use a number from {setting.least:g} to {setting.most:g}."
    values = (setting.least - 0.5, setting.most + 0.5, float("nan"), True, "0.5")
    return [(value, f"The {subject(setting)} {value}: {words}") for value in values]


@refusals_of.register
def _(setting: settings.SizeSetting):
    least, most = setting.least, setting.most
    pairs = [(least - 1, least), (least, most + 1), (float(least), least), (True, least), ("a", 64)]
    words = f"use {least} to {most} pixels a side."
    sides = [(list(pair), f"The size is {pair[0]} × {pair[1]}: {words}") for pair in pairs]
    return sides + [(no, f"The recipe's size is {no}:") for no in ([least], least, str(least))]


@refusals_of.register
def _(setting: settings.WeightsSetting):
    thing = setting.thing
    name = setting.names[0].id if setting.names else "conv1_1"
    found = [
        ({}, f"No {thing} weighs anything"),
        ({name: 0}, f"No {thing} weighs anything"),
        ({name: -1}, f"“-1” is no {thing}’s weight: use a number of 0 or more."),
        ({name: "2"}, f"“2” is no {thing}’s weight"),
        (name, f"“{name}” gives no weights"),
        ([[name, 1], [name, 2]], f"The {thing} “{name}” is given twice."),
        ({"": 1}, f"“” is no name of a {thing}."),
    ]
    known = listed([c.id for c in setting.names]) if setting.names else ""
    return found + ([({_NO_WORD: 1}, f"is no {thing}: use {known}.")] if known else [])


@refusals_of.register
def _(setting: settings.NumbersSetting):
    thing, most = setting.thing, setting.most
    count = f"use 1 to {most}, one for each {thing}"
    found = [
        (5, count),
        ({"a": 1}, "gives no weights"),
        ([1] * (most + 1), count),
        ([0, 0], f"No {thing} weighs anything"),
        ([float("inf")], f"“inf” is no {thing}’s weight"),
    ]
    return found if setting.default == () else [*found, ([], count)]


@refusals_of.register
def _(setting: settings.TextSetting):
    return [(value, f"The recipe's {setting.name} is not a text.") for value in (5, ["x"], None)]


@refusals_of.register
def _(setting: settings.DigestsSetting):
    words = f"The recipe's {setting.name} are not texts by name."
    return [(value, words) for value in (["a"], {"a": 1}, 5)]


def subject(setting):
    """What sentences call a setting, with its verb."""
    return setting.noun or f"{setting.name.replace('_', ' ')} is"
