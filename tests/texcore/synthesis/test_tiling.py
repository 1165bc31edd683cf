from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close

from tests.making import blobs, bricks, tiling, vgg
from texcore.canvas.pixels import PixelCanvas
from texcore.canvas.spectral import SpectralCanvas
from texcore.contract.errors import Cancelled
from texcore.contract.recipe import Recipe
from texcore.exemplars.exemplar import Exemplar, Region, Source
from texcore.features import RandomBank, Vgg
from texcore.models.presets import make_preset
from texcore.runtime.context import Context, Machine
from texcore.statistics import Target, feature_distance, measure_features
from texcore.synthesis.objective import Objective
from texcore.synthesis.run import Synthesis
from texcore.synthesis.tiled_distance import tiled_distance
from texcore.synthesis.tiles import plan_tiles
from texcore.synthesis.tiling import limit_tiles

CPU = torch.device("cpu")
NETWORKS = {"vgg": vgg(dtype=torch.float64), "bank": RandomBank.seeded(0, 4).to(CPU, torch.float64)}


def objective(network, channels, size, model, tiles=None):
    exemplar = torch.from_numpy(blobs(72, 80, channels=channels)).double()
    canvas = SpectralCanvas(exemplar, *size, 0.5)
    exemplar = Exemplar.of(exemplar)
    tiles = tiles or tiling(network, model)
    return Objective(network, make_preset(model, network), exemplar, canvas, tiles)


def wanted(statistics):
    return Target(statistics, (("gram", 1.0), ("gap", 0.7)))


def assert_equal(tiled, untiled):
    # Sums are rounded in another order; nothing else differs.
    for one, other in zip(tiled, untiled, strict=True):
        assert_close(one, other, rtol=0, atol=1e-12 * float(other.abs().max()))


def start(objective):
    return objective.canvas.draw_noise(torch.Generator().manual_seed(0))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "size", "side"),
    [
        ("default", (96, 96), 64),  # 64 divides neither 96 nor, at the next octave, 48
        ("default", (64, 160), 32),
        ("default", (224, 32), 48),
        ("gatys", (80, 112), 16),  # the smallest tiles there can be: a stride wide
        ("multiscale", (128, 192), 40),
    ],
)
@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("name", NETWORKS)
def test_tiled_is_untiled(name, channels, model, size, side):
    network = NETWORKS[name]
    whole = objective(network, channels, size, model, tiling(network, model, tile_side=1000))
    tiled = objective(network, channels, size, model, tiling(network, model, tile_side=side))
    assert whole.tiling.plan(*size).whole
    assert len(tiled.tiling.plan(*size).tiles) > 2
    assert_equal(tiled(start(whole)), whole(start(whole)))


@pytest.mark.slow
@given(
    st.sampled_from([["pool4"], ["conv1_1", "pool2"], ["conv3_2", "pool1"], ["conv5_1"], ["bank"]]),
    st.integers(1, 6),
    st.integers(1, 6),
    st.integers(1, 120),
    st.integers(0, 99),
)
@settings(max_examples=40)
def test_no_plan_changes_value_or_gradient(layers, rows, columns, side, seed):
    network = NETWORKS["bank" if layers == ["bank"] else "vgg"]
    stride, halo = network.stride(layers), network.halo(layers)
    generator = torch.Generator().manual_seed(seed)
    size = 16 * rows, 16 * columns
    image = torch.rand(1, 3, *size, generator=generator, dtype=torch.float64).requires_grad_()
    other = torch.rand(1, 3, 32, 32, generator=generator, dtype=torch.float64)
    targets = {n: [wanted(measure_features(f))] for n, f in network.features(other, layers).items()}

    def value_and_gradient(distance):
        return distance.detach(), torch.autograd.grad(distance, image)[0]

    maps = network.features(image, layers)
    whole = sum(feature_distance(maps[name], targets[name][0]) for name in layers)
    plan = plan_tiles(*size, stride, halo, side)
    tiled = tiled_distance(image, network, targets, plan)
    assert_equal(value_and_gradient(3 * tiled), value_and_gradient(3 * whole))


@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from([1, 2, 16]), st.integers(1, 300))
def test_tiles_cover_the_canvas_once_at_multiples_of_the_stride(rows, columns, stride, side):
    height, width = rows * stride, columns * stride
    plan = plan_tiles(height, width, stride, 3 * stride, side)
    covered = np.zeros((height, width), int)
    for tile in plan.tiles:
        assert not any(n % stride for n in tile)
        assert 0 < max(tile.height, tile.width) <= max(side, stride)
        covered[tile.top : tile.top + tile.height, tile.left : tile.left + tile.width] += 1
    assert (covered == 1).all()
    assert sum(map(plan.share, plan.tiles)) == pytest.approx(1)
    # None is a sliver: within an axis they differ by a stride at most.
    for sides in ({tile.height for tile in plan.tiles}, {tile.width for tile in plan.tiles}):
        assert max(sides) - min(sides) <= stride


