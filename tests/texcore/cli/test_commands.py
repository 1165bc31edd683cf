import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.making import bricks, load_png, save_png, state_dict
from tests.running import command, environment, texcore
from texcore import __version__, pictures
from texcore.cli import main
from texcore.cli.synthesize import OPTIONS
from texcore.contract.errors import BadInput
from texcore.contract.recipe import SETTINGS
from texcore.features import weights
from texcore.pictures import Picture
from tools.project import requirements

QUICK = ("--quality", "draft", "--weights", "random")


@pytest.fixture
def exemplar(tmp_path):
    (tmp_path / "work").mkdir()
    return save_png(tmp_path / "work" / "exemplar.png", bricks(40, 44))


@pytest.mark.slow
def test_synthesize_and_make_it_again(exemplar, home):
    out, again, larger = (exemplar.with_name(f"{n}.png") for n in ("out", "again", "larger"))
    words = (*QUICK, "--size", "48x33", "--seed", "7", "--tile", "x")
    # Another order of what is hashed than in the second run.
    done = texcore(home, "synthesize", exemplar, "-o", out, *words, fresh=True)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    assert re.fullmatch(r".*out\.png: 48 × 33, \d+ evaluations, [\d.]+ s, random-0\n", done.stdout)
    assert weights.CHOSEN_RANDOM_NOTE in done.stderr
    assert re.search(r"^texcore: About \d+ s on the CPU \(1 thread\)\.$", done.stderr, re.M)
    assert load_png(out).shape == (33, 48, 3)
    recipe = pictures.read_recipe(out)
    assert (recipe.seed, recipe.tile, recipe.size) == (7, "x", (48, 33))

    assert texcore(home, "synthesize", exemplar, "-o", again, "--recipe", out).returncode == 0
    assert np.array_equal(load_png(again), load_png(out))
    assert again.read_bytes() == out.read_bytes()

    words = ("--recipe", out, "--size", "64", "--quiet")
    done = texcore(home, "synthesize", exemplar, "-o", larger, *words)
    assert (done.returncode, done.stderr) == (0, f"texcore: {weights.CHOSEN_RANDOM_NOTE}\n")
    assert load_png(larger).shape == (64, 64, 3)
    assert pictures.read_recipe(larger).seed == 7


@pytest.mark.slow
@pytest.mark.parametrize("name", ["again.exr", "again.jpg"])
def test_a_recipe_goes_into_another_format(exemplar, monkeypatch, name):
    monkeypatch.chdir(exemplar.parent)
    assert main(["synthesize", "exemplar.png", "-o", "out.png", *QUICK, "--size", "32"]) == 0
    words = ("--recipe", "out.png", "-o", name)
    assert main(["synthesize", "exemplar.png", *words]) == 0
    assert pictures.read(exemplar.with_name(name)).pixels.shape == (3, 32, 32)


def test_every_part_of_a_model_can_be_chosen(exemplar, monkeypatch):
    monkeypatch.chdir(exemplar.parent)
    words = "--model gatys --layers bank=2 --statistic gram,gap=0.5 --octaves 1,0.5 --components 9"
    more = "--iterations 3 --canvas spectral --init uniform --init-strength 0.5 --size 64"
    command = ["synthesize", "exemplar.png", "-o", "out.png", *QUICK, *words.split(), *more.split()]
    assert main(command) == 0
    recipe = pictures.read_recipe(exemplar.with_name("out.png"))
    assert recipe.layers == (("bank", 2.0),)
    assert recipe.statistic == (("gram", 1.0), ("gap", 0.5))
    assert (recipe.octaves, recipe.components, recipe.iterations) == ((1.0, 0.5), 9, 3)
    assert (recipe.canvas, recipe.init, recipe.init_strength) == ("spectral", "uniform", 0.5)


@pytest.mark.slow
@pytest.mark.parametrize("words", [(), ("--straighten",), ("--no-straighten",)])
def test_a_photo_from_an_angle_is_straightened_unless_told(exemplar, monkeypatch, capsys, words):
    monkeypatch.chdir(exemplar.parent)
    y, x = np.mgrid[-60:60, -60:60]
    courses = 0.5 + 0.4 * np.cos((y - 0.1 * x) * 0.6)
    save_png(exemplar, np.repeat(courses[None], 3, 0))
    assert main(["synthesize", "exemplar.png", "-o", "out.png", *QUICK, *words]) == 0
    wanted = words != ("--no-straighten",)
    assert ("straightened" in capsys.readouterr().err) is wanted
    assert pictures.read_recipe(exemplar.with_name("out.png")).straighten is wanted


