import numpy as np
import pytest
import torch

from tests.making import blobs, bricks, vgg, waves
from texcore.contract.choices import MODELS
from texcore.contract.recipe import Recipe
from texcore.exemplars.exemplar import Exemplar
from texcore.features import weights
from texcore.maps.colour_codec import ColourCodec
from texcore.pictures import Picture
from texcore.runtime.context import Context
from texcore.surfaces.torus import border_jump
from texcore.synthesis.run import Synthesis

CPU = torch.device("cpu")


@pytest.fixture
def run(bank):
    """Synthesise with the thin bank: the result and the steps."""

    def run(pixels, network=bank, linear=False, encoding="auto", **settings):
        recipe = Recipe(**{"quality": "draft", **settings})
        picture = Picture(np.asarray(pixels, np.float32), "float", linear)
        codec = ColourCodec(picture, encoding)
        exemplar = Exemplar.of(codec.image)
        synthesis = Synthesis(exemplar, recipe, network, Context(CPU))
        steps = [step for step in synthesis.steps() if step.evaluations]
        return codec.decode(synthesis.result()), steps

    return run


def jumps(picture):
    return border_jump(torch.from_numpy(picture.pixels))


@pytest.mark.slow
@pytest.mark.parametrize("network", ["bank", "vgg"])
@pytest.mark.parametrize("size", [(33, 70), (71, 32), (64, 64), (97, 45)])
def test_the_result_has_the_size_asked_for(run, bank, network, size):
    result, _ = run(bricks(48, 52), {"bank": bank, "vgg": vgg()}[network], size=size)
    assert result.pixels.shape == (3, size[1], size[0])
    assert result.pixels.dtype == np.float32
    assert np.isfinite(result.pixels).all()


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(17, 90), (40, 33), (150, 70)])
def test_without_a_size_it_has_the_exemplars(run, shape):
    result, _ = run(blobs(*shape))
    assert result.pixels.shape == (3, max(shape[0], 32), max(shape[1], 32))


def test_low_layers_leave_the_flat_canvas_that_they_begin_with(run):
    """By cautious first steps the loss would fall by a hundredth in so many evaluations."""
    layers = (("conv1_1", 1.0),)
    _, steps = run(blobs(48, 48), vgg(), model="gatys", layers=layers, iterations=40)
    assert steps[-1].loss < 0.1 * steps[0].loss


@pytest.mark.slow
@pytest.mark.parametrize("tile", ["xy", "x", "y", "none"])
def test_the_axes_that_tile_have_no_seam(run, tile):
    exemplar = waves(64, 64, highest=3)[:, 5:53, 3:49]
    result, _ = run(exemplar, size=(57, 48), tile=tile)
    assert result.pixels.shape == (3, 48, 57)
    for axis, jump in zip("xy", jumps(result), strict=True):
        if axis in tile:
            assert jump < 1.8
        else:
            # A border that wraps by chance would say that nothing had been cut.
            assert jump > 2.5


def test_the_check_for_seams_sees_the_exemplars():
    assert min(jumps(Picture(waves(64, 64, highest=3)[:, 5:53, 3:49], "float"))) > 2.5


@pytest.mark.slow
def test_a_patchwork_is_nearer_than_noise_and_ends_no_farther(run):
    starts = {}
    for init in ("noise", "patchwork"):
        settings = {"size": (64, 80), "arrangement": "new", "iterations": 40}
        _, steps = run(bricks(72, 72), vgg(), init=init, **settings)
        starts[init] = steps[0].loss, steps[-1].loss
    assert starts["patchwork"][0] < 0.5 * starts["noise"][0]
    assert starts["patchwork"][1] < 1.1 * starts["noise"][1]