@pytest.mark.parametrize("layers", [["pool3"], ["conv1_1", "conv3_2"], ["pool4"], ["bank"]])
def test_the_halo_is_as_wide_as_needed_and_no_wider(layers):
    network = NETWORKS["bank" if layers == ["bank"] else "vgg"]
    stride, halo = network.stride(layers), network.halo(layers)
    image = torch.rand(1, 3, 96, 96, generator=torch.Generator().manual_seed(0)).double()
    maps = network.features(image.requires_grad_(), layers)
    targets = {n: [wanted(measure_features(f[..., :2, :2].detach()))] for n, f in maps.items()}

    def gradient(halo):
        plan = plan_tiles(96, 96, stride, halo, 48)
        return torch.autograd.grad(tiled_distance(image, network, targets, plan), image)[0]

    exact, wider = gradient(halo), gradient(halo + stride)
    size = float(exact.abs().max())
    assert_close(wider, exact, rtol=0, atol=1e-12 * size)
    assert (gradient(halo - stride) - exact).abs().max() > 1e-6 * size


def test_without_a_gradient_wanted_there_is_one_pass(monkeypatch):
    seen = []
    plan = plan_tiles(32, 64, 1, 5, 32)
    network = NETWORKS["bank"]
    run = RandomBank.tile_features
    monkeypatch.setattr(
        RandomBank, "tile_features", lambda *words: seen.append(words) or run(*words)
    )
    image = torch.rand(1, 3, 32, 64, dtype=torch.float64)
    targets = {"bank": [wanted(measure_features(network.features(image, ["bank"])["bank"]))]}
    value = tiled_distance(image, network, targets, plan)
    assert not value.requires_grad
    assert float(value) < 1e-20
    assert len(seen) == 2
    tiled_distance(image.requires_grad_(), network, targets, plan)
    assert len(seen) == 2 + 4


class Starved(Vgg):
    """A network on a device that holds images up to so many texels."""

    most = 0
    error = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9 GiB")

    def _run(self, image, layers, border):
        self.largest = max(getattr(self, "largest", 0), image[0, 0].numel())
        if border != "reflect" and image[0, 0].numel() > self.most:
            raise self.error
        return super()._run(image, layers, border)


def starved(most, error=Starved.error):
    plenty = NETWORKS["vgg"]
    network = Starved(plenty.filters, plenty.name, plenty.dtype)
    network.most, network.error = most, error
    return network


class TestMemoryRunsOut:
    SIZE = (256, 320)

    @pytest.mark.slow
    @pytest.mark.parametrize(
        "error", [Starved.error, MemoryError(), RuntimeError("can't allocate memory: you tried")]
    )
    def test_smaller_tiles_come_to_the_same_result(self, error):
        plenty = objective(NETWORKS["vgg"], 3, self.SIZE, "default")
        # 80 texels and a halo of 48 on both sides fit, 160 and theirs do not.
        scarce = objective(starved(180**2, error), 3, self.SIZE, "default")
        assert scarce.tiling.plan(*self.SIZE).whole
        assert_equal(scarce(start(plenty)), plenty(start(plenty)))
        assert scarce.tiling.limits.side == 80

    @pytest.mark.slow
    def test_what_was_learnt_is_kept(self):
        network = starved(180**2)
        scarce = objective(network, 3, self.SIZE, "default")
        scarce(start(scarce))
        network.largest = 0
        scarce(start(scarce))
        assert network.largest <= network.most

    def test_below_the_smallest_tile_it_is_an_error(self):
        network = starved(100**2)
        scarce = objective(network, 3, self.SIZE, "default")
        with pytest.raises(torch.OutOfMemoryError, match="9 GiB"):
            scarce(start(scarce))
        assert scarce.tiling.limits.side == 64
        assert not scarce.tiling.halve(64, 64)

    def test_other_errors_are_not_taken_for_it(self):
        error = RuntimeError("mat1 and mat2 shapes cannot be multiplied")
        wrong = objective(starved(0, error), 3, (64, 64), "default")
        with pytest.raises(RuntimeError, match="mat1"):
            wrong(start(wrong))
        assert wrong.tiling.plan(64, 64).whole

    @pytest.mark.slow
    def test_a_run_goes_on(self, bank, monkeypatch):
        # In float32 a long run drifts apart by rounding; a short one does not.
        monkeypatch.setattr("texcore.synthesis.levels.FULL_EFFORT_SIDE", 1)
        run, calls = RandomBank._run, []

        def failing(self, image, layers, border):
            calls.append((border, tuple(image.shape[-2:])))
            if border == "circular" and min(image.shape[-2:]) > 64:
                raise torch.OutOfMemoryError("HIP out of memory")
            return run(self, image, layers, border)

        def made():
            recipe = Recipe(quality="draft", size=(96, 80))
            exemplar = Exemplar.of(torch.from_numpy(bricks(96, 96)))
            synthesis = Synthesis(exemplar, recipe, bank, Context(CPU))
            losses = [step.loss for step in synthesis.steps() if step.evaluations]
            return losses, synthesis.result().numpy()

        losses, pixels = made()
        assert not any(border == "zero" for border, _ in calls)
        monkeypatch.setattr(RandomBank, "_run", failing)
        scarce_losses, scarce_pixels = made()
        assert any(border == "zero" for border, _ in calls)
        assert len(scarce_losses) == len(losses)
        assert scarce_losses == pytest.approx(losses, rel=1e-3)
        assert abs(scarce_pixels - pixels).max() < 0.01


