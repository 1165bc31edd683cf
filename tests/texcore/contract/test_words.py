"""What an artist reads of the settings in Blender, in English and in German."""

import runpy

import pytest

from tests.running import ROOT
from texcore.contract.recipe import SETTINGS
from texcore.contract.settings import list_german, sort_for_panel

SHOWN = sort_for_panel(SETTINGS.values())
OTHERS = runpy.run_path(str(ROOT / "blender_addon" / "translations" / "german.py"))


@pytest.mark.parametrize("setting", SHOWN, ids=lambda setting: setting.name)
def test_everything_that_an_artist_reads_has_its_german(setting):
    assert setting.label and setting.description
    missing = [english for english, german in setting.list_translations() if not german]
    assert not missing, f"Give these their German, beside them in the table: {missing}"


def test_what_is_said_twice_has_one_translation():
    pairs = {pair for setting in SHOWN for pair in setting.list_translations()}
    assert len(pairs) == len(dict(pairs)), sorted(pairs)


def test_the_settings_german_stands_beside_them_and_nowhere_else():
    elsewhere = {word for name in ("PREFERENCES", "DOING", "SENTENCES") for word in OTHERS[name]}
    assert not elsewhere & list_german(SHOWN).keys()


def test_no_two_settings_have_the_same_place_in_the_panel():
    places = [setting.panel for setting in SHOWN]
    assert len(places) == len(set(places)) and places == sorted(places, key=lambda p: p.order)
