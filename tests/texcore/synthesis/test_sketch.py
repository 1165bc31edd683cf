import pytest
import torch

from tests.making import blobs, bricks, load_png, relief, save_png
from texcore import pictures
from texcore.cli import main
from texcore.contract.errors import BadInput
from texcore.contract.recipe import Recipe
from texcore.exemplars.exemplar import Exemplar, Region, Source
from texcore.runtime.context import Context
from texcore.surfaces import torus
from texcore.synthesis.sketch import Sketch

CPU = Context(torch.device("cpu"))
SKETCH = Recipe(quality="sketch", straighten=False)


def exemplar(pixels):
    return Exemplar.of(torch.from_numpy(pixels))


def make(exemplar, recipe):
    run = Sketch(exemplar, recipe, CPU)
    steps = list(run.steps())
    assert [step.fraction for step in steps] == [0.0, 0.5, 1.0] and run.evaluations == 0
    return run.result()


def test_a_first_patchwork_can_be_seen_while_a_better_one_is_sought():
    run = Sketch(exemplar(blobs(48, 48)), Recipe(quality="sketch", size=(96, 96)), CPU)
    steps = run.steps()
    next(steps)
    first = run.result()
    assert first.shape == (3, 96, 96) and max(torus.border_jump(first)) < 1.6
    assert not torch.equal(first, make(run._exemplar, run.recipe))


@pytest.mark.slow
@pytest.mark.parametrize("size", [(96, 64), (60, 60), (200, 150)])
def test_it_has_the_size_asked_for_and_closes_upon_itself(size):
    made = make(exemplar(blobs(60, 60)), Recipe(quality="sketch", size=size))
    assert made.shape == (3, size[1], size[0])
    assert max(torus.border_jump(made)) < 1.6


@pytest.mark.slow
def test_the_seed_decides_it():
    source = exemplar(blobs(48, 48))
    first, same, other = (
        make(source, Recipe(quality="sketch", size=(96, 96), seed=seed)) for seed in (1, 1, 2)
    )
    assert torch.equal(first, same) and not torch.equal(first, other)


def test_fine_detail_is_the_exemplars_own():
    source = exemplar(blobs(64, 64))
    made = make(source, Recipe(quality="sketch", size=(128, 128), novelty=0.0))

    def grain(x):
        return float((x[..., 1:] - x[..., :-1]).abs().mean())

    assert grain(made) == pytest.approx(grain(source.image), rel=0.25)
    assert made.mean() == pytest.approx(float(source.image.mean()), abs=0.06)


@pytest.mark.slow
def test_a_border_is_a_border_where_it_does_not_wrap():
    made = make(exemplar(bricks(48, 48)), Recipe(quality="sketch", size=(96, 80), tile="none"))
    assert made.shape == (3, 80, 96)


def test_mixtures_and_regions_are_refused():
    source = exemplar(blobs(48, 48))
    mixed = Region((Source(source.image), Source(source.image)))
    with pytest.raises(BadInput, match="choose another quality"):
        Sketch(Exemplar(source.image, source.views, regions=(mixed,)), SKETCH, CPU)
    with pytest.raises(BadInput, match="choose another quality"):
        Sketch(Exemplar(source.image, source.views, start=source.image), SKETCH, CPU)


def test_another_model_is_said_to_have_no_part():
    run = Sketch(exemplar(blobs(48, 48)), Recipe(quality="sketch", model="gatys"), CPU)
    assert any("no model has a part in it" in note for note in run.notes)


@pytest.mark.slow
def test_from_file_to_file_without_a_network(tmp_path, monkeypatch):
    def refuse(*words):
        raise AssertionError("a network was asked for")

    monkeypatch.setattr("texcore.features.weights.load", refuse)
    monkeypatch.chdir(tmp_path)
    save_png(tmp_path / "in.png", bricks(48, 48))
    words = ["synthesize", "in.png", "-o", "out.png", "--quality", "sketch", "--size", "96", "-q"]
    assert main(words) == 0
    assert load_png(tmp_path / "out.png").shape == (96, 96, 3)
    recipe = pictures.read_recipe(tmp_path / "out.png")
    assert (recipe.quality, recipe.network) == ("sketch", "")
    assert main(["synthesize", "in.png", "-o", "again.png", "--recipe", "out.png", "-q"]) == 0
    again, first = (load_png(tmp_path / name) for name in ("again.png", "out.png"))
    assert (again == first).all()
    assert {p.name for p in tmp_path.iterdir()} == {"in.png", "out.png", "again.png"}


def test_all_maps_of_a_material_are_sewn_alike(tmp_path):
    maps = relief(48, 48)
    words = []
    for kind in ("base_color", "normal", "height"):
        save_png(tmp_path / f"{kind}.png", maps[kind])
        words += ["--map", f"{kind}={tmp_path / f'{kind}.png'}"]
    out = tmp_path / "out"
    words = ["synthesize", *words, "-o", str(out), "--quality", "sketch", "--size", "96", "-q"]
    assert main(words) == 0
    colour = pictures.read(out / "base_color.png").pixels.mean(0)
    height = pictures.read(out / "height.png").pixels[0]
    made = torch.corrcoef(torch.tensor([colour.ravel().tolist(), height.ravel().tolist()]))[0, 1]
    base, deep = maps["base_color"].mean(0), maps["height"][0]
    given = torch.corrcoef(torch.tensor([base.ravel().tolist(), deep.ravel().tolist()]))[0, 1]
    assert made == pytest.approx(float(given), abs=0.1)
    n = torch.from_numpy(pictures.read(out / "normal.png").pixels) * 2 - 1
    assert (n.norm(dim=0) - 1).abs().max() < 1e-3


@pytest.mark.parametrize("axis", ["x", "y"])
def test_a_photo_that_changes_makes_a_texture_that_changes(axis):
    pixels = 0.25 * blobs(64, 64)
    ramp = torch.linspace(0, 0.75, 64)
    ramp = ramp[:, None] if axis == "y" else ramp[None]
    source = exemplar((pixels + ramp.numpy()).clip(0, 1))
    recipe = Recipe(quality="sketch", size=(144, 144), progress=axis, straighten=False)
    assert axis not in recipe.tile
    made = make(source, recipe).mean(0).mean("yx".index(axis) - 1)
    expected = torch.linspace(0, 0.75, 144) + 0.25 * float(torch.from_numpy(pixels).mean()) * 4
    assert (made - expected).abs().max() < 0.2
    assert torch.corrcoef(torch.stack([made, expected]))[0, 1] > 0.95
