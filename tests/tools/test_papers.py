"""The papers' experiments: their data fits together, and what is finished is not run again."""

import argparse
import csv
import json
import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from benchmarks.papers import __main__, composing, curves, figures, measures, recording, running
from benchmarks.papers.experiment import Experiment, Part
from benchmarks.papers.parts import PARTS
from benchmarks.papers.sources import SOURCES
from texcore.cli import synthesize, train
from tools.project import ROOT

PICTURE = ROOT / "demo" / "exemplar.png"


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
def test_every_name_of_a_part_leads_to_an_experiment_or_a_source(part):
    names = [experiment.name for experiment in part.experiments]
    assert len(set(names)) == len(names)
    # By these the page's rows are known again.
    assert len({composing._name(e) for e in part.experiments}) == len(names)
    shown = {name.partition("@")[0] for row in part.rows for name in row}
    needed = {name for experiment in part.experiments for name in experiment.needs}
    assert shown | needed <= {*names, *SOURCES}
    assert all(SOURCES[e.exemplar].exists() for e in part.experiments)
    for experiment in part.experiments:
        # What an experiment needs of its part is made before it.
        before = names[: names.index(experiment.name)]
        assert experiment.needs & {*names} <= {*before}


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
def test_the_command_line_takes_the_words_of_every_experiment(part):
    parser = argparse.ArgumentParser()
    verbs = parser.add_subparsers()
    synthesize.add(verbs)
    train.add(verbs)
    for experiment in part.experiments:
        if experiment.verb == "segment":
            assert experiment.words == ()
            continue
        parser.parse_args([experiment.verb, "x.png", "-o", "y.png", *experiment.words])


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    """A part of one experiment that takes a moment, and its exemplar, which may be changed."""
    path = tmp_path / "exemplar.png"
    Image.open(PICTURE).resize((64, 64)).save(path)
    monkeypatch.setitem(SOURCES, "beach", path)
    words = ("--model", "gatys", "--weights", "random", *("--tile", "none", "--canvas", "pixels"))
    one = Experiment("one", "one", "beach", words, side=32, iterations=3)
    return Part("tiny", (one,), (("beach", "one"),))


@pytest.mark.slow
def test_what_is_finished_is_kept_and_not_run_again(tiny, tmp_path, capsys):
    cache = running.Cache(tmp_path / "cache")
    (one,) = tiny.experiments
    assert cache.find(tiny, one) is None
    assert running.make_all(cache, [(tiny, tiny.experiments)], quick=False) == 0
    folder = cache.find(tiny, one)
    assert measures.read(folder / "result.png").shape == (32, 32, 3)
    losses = measures.read_losses(folder)
    assert len(losses) == 3
    assert json.loads((folder / "run.json").read_text())["evaluations"] == 3
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    assert "tiny one 32²" in capsys.readouterr().out

    assert running.make_all(cache, [(tiny, tiny.experiments)], quick=False) == 0
    assert capsys.readouterr().out == ""
    Image.new("RGB", (64, 64), "red").save(SOURCES["beach"])  # another exemplar, another run
    assert cache.find(tiny, one) is None


def test_of_two_processes_that_make_the_same_the_first_is_kept(tmp_path):
    for number in (1, 2):
        work = tmp_path / f"work{number}"
        work.mkdir()
        (work / "result.png").write_text(str(number))
        running.keep(work, tmp_path / "place")
        assert not work.exists()
    assert (tmp_path / "place" / "result.png").read_text() == "1"


@pytest.mark.slow
def test_a_run_that_the_engine_refuses_leaves_nothing_and_is_told_in_a_line(tiny, tmp_path, capsys):
    broken = Experiment("one", "one", "beach", ("--layers", "none_such"), side=32, iterations=1)
    part = Part("tiny", (broken,), ())
    assert (
        running.make_all(running.Cache(tmp_path / "cache"), [(part, (broken,))], quick=False) == 1
    )
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("tiny one 32²: not made. ")
    assert list((tmp_path / "cache" / "tiny").iterdir()) == []


