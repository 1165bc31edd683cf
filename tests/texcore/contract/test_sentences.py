"""What the engine and the add-on say in English is found again, and said in German."""

import ast
import re

import numpy as np
import pytest
import torch
from PIL import Image

from tests.running import ROOT
from texcore.contract import udim
from texcore.contract.errors import Cancelled, TexcoreError
from texcore.contract.jobs import Companions
from texcore.contract.notes import tell_change
from texcore.contract.recipe import Recipe, check_exemplar
from texcore.contract.sentences import SENTENCES, translate
from texcore.exemplars.exemplar import Exemplar
from texcore.features import weights
from texcore.maps.renewing import read_places
from texcore.models.presets import choose_model
from texcore.pictures.picture import Picture
from texcore.pictures.reading import read as read_picture
from texcore.service import doctor
from texcore.synthesis import forecast
from texcore.synthesis.plan import fill_size, prepare_exemplar

GAP = re.compile(r"\{(\w+)\}")


def german(text):
    return translate(text, SENTENCES.get)


HOLE = "\0"  #: in the place of what a sentence quotes
OF_THE_SYSTEM = {"No space left on device", "Permission denied"}


def list_said():
    """All strings of the sources but for the table itself, with a hole for each of their gaps."""
    files = [*(ROOT / "texcore").rglob("*.py"), *(ROOT / "blender_addon").rglob("*.py")]
    for file in files:
        if file.name in ("sentences.py", "german.py") or "bundled" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = [p.value if isinstance(p, ast.Constant) else HOLE for p in node.values]
                yield "".join(parts)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_every_sentence_is_one_that_is_said():
    everything = "\n".join(list_said())
    sentences = SENTENCES.keys() - OF_THE_SYSTEM
    lost = [sentence for sentence in sentences if GAP.sub(HOLE, sentence) not in everything]
    assert not lost, f"nobody says this any more: change texcore/contract/sentences.py too: {lost}"


@pytest.mark.parametrize("sentence", SENTENCES)
def test_what_stands_in_the_gaps_is_in_both(sentence):
    gaps, kept = set(GAP.findall(sentence)), set(GAP.findall(SENTENCES[sentence]))
    assert kept == gaps
    values = {name: str(number) for number, name in enumerate(sorted(gaps), 11)}
    said = german(sentence.format(**values))
    assert said == SENTENCES[sentence].format(**values)
    # Behind it there may be another, and one that nobody knows.
    if sentence.endswith("."):
        other = "The image is gone. Quite unknown."
        assert german(f"{sentence.format(**values)} {other}") == f"{said} {german(other)}"


def said_by(act):
    with pytest.raises(TexcoreError) as caught:
        act()
    return german(str(caught.value))


def test_errors_of_the_engine_are_found_again(tmp_path, monkeypatch):
    assert said_by(lambda: check_exemplar("tiny.png", 8, 90)).startswith(
        "„tiny.png“ hat 8 × 90 Pix"
    )
    missing = tmp_path / "no.png"
    assert (
        said_by(lambda: read_picture(missing))
        == f"Das Bild „{missing}“ ist nicht da: den Pfad prüfen."
    )
    (tmp_path / "text.png").write_text("no picture")
    assert said_by(lambda: read_picture(tmp_path / "text.png")).startswith(
        "„text.png“ ist kein Bild"
    )
    monkeypatch.setattr(weights, "_failed", {})
    monkeypatch.setenv("TEXCORE_HOME", str(tmp_path))
    assert "(Herunterladen ist nicht erlaubt)" in said_by(
        lambda: weights.load("vgg16", None, False)
    )
    assert german(str(Cancelled())) == "Abgebrochen; nichts wurde verändert."


@pytest.mark.parametrize(
    ("bytes_each", "advice"), [(500, "höchstens"), (10**9, "andere Programme schließen.")]
)
def test_a_run_that_memory_does_not_hold_is_refused_in_german(bytes_each, advice):
    needed = forecast.Forecast(more=10**9, peak=10**9)
    said = said_by(
        lambda: forecast.check(needed, 10**8, (900, 800), lambda h, w: bytes_each * h * w)
    )
    assert re.match(r"800 × 900 braucht [\d.]+ [GM]B Speicher, und nur 100 MB sind frei: ", said)
    assert advice in said