def test_further_pictures_go_in_by_name_and_weight(exemplar, monkeypatch):
    monkeypatch.chdir(exemplar.parent)
    save_png(exemplar.with_name("a.png"), bricks(40, 44, seed=1))
    save_png(exemplar.with_name("b:2.png"), bricks(40, 44, seed=2))
    words = ["--size", "32", "--iterations", "2", "--mix", "a.png:0.5", "--mix", "b:2.png"]
    assert main(["synthesize", "exemplar.png", "-o", "out.png", *QUICK, *words]) == 0
    recipe = pictures.read_recipe(exemplar.with_name("out.png"))
    assert recipe.mix == (0.5, 1.0)
    again = ["synthesize", "exemplar.png", "-o", "again.png", "--recipe", "out.png"]
    assert main([*again, "--mix", "a.png", "--mix", "b:2.png"]) == 0
    shown = [load_png(exemplar.with_name(name)) for name in ("out.png", "again.png")]
    assert np.array_equal(*shown)


def test_the_ladder_is_one_labelled_picture(exemplar, monkeypatch, capsys):
    monkeypatch.chdir(exemplar.parent)
    words = ["--size", "32", "--iterations", "1", "--layers", "conv1_1,pool1,pool2"]
    command = ["ladder", "exemplar.png", "-o", "l.png", "--weights", "random-vgg", "-q", *words]
    assert main(command) == 0
    assert "exemplar, conv1_1, … pool1, … pool2; random-vgg-0" in capsys.readouterr().out
    shown = load_png(exemplar.with_name("l.png"))
    assert shown.shape == (40 + 24, 44 + 3 * (32 + 8), 3)
    assert np.array_equal(shown[:40, :44], load_png(exemplar))
    # Words below each.
    for left, right in ((0, 44), (52, 84), (92, 124), (132, 164)):
        assert shown[40:, left:right].min() < 120


REFUSED_WORDS = {
    ("--octaves", "0"): "“0” is no number of octaves",
    ("--octaves", "1,x"): "“x” is no octave’s weight",
    ("--layers", "bank=-1"): "is no layer’s weight",
    ("--layers", "bank,bank"): "The layer “bank” is given twice.",
    ("--layers", "conv1_1"): "“conv1_1” is no layer of random-0: it has bank.",
    ("--statistic", "grim"): "“grim” is no statistic",
    ("--init", "gone.png"): "gone.png” is not there",
    ("--init-strength", "3"): "The start's noise is 3.0",
    ("--region", "1"): "“1” names no region's picture: use LABEL=PICTURE.",
    ("--model", "regions"): "needs to know the regions",
}


@pytest.mark.parametrize("words", REFUSED_WORDS)
def test_a_wrong_model_or_picture_is_refused_in_one_sentence(exemplar, monkeypatch, capsys, words):
    monkeypatch.chdir(exemplar.parent)
    assert main(["synthesize", "exemplar.png", "-o", "out.png", *QUICK, *words]) == 1
    said = capsys.readouterr().err
    assert REFUSED_WORDS[words] in said
    assert "Traceback" not in said
    assert not exemplar.with_name("out.png").exists()


@pytest.mark.slow
def test_weights_asked_for_go_before_the_recipes(exemplar, monkeypatch, capsys):
    monkeypatch.chdir(exemplar.parent)
    recipe = exemplar.with_name("recipe.json")
    recipe.write_text('{"network": "vgg19-00000000", "quality": "draft", "size": [32, 32]}')
    words = ("--recipe", "recipe.json", "--weights", "random")
    assert main(["synthesize", "exemplar.png", "-o", "out.png", *words]) == 0
    assert "made with the network vgg19-00000000" in capsys.readouterr().err
    assert pictures.read_recipe(exemplar.with_name("out.png")).network == "random-0"


@pytest.mark.slow
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_has_gone_is_no_mistake(home, unbuffered):
    with subprocess.Popen(
        command("doctor"),
        env={**environment(home), "PYTHONUNBUFFERED": unbuffered},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


@pytest.mark.slow
def test_letters_that_the_output_does_not_know_are_replaced(exemplar, home):
    code = "import sys; sys.stdout.reconfigure(encoding='ascii')"
    out = exemplar.with_name("großes Bild.png")
    done = texcore(home, "synthesize", exemplar, "-o", out, *QUICK, "--size", "32", code=code)
    assert done.returncode == 0, done.stderr
    assert "gro?es Bild.png: 32 ? 32," in done.stdout
    assert out.exists()


@pytest.mark.slow
def test_without_a_standard_error_it_works(exemplar, monkeypatch):
    monkeypatch.setattr("sys.stderr", None)
    out = exemplar.with_name("out.png")
    assert main(["synthesize", str(exemplar), "-o", str(out), *QUICK, "--size", "32"]) == 0
    assert out.exists()


@pytest.mark.slow
def test_doctor_tells_of_damaged_weights(home):
    path = home / "cache" / "weights" / f"{weights.obtainable()[1]}.safetensors"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"damaged")
    done = texcore(home, "doctor")
    assert done.returncode == 1
    assert "are damaged: delete the file" in done.stdout
    assert done.stdout.endswith("not ready\n")


