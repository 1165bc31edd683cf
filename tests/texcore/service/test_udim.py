"""One canvas over all tiles, cut and nothing else."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.making import bricks, relief, save_png
from tests.texcore.objects.making import make_tube, write_obj
from texcore import pictures
from texcore.cli import main
from texcore.contract import frames
from texcore.contract.errors import BadInput
from texcore.contract.files import path_beside
from texcore.contract.jobs import Job
from texcore.contract.leftovers import OLD, mark
from texcore.contract.recipe import Recipe
from texcore.contract.udim import list_numbers
from texcore.maps.deriving import derived
from texcore.pictures import Picture
from texcore.service import pipeline
from texcore.surfaces import torus
from texcore.surfaces.torus import Torus

QUICK = ("--model", "gatys", "--weights", "random", "--iterations", "1", "--seed", "5", "-q")


def make(*words):
    return main(["synthesize", *map(str, words), *QUICK])


def whole(folder, name, columns, rows):
    """The tiles of a texture, put side by side as UV space has them: the first row is the top."""
    read = {
        n: pictures.read(folder / f"{name}.{n}.png").pixels for n in list_numbers(columns, rows)
    }
    lines = [
        np.concatenate([read[1001 + u + 10 * v] for u in range(columns)], axis=2)
        for v in reversed(range(rows))
    ]
    return np.concatenate(lines, axis=1)


def run(job):
    steps = pipeline.run(job)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    return save_png(tmp_path_factory.mktemp("photo") / "photo.png", bricks())


def test_tiles_are_the_canvas_cut_and_nothing_else(photo, tmp_path):
    assert make(photo, "-o", tmp_path / "w.<UDIM>.png", "--tiles", "3x2", "--size", "32x40") == 0
    assert make(photo, "-o", tmp_path / "one.png", "--size", "96x80") == 0
    one = pictures.read(tmp_path / "one.png").pixels
    tiles = whole(tmp_path, "w", 3, 2)
    assert one.shape == (3, 80, 96) and np.array_equal(tiles, one)
    assert pictures.read_recipe(tmp_path / "w.1012.png") == pictures.read_recipe(
        tmp_path / "one.png"
    )
    # So no border of a tile stands out, at the outer ones neither.
    for dim, step in ((-1, 32), (-2, 40)):
        jumps = torch.from_numpy(tiles - np.roll(tiles, 1, dim)).abs().mean(dim=(0, -3 - dim))
        assert jumps[::step].max() <= jumps.max() and jumps[::step].mean() < 1.5 * jumps.mean()
    assert max(torus.border_jump(torch.from_numpy(tiles))) < 1.5


def test_a_tile_s_recipe_makes_all_of_them_again(photo, tmp_path):
    words = ("--tiles", "2x1")
    assert make(photo, "-o", tmp_path / "a.<UDIM>.png", *words) == 0
    first = whole(tmp_path, "a", 2, 1)
    assert first.shape == (3, 64, 128)  # each as large as the picture
    made = ["synthesize", str(photo), "-o", str(tmp_path / "b.<UDIM>.png"), *words, "-q"]
    given = ["--weights", "random", "--recipe", str(tmp_path / "a.1002.png")]
    assert main([*made, *given]) == 0
    assert np.array_equal(whole(tmp_path, "b", 2, 1), first)


def test_all_maps_of_a_material_are_cut_alike(tmp_path):
    folder = tmp_path / "wall"
    folder.mkdir()
    for kind, pixels in relief(48, 48).items():
        save_png(folder / f"{kind}.png", pixels[:, ::2, ::2] if kind == "roughness" else pixels)
    out = tmp_path / "out"
    assert make(folder, "-o", out, "--tiles", "2x2", "--derive", "ao,curvature") == 0
    kinds = ("base_color", "normal", "roughness", "height", "ao", "curvature")
    assert {path.name for path in out.iterdir()} == {
        f"{kind}.{number}.png" for kind in kinds for number in (1001, 1002, 1011, 1012)
    }
    side = {kind: whole(out, kind, 2, 2).shape[1:] for kind in kinds}
    assert side.pop("roughness") == (48, 48) and set(side.values()) == {(96, 96)}
    # What is derived knows of no border either: it is of the whole canvas.
    colour = Picture(whole(out, "base_color", 2, 2), "uint8")
    height = Picture(whole(out, "height", 2, 2), "uint16")
    (again,) = derived({"base_color": colour, "height": height}, ["curvature"], Torus()).values()
    assert np.abs(again.pixels - whole(out, "curvature", 2, 2)).max() < 0.02


def test_tiles_that_stand_apart_are_of_one_canvas(photo, tmp_path):
    job = Job.of_picture(
        photo, tmp_path / "a.<UDIM>.png", Recipe(model="gatys", iterations=1, seed=5)
    )
    made = run(replace(job, udim=(1002, 1013), weights="random"))
    assert (made.width, made.height) == (128, 128) and made.first.output.name == "a.<UDIM>.png"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.1002.png", "a.1013.png"]
    again = Job.of_picture(photo, tmp_path / "one.png", made.first.recipe, weights="random")
    canvas = pictures.read(run(again).first.output).pixels
    assert np.array_equal(pictures.read(tmp_path / "a.1002.png").pixels, canvas[:, 64:, :64])
    assert np.array_equal(pictures.read(tmp_path / "a.1013.png").pixels, canvas[:, :64, 64:])


def test_an_object_over_tiles_gets_its_one_texture_cut(photo, tmp_path, capsys):
    mesh = make_tube(cuts=3)
    one = write_obj(tmp_path / "one.obj", mesh)
    two = write_obj(tmp_path / "two.obj", replace(mesh, corners=mesh.corners * [2, 1]))

    def sew(object_, out, *words):
        given = ("surface", object_, photo, "-o", tmp_path / out, "--quality", "sketch", "-q")
        return main([*map(str, (*given, *words))])

    assert sew(one, "one.png", "--size", "128x64") == 0
    assert sew(two, "two.<UDIM>.png", "--size", "64", "--tiles", "2x1") == 0
    canvas = pictures.read(tmp_path / "one.png").pixels
    assert np.array_equal(whole(tmp_path, "two", 2, 1), canvas)
    assert "128 × 64 in 2 tiles" in capsys.readouterr().out
    assert sew(two, "three.png", "--size", "64") == 1
    assert "or use UDIM tiles" in capsys.readouterr().err
    assert sew(two, "three.<UDIM>.png", "--size", "64", "--tiles", "1x2") == 1
    assert "leaves the UDIM tiles 1001, 1011: add the tiles" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "words", "said"),
    [
        ("wall.png", ("--tiles", "2x2"), "name it wall.<UDIM>.png"),
        ("wall.<UDIM>.png", (), "(See --tiles.)"),
        ("wall.<UDIM>.png", ("--tiles", "4x1", "--size", "5000"), "tiles of at most 4096"),
        ("wall.<UDIM>.png", ("--tiles", "2x1", "--renew", "border"), "leave the tiles out"),
        ("taken.<UDIM>.png", ("--tiles", "2x1"), "is a folder"),
    ],
)
def test_what_cannot_be_is_one_sentence(photo, tmp_path, capsys, name, words, said):
    (tmp_path / "taken.1002.png").mkdir()
    assert make(photo, "-o", tmp_path / name, *words) == 1
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["taken.1002.png"]


def test_a_number_of_tiles_that_is_none_is_an_argument_that_is_wrong(photo, tmp_path, capsys):
    for word in ("two", "11", "0x1"):
        with pytest.raises(SystemExit):
            make(photo, "-o", tmp_path / "a.<UDIM>.png", "--tiles", word)
        assert "tiles" in capsys.readouterr().err


def test_what_a_killed_run_has_moved_aside_is_put_back(tmp_path, capsys):
    with subprocess.Popen([sys.executable, "-c", ""]) as dead:
        dead.wait()
    tile = tmp_path / "a.1002.png"
    aside = path_beside(tile, OLD)
    aside = aside.with_name(aside.name.replace(mark(), f"{mark().rpartition('-')[0]}-{dead.pid}"))
    aside.write_bytes(b"the old tile")
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    assert make(broken, "-o", tmp_path / "a.<UDIM>.png", "--tiles", "2x1") == 1
    assert "broken.png" in capsys.readouterr().err
    assert tile.read_bytes() == b"the old tile" and not aside.exists()


def test_another_computer_makes_none(photo, tmp_path):
    job = Job.of_picture(photo, tmp_path / "a.<UDIM>.png", udim=(1001,))
    with pytest.raises(BadInput, match="this computer only"):
        frames.load(job)