def test_notes_of_the_engine_are_found_again():
    pixels = torch.from_numpy(np.random.default_rng(0).random((3, 96, 160), np.float32))
    recipe = fill_size(Recipe(learn_from="0,0,0.5,1"), 96, 160)
    network = weights.load("random", None, False)[0].describe()
    model, _ = choose_model(recipe, network)
    _, facts = prepare_exemplar(Exemplar.of(pixels), recipe, model, torch.device("cpu"))
    notes = [*facts.notes, tell_change("y"), weights.RANDOM_NOTE, weights.CHOSEN_RANDOM_NOTE]
    said = german(" ".join(notes))
    assert said == " ".join(map(german, notes))
    assert said.startswith("Von den 160 × 96 Pixeln des Fotos wurden 80 × 96 ab (0, 0) benutzt")
    assert "Das Foto ändert sich von oben nach unten, darum" in said


def test_what_was_made_and_noted_is_said_in_german_as_a_whole():
    notes = [*map(tell_change, "xy"), weights.RANDOM_NOTE, weights.CHOSEN_RANDOM_NOTE]
    made = "“Felsen am Meer bei Ebbe, von Norden Texcore”, 512 × 512, made in 79 s."
    changed = "Its node has changed meanwhile and was left alone."
    text = " ".join([made, changed, *notes])
    assert len(text) > 600
    said = german(text)
    assert said == " ".join(map(german, [made, changed, *notes]))
    assert said.startswith(
        "„Felsen am Meer bei Ebbe, von Norden Texcore“, 512 × 512, in 79 s gemacht. Sein Knoten ist"
    )
    assert german("“Wand”: 4 maps, 64 × 32, made in 3 s.") == (
        "„Wand“: 4 Texturen, 64 × 32, in 3 s gemacht."
    )


def test_counted_things_are_in_the_other_language_too():
    said = german(
        "“Wand”: 2 maps un-tiled, 3 samples a map. 1 map with other coordinates left alone."
    )
    assert "von 2 Texturen verborgen, 3 Abtastungen" in said
    assert said.endswith("so gelassen: 1 Textur.")


def test_what_is_wrong_with_udim_tiles_is_said_in_german():
    assert said_by(lambda: udim.find_box(range(1001, 1102))) == (
        "Es sind 101 UDIM-Kacheln: 1 bis 100 nehmen."
    )
    assert said_by(lambda: udim.measure_canvas(10000, 10000, [1001, 1012])) == (
        "2 × 2 UDIM-Kacheln von 10000 × 10000 Pixeln sind eine Textur von 20000 × 20000, und die "
        "größte ist 16384: höchstens Kacheln von 8192 nehmen."
    )
    unlike = (
        "“a” has the UDIM tiles 1001, 1002 and “b” has no UDIM tiles: give all maps the same "
        "tiles, or make one image alone, without All Maps."
    )
    assert german(unlike).startswith(
        "„a“ hat die UDIM-Kacheln 1001, 1002 und „b“ hat keine UDIM-Kacheln: allen Texturen"
    )


def test_what_the_engine_finds_is_said_in_german(tmp_path, monkeypatch):
    monkeypatch.setenv("TEXCORE_HOME", str(tmp_path))
    told = doctor.examine().lines
    said = [german(line) for line in told]
    assert re.fullmatch(r"Python [\d.]+ unter /.+", said[0])
    device = next(line for line in said if line.startswith("rechnet auf cpu, "))
    assert device.endswith(("in float32", "in bfloat16"))  # as this processor has it
    assert said[-1].startswith("Gewichte: noch keine in ")


def test_what_is_wrong_with_a_repair_mask_is_said_in_german(tmp_path):
    photo = Picture(np.zeros((3, 32, 48), np.float32), "uint8")

    def read(mask):
        Image.fromarray(mask).save(tmp_path / "maske.png")
        given = Companions(repair=tmp_path / "maske.png")
        return said_by(lambda: read_places(given, Recipe(), {"picture": photo}))

    black = np.zeros((32, 48), np.uint8)
    assert read(black).startswith("Es ist nichts markiert, was neu gemacht werden soll")
    assert read(black + 255).startswith("Vom Bild bleibt nichts: in der Maske schwarz")
    assert read(black[:30]) == (
        "„maske.png“ hat 48 × 30 Pixel und das Vorbild 48 × 32: Eine Maske zum Ausbessern ist so "
        "groß wie das Vorbild."
    )


def test_what_is_not_known_stays_as_it_is():
    # Neither is an artist's own name translated.
    assert german("“Sewn” is empty: its size is 0.") == "„Sewn“ ist leer: Seine Größe ist 0."
    assert (
        german("The file of “Sewn” is missing: Blended.") == "Die Datei von „Sewn“ fehlt: Blended."
    )
    assert german("Something else entirely.") == "Something else entirely."
    assert translate("The image is gone.", lambda sentence: sentence) == "The image is gone."
    long = "The file of “" + "x" * 5000 + "” is missing: /tmp."
    assert german(long) == long