def test_weights_that_need_no_fetching(capsys):
    assert main(["weights", "random"]) == 0
    assert capsys.readouterr().out == "random-0\n"


def test_doctor_says_what_is_here(home):
    done = texcore(home, "doctor")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[-1] == "ready"
    for word in ("Python 3", "computes on", "weights: none yet"):
        assert any(word in line for line in lines)
    # Each package that the engine needs, with its version.
    for requirement in requirements():
        name = re.match(r"[\w-]+", requirement)[0]
        assert any(re.fullmatch(rf"{name} \d[\d.]+.*", line) for line in lines), name
    assert not home.exists()


@pytest.mark.slow
def test_a_mistake_ends_in_one_sentence(exemplar, home):
    done = texcore(home, "synthesize", "gone.png", "-o", exemplar.with_name("out.png"))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "texcore: The picture “gone.png” is not there: check the path.\n"


MISTAKES = {
    "size": (("--size", "10"), "The size is 10 × 10"),
    "empty-size": (("--size", ""), "“” is no size"),
    "itself": (("-o", "exemplar.png"), "“exemplar.png” is the exemplar itself"),
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


def test_a_recipe_goes_to_the_verb_that_it_is_of(exemplar, monkeypatch, capsys):
    """A solid's picture would be made flat, with slices for a texture."""
    monkeypatch.chdir(exemplar.parent)
    few = ["--weights", "random", "--iterations", "1", "-q"]
    cube = ["--voxels", "32", "--seed", "5"]
    assert main(["solid", "exemplar.png", "-o", "stone.png", *cube, *few]) == 0
    capsys.readouterr()
    words = ["exemplar.png", "-o", "out.png", "--recipe", "stone.png", *few]
    assert main(["synthesize", *words]) == 1
    sentence = "“stone.png” is of another kind: give its recipe to “texcore solid”."
    assert capsys.readouterr() == ("", f"texcore: {sentence}\n")
    assert not Path("out.png").exists()
    assert main(["solid", *words]) == 0
    assert pictures.read_recipe(Path("out.png")) == pictures.read_recipe(Path("stone.png"))
    assert main(["synthesize", "exemplar.png", "-o", "flat.png", "--seed", "5", *few]) == 0
    words[1:] = ["-o", "again.png", "--recipe", "flat.png", *few]
    assert main(["solid", *words]) == 0
    assert pictures.read_recipe(Path("again.png")).form == "solid"


def test_a_picture_of_one_colour_is_refused_before_any_work(exemplar, monkeypatch, capsys):
    """Nothing but that colour can come of it, at any length."""
    monkeypatch.chdir(exemplar.parent)
    monkeypatch.setattr("texcore.service.pipeline.prepare", None)  # it would raise
    save_png(exemplar, np.full((3, 40, 44), 0.4, np.float32))
    assert main(["synthesize", "exemplar.png", "-o", "out.png", *QUICK]) == 1
    out, err = capsys.readouterr()
    sentence = "“exemplar.png” is of one colour all over: choose a picture of a texture."
    assert (out, err) == ("", f"texcore: {sentence}\n")
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


@pytest.mark.slow
def test_a_package_that_is_missing_is_named(exemplar, home):
    code = "import sys; sys.modules['OpenImageIO'] = None"
    out = exemplar.with_name("out.png")
    done = texcore(home, "synthesize", exemplar, "-o", out, code=code, fresh=True)
    assert done.returncode == 1
    assert "texcore: the Python package OpenImageIO is missing. Run" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("text", "size"),
    [("512", (512, 512)), ("1024x512", (1024, 512)), ("64X33", (64, 33)), ("40×50", (40, 50))],
)
def test_sizes(text, size):
    assert SETTINGS["size"].parse(text) == size


@pytest.mark.parametrize("text", ["", "x", "1x2x3", "12.5", "-64", "64x", "31", "16385", "9" * 99])
def test_what_is_no_size(text):
    with pytest.raises(BadInput):
        SETTINGS["size"].parse(text)