def likeness(a, b):
    """Correlation of two pictures' coarse structure, −1...1."""
    coarse = [
        torch.nn.functional.avg_pool2d(torch.from_numpy(x)[None], 8).flatten() for x in (a, b)
    ]
    return float(torch.corrcoef(torch.stack(coarse))[0, 1])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arrangement", "size", "tile", "alike"),
    [
        ("auto", (96, 96), "xy", True),
        ("auto", (110, 88), "none", True),
        ("auto", (128, 96), "xy", False),
        ("photo", (128, 96), "x", True),
        ("photo", (64, 64), "xy", True),
        ("new", (96, 96), "xy", False),
    ],
)
def test_large_things_stay_where_they_are_if_they_shall(run, arrangement, size, tile, alike):
    exemplar = blobs(96, 96)
    result, _ = run(exemplar, size=size, arrangement=arrangement, tile=tile, iterations=20)
    (w, h), middles = size, []
    for n in (h, w):
        shared = min(n, 96) * 3 // 8 * 2 // 16 * 16  # what is sewn along the border left out
        middles.append([slice((k - shared) // 2, (k + shared) // 2) for k in (n, 96)])
    (rows, of_rows), (columns, of_columns) = middles
    found = likeness(result.pixels[:, rows, columns], exemplar[:, of_rows, of_columns])
    assert (found > 0.7) if alike else (found < 0.45)


@pytest.mark.slow
@pytest.mark.parametrize("model", [m.id for m in MODELS if m.id != "regions"])
@pytest.mark.parametrize("network", ["bank", "vgg"])
def test_the_loss_falls_by_a_lot_and_the_work_goes_on_to_its_end(run, bank, model, network):
    network = {"bank": bank, "vgg": vgg()}[network]
    # A patchwork would be near the goal from the start.
    init = "noise" if model == "default" else "auto"
    _, steps = run(bricks(72, 72), network, size=(64, 80), model=model, init=init, iterations=40)
    last = [step for step in steps if step.level == steps[-1].level]
    assert steps[-1].loss < 0.2 * steps[0].loss
    assert last[-1].loss < last[0].loss
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(set(fractions))
    assert 0 < fractions[0] < 0.1
    assert fractions[-1] == pytest.approx(1)
    assert [step.evaluations for step in steps] == list(range(1, len(steps) + 1))
    assert steps[-1].level == steps[-1].levels - 1
    assert all(1 <= step.iteration <= step.iterations for step in steps)
    assert all(step.stage for step in steps)


@pytest.mark.slow
def test_the_result_is_closer_to_the_exemplar_than_another_texture_is(run, bank):
    def gram(pixels):
        f = bank.exemplar_features(torch.from_numpy(pixels)[None], ["bank"])["bank"][0].flatten(1)
        return f @ f.T / f.shape[1]

    exemplar = bricks(64, 64)
    result, _ = run(exemplar, size=(64, 64), quality="standard")
    wanted = gram(exemplar)
    off = (gram(result.pixels) - wanted).norm() / wanted.norm()
    other = (gram(blobs(64, 64)) - wanted).norm() / wanted.norm()
    assert off < 0.35 * other
    assert np.abs(result.pixels - exemplar).mean() > 0.05  # and yet it is no copy


@pytest.mark.slow
def test_a_seed_is_a_texture(run):
    exemplar = blobs(40, 40)
    one, same, other = (run(exemplar, seed=s)[0].pixels for s in (3, 3, 4))
    assert np.array_equal(one, same)
    assert np.abs(one - other).mean() > 0.02


@pytest.mark.slow
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("network", ["bank", "vgg"])
def test_channels_stay_as_they_are(run, bank, channels, network):
    exemplar = blobs(48, 48, channels=channels)
    result, _ = run(exemplar, {"bank": bank, "vgg": vgg()}[network], size=(40, 64))
    assert result.pixels.shape == (channels, 64, 40)
    np.testing.assert_allclose(result.pixels.mean((1, 2)), exemplar.mean((1, 2)), atol=0.08)


@pytest.mark.slow
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_nothing_leaves_the_exemplars_range(run, channels):
    exemplar = 0.3 + 0.2 * blobs(48, 48, channels=channels)
    result, _ = run(exemplar, size=(50, 47))
    for made, given in zip(result.pixels, exemplar, strict=True):
        assert given.min() - 1e-6 <= made.min() < made.max() <= given.max() + 1e-6


@pytest.mark.slow
@pytest.mark.parametrize("channels", [2, 4])
def test_a_constant_alpha_is_kept(run, channels):
    exemplar = blobs(40, 40, channels=channels)
    exemplar[-1] = 0.25
    result, _ = run(exemplar, size=(44, 36))
    assert result.pixels.shape == (channels, 36, 44)
    assert (result.pixels[-1] == 0.25).all()
    assert result.pixels[0].std() > 0.05


@pytest.mark.slow
@pytest.mark.parametrize("colour", [(0.2, 0.5, 0.7), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), (0, 1, 0)])
@pytest.mark.parametrize("network", ["bank", "vgg"])
def test_a_flat_exemplar_gives_a_flat_texture(run, bank, colour, network):
    exemplar = np.broadcast_to(np.float32(colour)[:, None, None], (3, 40, 40)).copy()
    result, _ = run(exemplar, {"bank": bank, "vgg": vgg()}[network], size=(48, 33))
    wanted = np.broadcast_to(np.float32(colour)[:, None, None], (3, 33, 48))
    np.testing.assert_allclose(result.pixels, wanted, atol=2e-3)


def test_one_flat_channel_beside_others(run):
    exemplar = blobs(40, 40)
    exemplar[2] = 0.0
    result, _ = run(exemplar, size=(40, 40))
    assert np.abs(result.pixels[2]).max() < 2e-3
    assert result.pixels[0].std() > 0.05


class TestEncoding:
    @pytest.mark.slow
    @pytest.mark.parametrize("brightest", [0.9, 40.0])
    def test_light_comes_back_as_light(self, run, brightest):
        exemplar = brightest * blobs(48, 48) ** 2.2
        result, _ = run(exemplar, linear=True, size=(48, 48))
        assert result.linear
        assert result.pixels.min() >= 0
        assert result.pixels.max() <= exemplar.max() * 1.001
        means = result.pixels.mean((1, 2)) / exemplar.mean((1, 2))
        assert 0.7 < means.min() <= means.max() < 1.4

    @pytest.mark.slow
    def test_is_the_files_unless_told_otherwise(self, run):
        light = blobs(40, 40) ** 2.2
        auto, as_light, as_data = (
            run(light, linear=linear, encoding=encoding)[0].pixels
            for linear, encoding in ((True, "auto"), (True, "linear"), (True, "data"))
        )
        assert np.array_equal(auto, as_light)
        assert not np.array_equal(auto, as_data)
        shown, told = (
            run(light, linear=False, encoding=encoding)[0].pixels for encoding in ("auto", "srgb")
        )
        assert np.array_equal(shown, told)
        assert np.array_equal(shown, as_data)

    def test_numbers_below_zero_are_data(self, run):
        exemplar = blobs(40, 40) * 2 - 1
        result, _ = run(exemplar, encoding="data")
        assert result.pixels.min() < -0.3


@pytest.mark.slow
def test_the_preview_shows_the_canvas_at_any_time(bank):
    picture = Picture(40 * blobs(48, 48, channels=4) ** 2.2, "half", linear=True)
    recipe = Recipe(size=(96, 64), quality="draft")
    codec = ColourCodec(picture, "auto")
    synthesis = Synthesis(Exemplar.of(codec.image), recipe, bank, Context(CPU))
    with pytest.raises(RuntimeError):
        synthesis.preview()
    shown = []
    for step in synthesis.steps():
        preview = codec.preview(synthesis.preview(48))
        # What there is to be seen first is shown as large as it is.
        assert preview.pixels.shape == ((4, 32, 48) if step.evaluations else (4, 64, 96))
        assert (preview.depth, preview.linear) == ("uint8", False)
        assert 0 <= preview.pixels.min() <= preview.pixels.max() <= 1
        shown.append(preview.pixels)
    assert not np.array_equal(shown[1], shown[-1])


def test_the_recipe_says_the_size_that_was_chosen(bank):
    exemplar = Exemplar.of(torch.from_numpy(blobs(40, 52)))
    assert Synthesis(exemplar, Recipe(), bank, Context(CPU)).recipe.size == (52, 40)


@pytest.mark.slow
def test_bfloat16_makes_a_texture_too(bank):
    exemplar = Exemplar.of(torch.from_numpy(bricks(48, 48)))
    # A layout would be near the goal from the start.
    recipe = Recipe(size=(48, 48), quality="draft", init="noise")
    synthesis = Synthesis(exemplar, recipe, vgg(), Context(CPU, torch.bfloat16))
    losses = [step.loss for step in synthesis.steps() if step.evaluations]
    assert losses[-1] < 0.2 * losses[0]
    assert max(border_jump(synthesis.result())) < 2


def test_any_channels_go_through_any_views(bank):
    """Two pictures that belong together, stacked in one canvas, stay together."""
    colour = torch.from_numpy(bricks(48, 48))
    stacked = torch.cat([colour, 1 - colour.mean(0, keepdim=True), colour[:1] ** 2])
    views = (torch.eye(3, 5), torch.eye(5)[[3, 4, 4]])
    # A patchwork would be near the goal from the start.
    recipe = Recipe(size=(48, 48), quality="draft", init="noise")
    synthesis = Synthesis(Exemplar(stacked, views), recipe, bank, Context(CPU))
    losses = [step.loss for step in synthesis.steps() if step.evaluations]
    assert losses[-1] < 0.2 * losses[0]
    result = synthesis.result()
    assert result.shape == (5, 48, 48)
    both = torch.stack([1 - result[:3].mean(0).flatten(), result[3].flatten()])
    assert both.corrcoef()[0, 1] > 0.95


@pytest.mark.slow
def test_the_best_network_here_makes_a_texture(run, best_home, monkeypatch):
    """With the published VGG if it is in the user's cache, else with the random filters."""
    if best_home:
        monkeypatch.setenv("TEXCORE_HOME", best_home)
    network, _ = weights.load("auto")
    result, steps = run(bricks(48, 48), network, size=(48, 48), init="noise")
    assert steps[-1].loss < 0.3 * steps[0].loss
    assert max(jumps(result)) < 2
