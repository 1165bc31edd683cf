import re

import numpy as np
import pytest

from tests.making import bricks, load_png, save_png
from tests.running import texcore
from texcore import __version__, pictures
from texcore.cli import Bar, duration, main, parse_size
from texcore.errors import BadInput
from texcore.features import weights

QUICK = ("--quality", "draft", "--weights", "random")


@pytest.fixture
def exemplar(tmp_path):
    (tmp_path / "work").mkdir()
    return save_png(tmp_path / "work" / "exemplar.png", bricks(40, 44))


def test_synthesize_and_make_it_again(exemplar, home):
    out, again, larger = (exemplar.with_name(f"{n}.png") for n in ("out", "again", "larger"))
    words = (*QUICK, "--size", "48x33", "--seed", "7", "--tile", "x")
    done = texcore(home, "synthesize", exemplar, "-o", out, *words)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    assert re.fullmatch(r".*out\.png: 48 × 33, \d+ evaluations, [\d.]+ s, random-0\n", done.stdout)
    assert weights.RANDOM_NOTE in done.stderr
    assert load_png(out).shape == (33, 48, 3)
    recipe = pictures.read_recipe(out)
    assert (recipe.seed, recipe.tile, recipe.size) == (7, "x", (48, 33))

    assert texcore(home, "synthesize", exemplar, "-o", again, "--recipe", out).returncode == 0
    assert np.array_equal(load_png(again), load_png(out))
    assert again.read_bytes() == out.read_bytes()

    words = ("--recipe", out, "--size", "64", "--quiet")
    done = texcore(home, "synthesize", exemplar, "-o", larger, *words)
    assert (done.returncode, done.stderr) == (0, f"texcore: {weights.RANDOM_NOTE}\n")
    assert load_png(larger).shape == (64, 64, 3)
    assert pictures.read_recipe(larger).seed == 7


def test_doctor_says_what_is_here(home):
    done = texcore(home, "doctor")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[-1] == "ready"
    for word in ("Python 3", "torch 2", "numpy", "OpenImageIO", "computes on", "weights: none yet"):
        assert any(word in line for line in lines)
    assert not home.exists()


def test_a_mistake_ends_in_one_sentence(exemplar, home):
    done = texcore(home, "synthesize", "gone.png", "-o", exemplar.with_name("out.png"))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "texcore: The picture “gone.png” is not there: check the path.\n"


MISTAKES = {
    "size": (("--size", "10"), "The size is 10 × 10"),
    "no-size": (("--size", "large"), "“large” is no size"),
    "seed": (("--seed", "-1"), "The seed is -1"),
    "format": (("-o", "out.gif"), "of no format Texcore writes"),
    "folder": (("-o", "gone/out.png"), "is not there: make it"),
    "depth": (("--bit-depth", "float"), "do not hold float pixels"),
    "weights": (("--weights", "gone.pth"), "There is no weights file “gone.pth”"),
    "recipe": (("--recipe", "gone.png"), "There is no recipe “gone.png”"),
    "no-recipe": (("--recipe", "exemplar.png"), "“exemplar.png” carries no recipe"),
    "fetched": (("--weights", "vgg19"), "The weights of vgg19 cannot be fetched"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_every_mistake_ends_in_one_sentence(exemplar, monkeypatch, capsys, mistake):
    words, sentence = MISTAKES[mistake]
    monkeypatch.chdir(exemplar.parent)
    assert main(["synthesize", "exemplar.png", "-o", "out.png", *QUICK, *words]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("texcore: ")
    assert err.count("\n") == 1
    assert sentence in err
    assert list(exemplar.parent.iterdir()) == [exemplar]


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("draw",),
        ("synthesize",),
        ("synthesize", "a.png"),
        ("synthesize", "a.png", "-o", "b.png", "--tile", "z"),
        ("synthesize", "a.png", "-o", "b.png", "--seed", "x"),
        ("synthesize", "a.png", "-o", "b.png", "--device", "abacus"),
    ],
)
def test_wrong_use_shows_the_usage(capsys, words):
    with pytest.raises(SystemExit) as leaving:
        main(list(words))
    assert leaving.value.code == 2
    assert "usage: texcore" in capsys.readouterr().err


def test_version(capsys):
    with pytest.raises(SystemExit) as leaving:
        main(["--version"])
    assert leaving.value.code == 0
    assert capsys.readouterr().out == f"texcore {__version__}\n"


def test_weights_that_cannot_be_fetched_say_why(capsys):
    assert main(["weights"]) == 1
    err = capsys.readouterr().err
    assert "vgg19: " in err
    assert "vgg16: " in err


def test_a_package_that_is_missing_is_named(home):
    code = "import sys; sys.modules['OpenImageIO'] = None"
    done = texcore(home, "synthesize", "a.png", "-o", "b.png", code=code)
    assert done.returncode == 1
    assert "texcore: the Python package OpenImageIO is missing. Run" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("text", "size"),
    [("512", (512, 512)), ("1024x512", (1024, 512)), ("64X33", (64, 33)), ("40×50", (40, 50))],
)
def test_sizes(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "x", "1x2x3", "12.5", "-64", "64x", "31", "16385", "9" * 99])
def test_what_is_no_size(text):
    with pytest.raises(BadInput):
        parse_size(text)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "0 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (125, "2 min 05 s"), (4201, "1 h 10 min")],
)
def test_durations_as_people_say_them(seconds, words):
    assert duration(seconds) == words


def test_the_bar_on_a_terminal_stays_on_one_line(monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    bar = Bar()
    bar.show("Detailing", 0.5, 61)
    bar.close()
    err = capsys.readouterr().err
    assert "\n" not in err
    assert " 50%  Detailing, 1 min 01 s left" in err
    assert err.endswith("\r\x1b[K")


def test_a_quiet_bar_says_nothing(capsys):
    bar = Bar(quiet=True)
    bar.show("Detailing", 0.5)
    bar.close()
    assert capsys.readouterr().err == ""