def test_help_tells_the_default_of_every_setting(capsys):
    with pytest.raises(SystemExit):
        main(["synthesize", "--help"])
    shown = re.split(r" (?=--[a-z])", " ".join(capsys.readouterr().out.split()))
    for setting in OPTIONS:
        if setting.name == "size":  # the exemplar's, as its words say
            continue
        default = setting.default
        word = "the model's" if default in (None, ()) else "yes" if default is True else default
        word = f"{word:g}" if isinstance(word, float) else word
        name = ("no-" if default is True else "") + setting.name.replace("_", "-")
        told = [part for part in shown if part.startswith(f"--{name} ")]
        assert any(f"(default: {word})" in part for part in told), told


@pytest.mark.parametrize("word", ["--help", "serve"])
def test_what_draws_nothing_imports_no_networks_and_no_bars(home, word):
    code = (
        "import atexit, sys\n"
        "heavy = 'torch', 'torchvision', 'tqdm'\n"
        "said = lambda: [name for name in heavy if name in sys.modules]\n"
        "atexit.register(lambda: print(said(), file=sys.stderr))"
    )
    assert texcore(home, word, code=code, fresh=True).stderr == "[]\n"


@pytest.mark.slow
def test_a_texture_is_made_without_importing_torchvision(exemplar, home):
    # With weights that are kept; by its import a run would begin two seconds later.
    path = exemplar.with_name("vgg.pth")
    torch.save(state_dict(), path)
    words = ("synthesize", exemplar, "-o", exemplar.with_name("out.png"), "--size", "32")
    words += ("--quality", "draft", "--iterations", "1", "--weights", path)
    code = "import atexit, sys; atexit.register(lambda: print('torchvision' in sys.modules))"
    done = texcore(home, *words, code=code, fresh=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "False"


def test_a_flat_recipe_makes_a_solid_with_other_weights_and_another_depth(
    exemplar, monkeypatch, capsys
):
    monkeypatch.chdir(exemplar.parent)
    few = ["--iterations", "1", "-q"]
    flat = ["exemplar.png", "-o", "flat.png", "--weights", "random", "--even", "1"]
    assert main(["synthesize", *flat, "--size", "32", *few]) == 0
    capsys.readouterr()
    words = ["exemplar.png", "-o", "stone.exr", "--recipe", "flat.png", "--weights", "random-vgg"]
    assert main(["solid", *words, "--voxels", "32", *few]) == 0
    err = capsys.readouterr().err
    assert "The recipe was made with the network random-0." in err
    assert "evens out what stands out, which is done to flat textures only" in err
    assert pictures.read_recipe(exemplar.with_name("stone.exr")).network == "random-vgg-0"


@pytest.mark.parametrize("option", ["--repair", "--keep", "--mask"])
def test_nothing_that_a_texture_is_made_from_is_written_over(exemplar, monkeypatch, capsys, option):
    monkeypatch.chdir(exemplar.parent)
    shutil.copy(exemplar, "mask.png")
    before = Path("mask.png").read_bytes()
    words = ["exemplar.png", "-o", "mask.png", option, "mask.png", *QUICK]
    assert main(["synthesize", *words]) == 1
    assert "“mask.png” is what the texture is made from" in capsys.readouterr().err
    assert Path("mask.png").read_bytes() == before


@pytest.mark.parametrize("words", [("--voxels", "64"), ("--cuts", "upright")])
def test_options_of_another_verb_are_none(exemplar, capsys, words):
    with pytest.raises(SystemExit):
        main(["synthesize", str(exemplar), "-o", "out.png", *words])
    assert "unrecognized arguments" in capsys.readouterr().err


def test_a_photo_that_its_camera_has_turned_is_told(exemplar, monkeypatch, capsys):
    monkeypatch.chdir(exemplar.parent)
    image = Image.open(exemplar)
    tags = Image.Exif()
    tags[0x0112] = 6
    image.crop((0, 0, 44, 36)).save("turned.jpg", exif=tags)
    words = ["-o", "out.png", "--quality", "sketch", "-q"]
    assert main(["synthesize", "turned.jpg", *words]) == 0
    out, err = capsys.readouterr()
    assert "out.png: 44 × 36" in out and "“turned.jpg” is marked as turned" in err


def test_light_that_a_png_does_not_hold_is_told(exemplar, monkeypatch, capsys):
    monkeypatch.chdir(exemplar.parent)
    light = pictures.read(exemplar).pixels * 3
    pictures.write(Path("light.exr"), Picture(light, "float", linear=True))
    words = ["--quality", "sketch", "--size", "32", "-q"]
    assert main(["synthesize", "light.exr", "-o", "out.exr", *words]) == 0
    assert "was cut off" not in capsys.readouterr().err
    assert main(["synthesize", "light.exr", "-o", "out.png", *words]) == 0
    assert "of the picture is darker than black or brighter than white" in capsys.readouterr().err