class TestPlanning:
    def limits(self, free, side=None, dtype=torch.float32, **words):
        network = Vgg(NETWORKS["vgg"].filters, "thin", dtype)
        layers = make_preset("default", network).layer_names
        machine = Machine(free=free, tile_side=side)
        return limit_tiles(network.describe(), layers, machine, **words)

    def test_little_memory_makes_small_tiles_and_much_no_larger_ones(self):
        sides = [self.limits(10**n).side for n in (6, 8, 9, 11, 12)]
        assert sides == sorted(sides)
        assert sides[0] == 64
        assert 64 < sides[1] < sides[2] < sides[3] == sides[4]

    def test_more_views_and_octaves_make_smaller_tiles(self):
        one, more, most = (
            self.limits(10**9, **words).side
            for words in ({}, {"octaves": 2}, {"octaves": 2, "views": 2})
        )
        assert one > more > most

    @pytest.mark.parametrize("free", [10**n for n in range(6, 12)])
    def test_from_some_size_on_every_canvas_is_tiled(self, free):
        tiles = self.limits(free)
        wholes = [tiles.plan(n, n).whole for n in (16, 64, 128, 256, 512, 1024, 2048, 4096)]
        assert wholes == sorted(wholes, reverse=True)
        assert wholes[0]
        assert not wholes[-1]

    def test_less_precise_numbers_make_larger_tiles(self):
        assert self.limits(10**9, dtype=torch.bfloat16).side > self.limits(10**9).side

    def test_the_side_that_was_asked_for_is_kept(self):
        tiles = self.limits(10**12, side=64)
        assert tiles.plan(64, 64).whole
        assert {(t.height, t.width) for t in tiles.plan(128, 192).tiles} == {(64, 64)}

    def test_halving_makes_tiles_of_half_the_side_down_to_the_smallest(self):
        tiles = self.limits(10**12)
        sides = []
        while tiles := tiles.halve(1024, 512):
            sides.append(max(max(t.height, t.width) for t in tiles.plan(1024, 512).tiles))
        assert sides == [512, 256, 128, 64]


def test_free_memory_is_what_the_system_says():
    assert 2**20 < Context(CPU).describe_machine().free < 2**50


def test_where_the_system_says_nothing_some_is_taken_to_be_free(monkeypatch):
    monkeypatch.setattr(Path, "read_text", Mock(side_effect=FileNotFoundError))
    assert Context(CPU).describe_machine().free is None
    network = NETWORKS["vgg"].describe()
    sides = [limit_tiles(network, ["pool4"], Machine(free=n)).side for n in (None, 2**32, 2**28)]
    assert sides[0] == sides[1] > sides[2]


def test_it_can_be_stopped_between_tiles(bank):
    visits = []

    def stop():
        visits.append(None)
        if len(visits) == 3:
            raise Cancelled

    exemplar = Exemplar.of(torch.from_numpy(bricks(64, 64)))
    recipe = Recipe(quality="draft", size=(64, 64))
    synthesis = Synthesis(exemplar, recipe, bank, Context(CPU, check=stop, tile_side=32))
    with pytest.raises(Cancelled):
        next(synthesis.steps())
    assert len(visits) == 3


def test_guides_are_cut_with_the_tiles():
    """Regions, each with statistics of its own, one of them seen by some layers only."""
    network = NETWORKS["vgg"]
    picture = torch.from_numpy(blobs(96, 80)).double()
    left = (torch.arange(128) < 50).double().expand(1, 96, 128).contiguous()
    exemplar = Exemplar.of(picture)
    views = tuple(view.double() for view in exemplar.views)
    regions = (
        Region((Source(picture), Source(1 - picture, 0.5)), left),
        Region((Source(picture**2),), 1 - left),
    )
    exemplar = Exemplar(picture, views, regions=regions)
    model = make_preset("regions", network)
    canvas = PixelCanvas([Source(picture)], 96, 128)
    whole, tiled = (
        Objective(network, model, exemplar, canvas, tiling(network, "regions", tile_side=side))
        for side in (1000, 48)
    )
    assert not tiled.tiling.plan(96, 128).whole
    z = torch.from_numpy(blobs(96, 128, seed=3)).double()
    assert_equal(tiled(z), whole(z))
