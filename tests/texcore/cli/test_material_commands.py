import numpy as np
import pytest
import torch
from PIL import Image

from tests.making import load_png, relief, save_png
from texcore import pictures
from texcore.cli import main
from texcore.maps import deriving
from texcore.surfaces import torus

FAST = ["--size", "32", "--quality", "draft", "--weights", "random", "-q"]


pytestmark = pytest.mark.usefixtures("thin")


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "wall"
    folder.mkdir()
    maps = relief(40, 40)
    save_png(folder / "wall_diff_1k.png", maps["base_color"])
    save_png(folder / "wall_nor_gl_1k.png", maps["normal"])
    save_png(folder / "wall.png", maps["base_color"])
    return folder


def run(*words):
    return main(["synthesize", *map(str, words), *FAST])


def test_maps_by_name(folder, tmp_path, capsys):
    out = tmp_path / "out"
    maps = {"base_color": "wall_diff_1k.png", "normal_dx": "wall_nor_gl_1k.png"}
    words = [w for kind, name in maps.items() for w in ("--map", f"{kind}={folder / name}")]
    assert run(*words, "-o", out) == 0
    assert {p.name for p in out.iterdir()} == {"base_color.png", "normal_dx.png"}
    assert load_png(out / "base_color.png").shape == (32, 32, 3)
    said = capsys.readouterr()
    assert "2 maps, 32 × 32" in said.out and str(out / "normal_dx.png") in said.out


def test_a_folder_of_maps(folder, tmp_path, capsys):
    assert run(folder, "-o", tmp_path / "out") == 0
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"base_color.png", "normal.png"}
    assert "Passed over: wall.png." in capsys.readouterr().err


@pytest.mark.slow
def test_a_map_given_comes_before_the_folders(folder, tmp_path):
    other = save_png(folder.parent / "rough.png", relief(20, 20)["roughness"])
    out = tmp_path / "out"
    assert run(folder, "--map", f"roughness={other}", "-o", out) == 0
    assert load_png(out / "roughness.png").shape == (16, 16)


@pytest.mark.slow
def test_the_recipe_of_one_map_makes_all_again(folder, tmp_path):
    assert run(folder, "--seed", "4", "-o", tmp_path / "a") == 0
    words = ["--recipe", str(tmp_path / "a" / "normal.png"), "-q", "-o", str(tmp_path / "b")]
    assert main(["synthesize", str(folder), "--weights", "random", *words]) == 0
    for name in ("base_color.png", "normal.png"):
        assert (load_png(tmp_path / "b" / name) == load_png(tmp_path / "a" / name)).all()


def test_eight_bits_for_all_if_wanted(folder, tmp_path):
    assert run(folder, "--bit-depth", "8", "-o", tmp_path / "out") == 0
    assert load_png(tmp_path / "out" / "normal.png").dtype == "uint8"


def test_maps_derived_from_the_result(folder, tmp_path):
    out = tmp_path / "out"
    assert run(folder / "wall.png", "--derive", "height,normal", "-o", out) == 0
    assert {p.name for p in out.iterdir()} == {"base_color.png", "height.png", "normal.png"}
    made = torch.from_numpy(pictures.read(out / "height.png").pixels)
    again = deriving.height(torch.from_numpy(pictures.read(out / "base_color.png").pixels))
    assert (made - again).abs().mean() < 0.02
    assert max(torus.border_jump(made)) < 2


def test_maps_derived_first_are_synthesised_with_the_rest(folder, tmp_path):
    out = tmp_path / "out"
    assert run(folder / "wall.png", "--derive", "height", "--derive-first", "-o", out) == 0
    assert pictures.read_recipe(out / "height.png").maps == "base_color,height"


def test_resumed_in_tiles_there_is_a_word_about_it(folder, tmp_path, capsys):
    out = tmp_path / "out"
    assert run(folder, "-o", out, "--resume", "--tile-side", "64") == 0
    assert "There is no checkpoint: the run begins anew." in capsys.readouterr().err
    assert {p.name for p in out.iterdir()} == {"base_color.png", "normal.png"}


@pytest.mark.slow
def test_a_mixture_with_another_material(folder, tmp_path, capsys):
    other = tmp_path / "moss"
    other.mkdir()
    maps = relief(40, 40)
    save_png(other / "moss_color.png", 0.3 * maps["base_color"] + 0.7)
    save_png(other / "moss_normal.png", maps["normal"])
    out = tmp_path / "out"
    assert run(folder, "--mix", f"{other}:2", "-o", out) == 0
    recipe = pictures.read_recipe(out / "normal.png")
    assert recipe.mix == (2.0,) and [role for role, _ in recipe.pictures] == ["mix 1"]
    assert run(folder, "-o", tmp_path / "plain") == 0
    mixed, plain = (
        load_png(tmp_path / name / "base_color.png").mean() for name in ("out", "plain")
    )
    # The other is light, and heavier.
    assert mixed - plain > 40
    (other / "moss_normal.png").unlink()
    assert run(folder, "--mix", other, "-o", tmp_path / "no") == 1
    assert "lack the map normal" in capsys.readouterr().err