def test_a_field_of_the_preset_can_be_another_one_in_a_run(tmp_path, monkeypatch):
    def first_loss(changes):
        words = ["synthesize", str(PICTURE), "-o", str(tmp_path / "out.png"), "--size", "32"]
        words += ["--model", "smooth", "--weights", "random", "--iterations", "1"]
        how = json.dumps({"changes": changes, "kept_at": None})
        argv = ["recording", str(tmp_path), how, *words]
        monkeypatch.setattr("sys.argv", argv)
        recording.main()
        with (tmp_path / "loss.csv").open() as file:
            return float(next(csv.DictReader(file))["loss"])

    with_term, without = first_loss({}), first_loss({"smoothness": 0.0})
    assert with_term > without + 1


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("gattys", "There is no part “gattys”: use gatys, "),
        ("smooth/none", "There is no run “none” in smooth: use one of smooth, "),
    ],
)
def test_an_unknown_part_is_one_sentence(word, sentence, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr("sys.argv", ["papers", word, "--cache", str(tmp_path)])
    assert __main__.main() == 2
    said = capsys.readouterr().err
    assert said.startswith(sentence)
    assert said.count("\n") == 1


def test_one_run_of_a_part_can_be_asked_for():
    part, (run,) = __main__.choose("regions/mask")
    assert (part.name, run.name) == ("regions", "mask")
    assert __main__.choose("regions")[1] == part.experiments


def test_grain_and_clipping_are_what_they_are():
    board = np.indices((8, 8)).sum(0)[..., None] % 2 * np.full(3, 200.0)
    assert measures.measure_grain(np.full((8, 8, 3), 90.0)) == 0
    assert measures.measure_grain(board) == pytest.approx(100)
    assert measures.measure_clipped(board) == 0.5
    assert measures.count_to([9.0, 4.0, 5.0], 4.5) == 2
    assert measures.count_to([9.0], 4.5) is None


def test_a_table_is_put_between_its_own_marks():
    mark = "<!-- a: written by `python3 build.py papers` -->\n"
    text = f"before\n{mark}old\n<!-- /a -->\nafter, old\n"
    assert composing.put(text, "a", "new\n") == f"before\n{mark}new\n<!-- /a -->\nafter, old\n"
    assert composing.put(text, "b", "new\n") == text


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
def test_a_figure_and_a_table_are_drawn_of_what_there_is(part, tmp_path):
    cache = running.Cache(tmp_path)
    shown = [name for name in part.rows[0] if name in SOURCES]
    width = len(shown) * (part.tile + figures._GAP) - figures._GAP
    sheet, places = composing.draw(part, cache)
    assert sheet.width == min(width, figures.WIDTH)
    assert [*json.loads(places)] == shown
    table = composing.make_table(part, cache)
    assert all(
        f"{e.exemplar}: {e.label}" in table.split("Not run yet")[1] for e in part.experiments
    )


@pytest.mark.slow
def test_what_was_made_elsewhere_stays_in_the_page(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(composing, "PAGE", tmp_path / "page.md")
    monkeypatch.setattr(composing, "FIGURES", tmp_path / "papers")
    one = replace(tiny.experiments[0], side=64, quick_iterations=1)
    two, three = (replace(one, name=name, label=name, iterations=2) for name in ("two", "three"))
    part = Part("tiny", (one, two, three), (("beach", "one", "two", "three"),))
    monkeypatch.setitem(PARTS, "tiny", part)
    page = "".join(
        f"<!-- {name}: written by `python3 build.py papers` -->\nold\n<!-- /{name} -->\n"
        for name in ("tiny", "gatys")
    )
    composing.PAGE.write_text(page)
    here, elsewhere = running.Cache(tmp_path / "here"), running.Cache(tmp_path / "elsewhere")
    written = composing.write_all(here, [part, PARTS["gatys"]])
    assert [path.name for path in written] == ["page.md", "exemplars.jpg"]
    assert composing.PAGE.read_text() == page

    def compose(cache, *experiments, quick=False):
        running.make_all(cache, [(part, experiments)], quick)
        composing.write_all(cache, [part, PARTS["gatys"]])
        made, _, left = composing.PAGE.read_text().partition("<!-- /tiny -->")
        assert "\nold\n" in left
        assert len(composing.read_rows(made + "<!-- /tiny -->", "tiny")) == made.count("\n| ")
        return made, figures.read_tiles(composing.FIGURES / "tiny.jpg")

    made, first = compose(elsewhere, one)
    assert "| beach: one | 64² | 3 |" in made
    assert "Not run yet: beach: two; beach: three." in made
    made, second = compose(here, two)
    assert "| beach: one | 64² | 3 |" in made
    assert "| beach: two | 64² | 2 |" in made
    assert "Not run yet: beach: three." in made
    assert [*first, "two"] == [*second] == ["beach", "one", "two"]
    assert {tile.label for tile in second.values()} == {"beach", "one", "two"}
    one_kept, one_made = (np.asarray(tiles["one"].picture, float) for tiles in (second, first))
    assert np.abs(one_kept - one_made).mean() < 1  # JPEG, twice.
    assert np.abs(one_kept - np.asarray(second["two"].picture)).mean() > 2

    # A quick run does not take the place of a full one, but of none.
    made, _ = compose(running.Cache(tmp_path / "quick"), one, three, quick=True)
    assert "| beach: one | 64² | 3 |" in made
    assert "| beach: three | 32² (quick) |" in made
    made, last = compose(here, three)
    assert "| beach: three | 64² | 2 |" in made
    assert [*last] == ["beach", "one", "two", "three"]


@pytest.mark.slow
def test_a_picture_on_the_way_is_kept_and_shown(tiny, tmp_path):
    (one,) = tiny.experiments
    part = Part("tiny", (replace(one, kept_at=2),), (("beach", "one@2", "one"),))
    cache = running.Cache(tmp_path / "cache")
    assert composing._shown(part, "one@2", cache, composing.NOTHING) is None
    assert running.make_all(cache, [(part, part.experiments)], quick=False) == 0
    folder = cache.find(part, part.experiments[0])
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["exemplar.png", "loss.csv", "result-2.png", "result.png", "run.json"]
    half, whole = (measures.read(folder / name) for name in ("result-2.png", "result.png"))
    assert 0 < np.abs(half - whole).mean() < 40
    assert composing._shown(part, "one@2", cache, composing.NOTHING).label == "2 evaluations"


@pytest.mark.slow
def test_losses_are_drawn_of_the_runs_there_are(tiny, tmp_path, monkeypatch):
    pytest.importorskip("matplotlib")
    monkeypatch.setitem(PARTS, "tiny", tiny)
    monkeypatch.setattr(curves, "_MODELS", {"tiny": ("tiny", "one"), "gatys": ("gatys", "all")})
    cache = running.Cache(tmp_path / "cache")
    assert not curves.draw_losses(tmp_path / "losses.png", cache)
    running.make_all(cache, [(tiny, tiny.experiments)], quick=False)
    assert curves.draw_losses(tmp_path / "losses.png", cache)
    with Image.open(tmp_path / "losses.png") as drawn:
        assert 400 < drawn.width < 700  # one plot: the others have no curve yet
    # Without the run its curve stays.
    kept = (tmp_path / "losses.json").read_text()
    monkeypatch.setattr(curves, "_MODELS", {"tiny": ("gatys", "all"), "other": ("tiny", "one")})
    assert curves.draw_losses(tmp_path / "losses.png", cache)
    first, again = json.loads(kept), json.loads((tmp_path / "losses.json").read_text())
    assert len(first[0]["tiny"]) == 3
    assert again[0] == {"tiny": first[0]["tiny"], "other": first[0]["tiny"]}


def test_what_nothing_is_made_of_yet_is_left_out_of_a_row():
    part, row = PARTS["lasting"], PARTS["lasting"].rows[0]
    one, other = row[0], row[3]
    made = dict.fromkeys([one, f"long-{one}@1000", f"long-{one}", other])
    alone = [name for name in row if composing._is_alone(part, row, name, made)]
    assert alone == [other]
    steps = PARTS["averages"].rows[-1]  # The last of them is a source, and stays.
    assert not composing._is_alone(PARTS["averages"], steps, steps[-1], {steps[-1]: None})


def test_a_figure_is_as_small_as_it_has_to_be():
    noise = np.random.default_rng(0).integers(0, 256, (300, 1000, 3), np.uint8)
    assert len(figures.compress(Image.fromarray(noise))) <= figures.LARGEST_BYTES


def test_the_page_has_a_place_and_a_figure_for_every_part():
    text = composing.PAGE.read_text("utf-8")
    for name in PARTS:
        assert f"<!-- /{name} -->" in text
        figure = composing.FIGURES / f"{name}.jpg"
        assert f"papers/{name}.jpg" in text
        assert 0 < figure.stat().st_size <= figures.LARGEST_BYTES
        table = re.search(f"<!-- {name}: [^\n]*-->\n(.*?)<!-- /{name} -->", text, re.DOTALL)
        assert all(f"{e.exemplar}: {e.label}" in table[1] for e in PARTS[name].experiments)
