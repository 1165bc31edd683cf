"""No network, and a home of Texcore that cannot be used."""

from tests.making import load_png
from tests.running import Engine, texcore
from texcore import pictures
from texcore.contract.jobs import Job
from texcore.contract.recipe import Recipe
from texcore.features import weights

QUICK = ("--size", "40", "--quality", "draft", "-q")


def test_without_a_network_a_texture_is_made_all_the_same(home, folder, exemplar, untouched):
    out = folder / "out.png"
    done = texcore(home, "synthesize", exemplar, "-o", out, *QUICK)
    assert done.returncode == 0, done.stderr
    said, periods = done.stderr.splitlines()
    assert said == f"texcore: {weights.RANDOM_NOTE}"
    assert "whole periods" in periods  # the exemplar is a wall
    assert load_png(out).shape == (40, 40, 3)
    assert pictures.read_recipe(out).network == "random-0"
    untouched(out)


def test_without_a_network_a_named_one_cannot_be_had(home, folder, exemplar, untouched):
    done = texcore(
        home, "synthesize", exemplar, "-o", folder / "out.png", *QUICK, "--weights", "vgg19"
    )
    assert done.returncode == 1
    assert "The weights of vgg19 cannot be fetched" in done.stderr
    assert "Connect to the internet" in done.stderr
    assert done.stderr.count("\n") == 1
    untouched()


def test_the_service_says_it_with_the_result(home, folder, exemplar):
    recipe = Recipe(size=(40, 40), quality="draft")
    with Engine(home) as engine:
        engine.greet()
        for name in ("one.png", "two.png"):
            answer = engine.answer("synthesize", Job.of_picture(exemplar, folder / name, recipe))
            said, periods = answer["result"]["notes"]
            assert said == weights.RANDOM_NOTE
            assert "whole periods" in periods
        assert engine.end_of_input() == 0


def test_damaged_weights_in_the_cache_are_said(home, folder, exemplar, untouched):
    kept = home / "cache" / "weights" / f"{weights._published('vgg19')}.safetensors"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"half a file")
    done = texcore(home, "synthesize", exemplar, "-o", folder / "out.png", *QUICK)
    assert done.returncode == 1
    assert str(kept) in done.stderr
    assert "delete the file and run again" in done.stderr
    assert "Traceback" not in done.stderr
    untouched()
    kept.unlink()
    assert texcore(home, "synthesize", exemplar, "-o", folder / "out.png", *QUICK).returncode == 0


def test_a_home_that_is_no_folder_does_no_harm(home, folder, exemplar):
    home.write_text("in the way")
    done = texcore(home, "synthesize", exemplar, "-o", folder / "out.png", *QUICK)
    assert done.returncode == 0, done.stderr
    assert texcore(home, "doctor").returncode == 0