@pytest.mark.slow
def test_regions_lie_over_all_maps(folder, tmp_path):
    half = np.zeros((40, 40, 3), np.uint8)
    half[:, 20:] = 255
    mask = tmp_path / "mask.png"
    Image.fromarray(half).save(mask)
    light = tmp_path / "light"
    light.mkdir()
    maps = relief(40, 40)
    save_png(light / "a_color.png", 0.2 * maps["base_color"] + 0.8)
    save_png(light / "a_normal.png", maps["normal"])
    out = tmp_path / "out"
    words = ["--model", "regions", "--mask", mask, "--region", f"1={light}"]
    assert run(folder, *words, "-o", out) == 0
    made = load_png(out / "base_color.png").astype(float)
    assert made[:, 20:28].mean() > made[:, 4:12].mean() + 60
    assert load_png(out / "normal.png").shape == (32, 32, 3)


@pytest.mark.slow
def test_one_map_alone_is_made_as_a_picture_is(folder, tmp_path):
    picture = folder / "wall.png"
    assert main(["synthesize", str(picture), "-o", str(tmp_path / "alone.png"), *FAST]) == 0
    assert run("--map", f"base_color={picture}", "-o", tmp_path / "set") == 0
    together = load_png(tmp_path / "set" / "base_color.png")
    assert (together == load_png(tmp_path / "alone.png")).all()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--map", "normal"], "is no map: use KIND=FILE"),
        (["--map", "normals=a.png"], "is no kind of map"),
        (["--map", "normal=a.png", "--map", "normal=b.png"], "given twice"),
        (["--map", "normal=a.png"], "is not there"),
        (["photo.png", "--map", "normal=a.png"], "--map base_color=photo.png"),
        (["--map", "normal=a.png", "--derive", "gloss"], "cannot be derived"),
        ([], "Give a picture to learn from"),
    ],
)
def test_wrong_words_leave_no_folder(tmp_path, capsys, words, said):
    assert run(*words, "-o", tmp_path / "out") == 1
    err = capsys.readouterr().err
    assert said in err and len(err.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_an_output_that_is_a_file_is_refused(folder, tmp_path, capsys):
    assert run(folder, "-o", folder / "wall.png") == 1
    assert "is a file: give a folder" in capsys.readouterr().err


def test_an_output_folder_nowhere_is_refused(folder, tmp_path, capsys):
    assert run(folder, "-o", tmp_path / "a" / "b") == 1
    assert "cannot be made" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["linear", "data"])
def test_the_recipe_of_any_map_remakes_the_set_with_its_encoding(folder, tmp_path, encoding):
    assert run(folder, "-o", tmp_path / "a", "--encoding", encoding) == 0
    for map in ("base_color", "normal"):
        recipe = tmp_path / "a" / f"{map}.png"
        assert run(folder, "-o", tmp_path / map, "--recipe", recipe) == 0
        for name in ("base_color.png", "normal.png"):
            again, first = (load_png(tmp_path / made / name) for made in (map, "a"))
            assert np.array_equal(again, first), (map, name)
    assert run(folder, "-o", tmp_path / "c") == 0
    plain, first = (load_png(tmp_path / made / "base_color.png") for made in ("c", "a"))
    assert encoding == "data" or not np.array_equal(plain, first)
    # What is given counts more.
    words = ("--recipe", tmp_path / "a" / "normal.png", "--encoding", "srgb")
    assert run(folder, "-o", tmp_path / "d", *words) == 0
    assert np.array_equal(load_png(tmp_path / "d" / "base_color.png"), plain)


@pytest.mark.slow
def test_a_mask_is_found_for_a_folder_of_maps(folder, tmp_path):
    assert run(folder, "-o", tmp_path / "out", "--mask", "auto") == 0
    assert (tmp_path / "out.mask.png").is_file() and (tmp_path / "out" / "normal.png").is_file()


def test_maps_are_derived_first_if_there_are_any(folder, tmp_path, capsys):
    assert run(folder, "-o", tmp_path / "out", "--derive-first") == 1
    assert "give --derive with --derive-first" in capsys.readouterr().err
