"""Only a part of a picture is made anew; all else is kept bit for bit."""

from dataclasses import replace

import numpy as np
import pytest

from tests.making import blobs, load_png, save_png
from texcore.contract.errors import BadInput
from texcore.contract.jobs import Companions, Job, MapFiles
from texcore.contract.recipe import Recipe
from texcore.service import pipeline
from texcore.service.checkpoint import Checkpoint

HEIGHT, WIDTH = 64, 80
SKETCH = Recipe(quality="sketch")
ONE = Recipe(iterations=1)


pytestmark = pytest.mark.usefixtures("thin")


@pytest.fixture
def hole():
    hole = np.zeros((HEIGHT, WIDTH), bool)
    hole[20:36, 30:44] = True
    return hole


def write_mask(folder, hole, name="mask.png"):
    return save_png(folder / name, hole[None].astype(np.float32))


def make(job):
    run = pipeline.run(job)
    while True:
        try:
            next(run)
        except StopIteration as stop:
            return stop.value


def repair(folder, picture, recipe, name="out.png", **companions):
    exemplar = save_png(folder / f"exemplar of {name}", picture)
    job = Job.of_picture(
        exemplar, folder / name, recipe, weights="random", companions=Companions(**companions)
    )
    return load_png(exemplar), load_png(make(job).first.output)


@pytest.mark.parametrize("recipe", [SKETCH, ONE])
def test_only_what_is_marked_is_made_anew(tmp_path, hole, recipe):
    mask = write_mask(tmp_path, hole)
    before, after = repair(tmp_path, blobs(HEIGHT, WIDTH, channels=4), recipe, repair=mask)
    assert after.shape == before.shape
    assert (after[~hole] == before[~hole]).all()
    assert (after[hole] != before[hole]).any(-1).mean() > 0.8


def test_what_is_marked_is_not_learnt_from(tmp_path, hole):
    mask = write_mask(tmp_path, hole)
    picture, stained = blobs(HEIGHT, WIDTH), blobs(HEIGHT, WIDTH)
    stained[:, hole] = np.array([1, 0, 0.8])[:, None]
    _, made = repair(tmp_path, picture, ONE, "made.png", repair=mask)
    _, same = repair(tmp_path, stained, ONE, "same.png", repair=mask)
    assert (made == same).all()


def test_a_mask_of_what_is_kept_is_the_opposite(tmp_path, hole):
    picture = blobs(HEIGHT, WIDTH)
    repaired = write_mask(tmp_path, hole, "repaired.png")
    kept = write_mask(tmp_path, ~hole, "kept.png")
    _, made = repair(tmp_path, picture, SKETCH, "made.png", repair=repaired)
    _, same = repair(tmp_path, picture, SKETCH, "same.png", keep=kept)
    assert (made == same).all()


def test_what_goes_over_the_border_is_filled_on_the_torus(tmp_path):
    y, x = np.mgrid[:64, :64]
    picture = np.tile(0.5 + 0.3 * np.sin(2 * np.pi * (x + y) / 16), (3, 1, 1)).astype(np.float32)
    hole = np.zeros((64, 64), bool)
    hole[24:40, :6] = hole[24:40, -6:] = True
    before, after = repair(tmp_path, picture, SKETCH, repair=write_mask(tmp_path, hole))
    error = np.abs(after[hole].astype(int) - before[hole]).mean()
    assert error < 12, "the stripes go on over the border"


@pytest.mark.parametrize(("tile", "rows", "columns"), [("xy", 6, 6), ("x", 0, 6), ("y", 6, 0)])
def test_only_the_border_is_made_anew(tmp_path, tile, rows, columns):
    recipe = replace(SKETCH, renew="border", border=0.1, tile=tile)
    before, after = repair(tmp_path, blobs(HEIGHT, WIDTH), recipe)
    inside = np.s_[rows : HEIGHT - rows, columns : WIDTH - columns]
    assert (after[inside] == before[inside]).all()
    changed = (after != before).any(-1)
    assert (changed[:4].mean() > 0.5) == bool(rows)
    assert (changed[:, :4].mean() > 0.5) == bool(columns)


def test_all_maps_of_a_material_are_kept_alike(tmp_path, hole):
    small = hole[::2, ::2]
    maps = {
        "base_color": save_png(tmp_path / "color.png", blobs(HEIGHT, WIDTH)),
        "roughness": save_png(tmp_path / "rough.png", blobs(HEIGHT // 2, WIDTH // 2, channels=1)),
    }
    files = {kind: MapFiles(path, tmp_path / f"{kind}.png") for kind, path in maps.items()}
    mask = write_mask(tmp_path, hole)
    make(Job(files, SKETCH, weights="random", companions=Companions(repair=mask)))
    for kind, stays in (("base_color", ~hole), ("roughness", ~small)):
        before, after = load_png(maps[kind]), load_png(files[kind].output)
        assert (after[stays] == before[stays]).all()
        assert (after != before).any()


@pytest.mark.parametrize(
    ("recipe", "marked", "sentence"),
    [
        (SKETCH, np.zeros((HEIGHT, WIDTH)), "Nothing is marked"),
        (SKETCH, np.ones((HEIGHT, WIDTH)), "Nothing of the picture stays"),
        (SKETCH, np.eye(16), "16 × 16 pixels and the exemplar 80 × 64"),
        (replace(SKETCH, size=(128, 128)), np.eye(HEIGHT, WIDTH), "make it 80 × 64"),
        (SKETCH, np.indices((HEIGHT, WIDTH)).sum(0) % 4 == 0, "Too little of the picture stays"),
    ],
)
def test_what_cannot_be_repaired_is_said(tmp_path, recipe, marked, sentence):
    mask = write_mask(tmp_path, np.asarray(marked, bool))
    with pytest.raises(BadInput, match=sentence):
        repair(tmp_path, blobs(HEIGHT, WIDTH), recipe, repair=mask)
    assert not (tmp_path / "out.png").exists()


def test_a_border_without_tiling_is_refused(tmp_path):
    with pytest.raises(BadInput, match="choose a tiling"):
        repair(tmp_path, blobs(HEIGHT, WIDTH), replace(SKETCH, renew="border", tile="none"))


def test_a_recipe_asks_for_its_mask_again(tmp_path, hole):
    recipe = replace(SKETCH, pictures=(("repair", "0" * 64),))
    with pytest.raises(BadInput, match="give it again"):
        repair(tmp_path, blobs(HEIGHT, WIDTH), recipe)


def test_a_part_has_no_checkpoint(tmp_path, hole, monkeypatch):
    """A filling is soon made again, and its state would be as large as another's."""
    monkeypatch.setattr(Checkpoint, "INTERVAL", 0.0)
    exemplar = save_png(tmp_path / "exemplar.png", blobs(HEIGHT, WIDTH))
    output, mask = tmp_path / "out.png", write_mask(tmp_path, hole)
    run = pipeline.run(
        Job.of_picture(
            exemplar,
            output,
            ONE,
            weights="random",
            companions=Companions(repair=mask),
            checkpoint=output,
        )
    )
    for _ in run:
        assert not list(tmp_path.glob("*.checkpoint"))
    assert output.exists()
