"""The engine as a library: ``import texcore``."""

import subprocess
import sys

import numpy as np
import pytest

import texcore
from tests.making import bricks, load_png, relief, save_png
from tests.running import ROOT
from texcore import pictures
from texcore.contract.jobs import Companions

QUICK = {"iterations": 2, "weights": "random"}


pytestmark = pytest.mark.usefixtures("thin")


@pytest.fixture
def photo(tmp_path):
    return save_png(tmp_path / "photo.png", bricks(40, 44))


def test_without_a_file_to_write_the_pixels_come_back(photo):
    seen = []
    made = texcore.synthesize(photo, size=48, seed=3, on_progress=seen.append, **QUICK)
    assert list(made.maps) == ["picture"]
    assert made.texture.pixels.shape == (48, 48, 3)
    assert made.texture.pixels.dtype == np.float32
    assert made.texture.path is None
    assert (made.texture.recipe.seed, made.texture.recipe.size) == (3, (48, 48))
    assert [p.fraction for p in seen] == sorted(p.fraction for p in seen)
    assert seen[-1].fraction == pytest.approx(1) and seen[-1].stage
    assert list(photo.parent.iterdir()) == [photo]


@pytest.mark.slow
def test_the_recipe_makes_it_again_into_a_file(photo):
    made = texcore.synthesize(photo, size=(48, 40), tile="x", **QUICK)
    out = photo.with_name("out.png")
    again = texcore.synthesize(str(photo), str(out), recipe=made.texture.recipe, weights="random")
    assert again.texture.path == out and load_png(out).shape == (40, 48, 3)
    assert np.array_equal(again.texture.pixels, made.texture.pixels)


def test_maps_are_made_as_one_and_derived(tmp_path):
    files = {
        kind: save_png(tmp_path / f"{kind}.png", relief(40, 40)[kind])
        for kind in ("base_color", "normal")
    }
    folder = tmp_path / "new"
    folder.mkdir()
    made = texcore.synthesize(files, folder, derive=("roughness",), size=32, **QUICK)
    assert {p.name for p in folder.iterdir()} == {"base_color.png", "normal.png", "roughness.png"}
    length = np.linalg.norm(made.maps["normal"].pixels * 2 - 1, axis=2)
    assert np.abs(length - 1).max() < 1e-3
    assert made.maps["base_color"].recipe.maps == "base_color,normal"


@pytest.mark.slow
def test_the_recipe_of_a_map_tells_what_the_numbers_of_the_others_mean(tmp_path):
    files = {
        kind: save_png(tmp_path / f"{kind}.png", relief(40, 40)[kind])
        for kind in ("base_color", "normal")
    }
    told = texcore.Recipe(maps="base_color,normal", encodings="linear,data", encoding="data")
    words = {"size": 32, "bit_depth": "8", **QUICK}
    made = texcore.synthesize(files, recipe=told, **words)
    again = texcore.synthesize(files, recipe=made.maps["normal"].recipe, weights="random")
    plain = texcore.synthesize(files, **words)
    assert {each.recipe.encodings for each in again.maps.values()} == {"linear,data"}
    light, same, other = (each.maps["base_color"].pixels for each in (made, again, plain))
    assert np.array_equal(light, same) and not np.array_equal(light, other)


def test_what_on_progress_raises_ends_it_and_nothing_is_written(photo):
    class Enough(Exception):
        pass

    def stop(progress):
        raise Enough

    with pytest.raises(Enough):
        texcore.synthesize(photo, photo.with_name("out.png"), on_progress=stop, **QUICK)
    assert list(photo.parent.iterdir()) == [photo]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"colour": "red"}, "no setting “colour”"),
        ({"size": 5}, "The size is 5 × 5"),
        ({"seed": -1}, "The seed is -1"),
        ({"derive": ("emission",)}, "“emission” cannot be derived"),
        ({"device": "abacus"}, "no device"),
        ({"companions": Companions(mix=[{"normal": ROOT / "n.png"}])}, "is not there"),
    ],
)
def test_wrong_use_is_one_sentence(photo, words, sentence):
    with pytest.raises(texcore.TexcoreError, match=sentence):
        texcore.synthesize(photo, **{**QUICK, **words})


def test_a_mixture_lacks_no_map(tmp_path):
    files = {
        kind: save_png(tmp_path / f"{kind}.png", relief(40, 40)[kind])
        for kind in ("base_color", "normal")
    }
    both = Companions(mix=[files])
    made = texcore.synthesize(files, companions=both, size=32, **QUICK)
    assert made.texture.recipe.mix == (1.0,)
    lacking = Companions(mix=[{"base_color": files["base_color"]}])
    with pytest.raises(texcore.BadInput, match="“mix 1” lack the map normal"):
        texcore.synthesize(files, companions=lacking, size=32, **QUICK)


def test_importing_it_imports_no_torch():
    code = "import sys, texcore; print('torch' in sys.modules, 'numpy' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.split() == ["False", "False"]


def test_a_picture_is_what_pictures_read(photo):
    made = texcore.synthesize(photo, photo.with_name("out.png"), size=32, **QUICK)
    read = pictures.read(photo.with_name("out.png")).pixels.transpose(1, 2, 0)
    assert np.array_equal(made.texture.pixels, read)
