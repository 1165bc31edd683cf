"""A run on a GPU that there is not: no tensor on the wrong device, and nothing waited for.

Nobody has lent this project a GPU. What `pretended` computes is what the CPU does, so a run on it
makes the same pixels; and an evaluation must not have the host wait for the device.
"""

from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch._subclasses.fake_tensor import DataDependentOutputException, FakeTensorMode

import texcore
from tests.making import blobs, bricks, relief, save_png, vgg
from tests.texcore.runtime.pretended import Device, Pretended, WrongDevice
from texcore.canvas.making import make_canvas
from texcore.contract.jobs import Companions
from texcore.contract.recipe import Recipe
from texcore.exemplars.directions import Directions
from texcore.exemplars.exemplar import Exemplar, Source
from texcore.features import Vgg, weights
from texcore.features.lean import LeanConvolution
from texcore.layout.bending import Wave, bend
from texcore.layout.patchwork import Patchwork
from texcore.layout.registration import register_pieces
from texcore.layout.sewn import Sewn
from texcore.models.presets import choose_model, make_preset
from texcore.optimisers.adam import Adam
from texcore.optimisers.lbfgs import Lbfgs
from texcore.runtime import devices
from texcore.runtime.context import Context
from texcore.statistics import (
    SCALINGS,
    TERMS,
    Target,
    colour_moments,
    feature_distance,
    measure_features,
    moment_distance,
)
from texcore.synthesis.objective import Objective
from texcore.synthesis.run import Synthesis
from texcore.synthesis.tiling import Tiling, limit_tiles

# Where an optimiser gives the host an evaluation's value.
_YIELDING = {"lbfgs._Reader.read", "adam.Adam.run"}


@pytest.fixture
def gpu():
    with Device() as device:
        yield device


@pytest.fixture
def directly(monkeypatch):
    """Have the processor compute as a device does: without the quicker ways that only it has."""
    monkeypatch.setattr(LeanConvolution, "suits", staticmethod(lambda weights: False))
    monkeypatch.setattr("texcore.statistics.features._suits_blocks", lambda features: False)


def draw(*shape):
    return torch.rand(shape, generator=torch.Generator().manual_seed(0))


def make_context(device, tile_side=None, dtype=torch.float32):
    return Context(device, dtype, tile_side=tile_side, free_memory=lambda device: 2**34)


_READINGS = {
    "item": lambda x: x[0].item(),
    "float": lambda x: float(x[0]),
    "branch": lambda x: 1 if x[0] > 0 else 2,
    "list": lambda x: x.tolist(),
    "copy": lambda x: x.cpu(),
    "copied into": lambda x: torch.empty(4).copy_(x),
    "nonzero": lambda x: x.nonzero(),
    "mask": lambda x: x[x > 0.5],
    "put by mask": lambda x: x.__setitem__(x > 0.5, x[:1]),
    "repeats": lambda x: x.repeat_interleave(torch.ones_like(x, dtype=torch.long)),
    "compared": lambda x: torch.equal(x, x),
    "from the host": lambda x: x + x.new_tensor([1.0, 2.0, 3.0, 4.0]),
    "moved": lambda x: torch.ones(4).to(x.device),
}


@pytest.mark.parametrize("name", _READINGS)
def test_what_the_device_is_waited_for_is_noted(gpu, name):
    x = draw(4).to(gpu.device)
    gpu.waits.clear()
    torch.add(x, x * 2, out=x).relu_()
    assert gpu.waits == {}
    _READINGS[name](x)
    assert gpu.waits.total() > 0


_MIXTURES = {
    "sum": lambda x: x + torch.ones(4),
    "product": lambda x: torch.eye(4) @ x,
    "out": lambda x: torch.add(torch.ones(4), 1, out=x),
    "into the host's": lambda x: torch.ones(4).add_(x),
    "index": lambda x: x[torch.tensor([0, 1])],
    "generator": lambda x: torch.rand(4, generator=torch.Generator(), device=x.device),
}


@pytest.mark.parametrize("name", _MIXTURES)
def test_what_is_on_two_devices_is_refused(gpu, name):
    x = draw(4).to(gpu.device)
    with pytest.raises(WrongDevice):
        _MIXTURES[name](x)
    with pytest.raises((RuntimeError, TypeError)):
        x.numpy()


def test_it_computes_as_the_processor_does(gpu):
    def compute(x):
        x = x.clone().requires_grad_()
        y = torch.fft.rfft2(x)
        (slope,) = torch.autograd.grad((y.conj() * y.roll(1, 0)).real.square().sum(), x)
        slope[1:3, ::2].mul_(2).clamp_(0, 1)
        return slope.T.contiguous()

    x = draw(8, 12)
    made = compute(x.to(gpu.device))
    assert isinstance(made, Pretended)
    assert made.device == gpu.device
    assert torch.equal(made.numbers, compute(x))


_RUNS = {
    "default": ({}, None),
    "tiled": ({}, 48),
    "one axis": ({"tile": "x", "novelty": 1.0}, None),
    "version 1": ({"version": 1, "quality": "high"}, None),
    "gatys": ({"model": "gatys"}, 48),
}


@pytest.mark.slow
@pytest.mark.usefixtures("directly")
@pytest.mark.parametrize("name", _RUNS)
def test_a_run_makes_the_processors_pixels_and_its_evaluations_wait_for_nothing(name):
    words, tile_side = _RUNS[name]
    usual = {"size": (96, 80), "quality": "draft", "tile": "xy", "iterations": 3}
    recipe = Recipe(**usual | words)

    def make(device):
        exemplar, context = Exemplar.of(torch.from_numpy(bricks(82, 98))), None
        context = make_context(device, tile_side, torch.bfloat16)
        run = Synthesis(exemplar, recipe, vgg(), context)
        losses = []
        for step in run.steps():
            # Of a level, what begins it and ends it may wait.
            if step.iteration > 1:
                waits = {where for where, _ in gpu.waits}
                assert waits <= _YIELDING
            run.preview(40)
            gpu.waits.clear()
            losses.append(step.loss)
        return losses, run.result()

    gpu = Device()
    losses, image = make(torch.device("cpu"))
    with gpu:
        on_gpu = make(gpu.device)
    assert on_gpu[0] == losses
    assert torch.equal(on_gpu[1].numbers, image)


@pytest.mark.parametrize("moved", [False, True])
def test_joints_are_blended_and_pieces_bent(gpu, moved):
    places = torch.meshgrid(torch.arange(40).roll(13), torch.arange(48).roll(9), indexing="ij")
    generator = torch.Generator().manual_seed(0)
    layout, source = Patchwork(torch.stack(places), (40, 48)), draw(6, 40, 48)
    if moved:
        layout = replace(layout, moved=register_pieces(layout, source))
    sewn = Sewn.draw(layout, [Wave(1.5, 20)], (40, 48), generator)
    made = sewn.render(source.to(gpu.device), 40, 48, (Directions(3),))
    assert torch.equal(made.numbers, sewn.render(source, 40, 48, (Directions(3),)))
    gpu.waits.clear()
    bend(made, sewn.field, (1.0, 1.0))
    # How far is what the host has drawn.
    assert set(gpu.waits) == {("bending.bend", "from the host")}


def make_objective(device, network, model, kind="spectral", side=96, tile_side=None):
    network = network.to(device, torch.bfloat16)
    exemplar = Exemplar.of(torch.from_numpy(blobs(side, side)).to(device))
    context = make_context(device, tile_side, torch.bfloat16)
    machine, octaves = context.describe_machine(), len(model.octaves)
    limits = limit_tiles(network.describe(), model.layer_names, machine, octaves=octaves)
    canvas = make_canvas(kind, [Source(exemplar.image)], side, side, 0.5)
    return Objective(network, model, exemplar, canvas, Tiling(limits, context))


@contextmanager
def waiting_for_nothing(gpu):
    gpu.waits.clear()
    yield
    assert gpu.waits == {}


@pytest.mark.parametrize("tile_side", [None, 64])
@pytest.mark.parametrize("kind", ["spectral", "pixels"])
@pytest.mark.parametrize("level", [0, 1])
def test_an_evaluation_waits_for_nothing(gpu, kind, level, tile_side):
    network = vgg()
    model = choose_model(Recipe(), network, plain=True, several=False)[0].at_level(level)
    assert model.colour
    objective = make_objective(gpu.device, network, model, kind, tile_side=tile_side)
    assert objective.repeats() == (tile_side is None)
    z = objective.canvas.draw_uniform(torch.Generator().manual_seed(0))
    with waiting_for_nothing(gpu):
        value, gradient = objective(z)
        assert objective.value(z).device == gpu.device
    assert value.device == gradient.device == gpu.device
    assert gradient.numbers.any()


@pytest.mark.parametrize("name", ["gatys", "default"])
def test_an_evaluation_of_a_blurred_octave_waits_for_nothing(gpu, name):
    network = vgg()
    model = replace(make_preset(name, network), octaves=(1.0, 1.0), blur="binomial", smoothness=1.0)
    objective = make_objective(gpu.device, network, model)
    assert len(objective.targets[0]) == 2
    z = objective.canvas.draw_noise(torch.Generator().manual_seed(0))
    with waiting_for_nothing(gpu):
        objective(z)


@pytest.mark.slow
def test_an_evaluation_of_the_whole_network_waits_for_nothing(gpu):
    network = Vgg.seeded()
    model = choose_model(Recipe(), network, plain=True, several=False)[0]
    for level in (0, 1):
        objective = make_objective(gpu.device, network, model.at_level(level), side=64)
        z = objective.canvas.draw_noise(torch.Generator().manual_seed(0))
        with waiting_for_nothing(gpu):
            objective(z)


@pytest.mark.parametrize("scaling", SCALINGS)
@pytest.mark.parametrize("term", TERMS)
def test_no_term_waits(gpu, term, scaling):
    features = draw(1, 6, 8, 8).to(gpu.device)
    wanted = measure_features(draw(1, 6, 5, 5).to(gpu.device))
    target = Target(wanted, ((term, 1.0),), scaling)
    with waiting_for_nothing(gpu):
        x = features.requires_grad_()
        (slope,) = torch.autograd.grad(feature_distance(x, target), x)
    assert slope.numbers.any()


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("eager", [False, True])
def test_an_iteration_waits_for_the_value_alone(gpu, eager, dtype):
    scales = torch.logspace(0, 2, 50).to(gpu.device)

    def bowl(x):
        return (scales * x.square()).sum() / 2, scales * x

    for optimiser in (
        Lbfgs(bowl, torch.ones_like(scales), 4, dtype, eager=eager),
        Adam(bowl, torch.ones_like(scales)),
    ):
        values = optimiser.run(12)
        losses = [next(values)]
        gpu.waits.clear()
        losses += values
        # What it yields, once for each evaluation.
        assert list(gpu.waits.values()) == [11]
        assert {where for where, _ in gpu.waits} <= _YIELDING
        assert losses[-1] < losses[0]


def _photo(folder):
    return save_png(folder / "photo.png", bricks(70, 90)), {}


def _bent_material(folder):
    """Colours and normals, which turn when their pieces are bent."""
    kinds = relief(60, 70)
    return {kind: save_png(folder / f"{kind}.png", kinds[kind]) for kind in kinds}, {
        "novelty": 1.0,
        "tile": "x",
        "quality": "sketch",
    }


def _material(folder):
    kinds = relief(60, 70)
    return {kind: save_png(folder / f"{kind}.png", kinds[kind]) for kind in kinds}, {
        "derive": ("ao", "roughness")
    }


def _alpha(folder):
    picture = np.concatenate([blobs(60, 70), blobs(60, 70, seed=1)[:1]])
    return save_png(folder / "leaf.png", picture), {}


def _mixture(folder):
    other = save_png(folder / "other.png", blobs(64, 64))
    return _photo(folder)[0], {"companions": Companions(mix=({"picture": other},))}


def _regions(folder):
    photo, _ = _photo(folder)
    mask = np.zeros((3, 70, 90), np.float32)
    mask[:, :, 45:] = 1
    return photo, {
        "model": "regions",
        "companions": Companions(mask=save_png(folder / "mask.png", mask)),
    }


def _sketch(folder):
    return _photo(folder)[0], {"quality": "sketch"}


_JOBS = {
    "photo": _photo,
    "bent material": _bent_material,
    "material": _material,
    "alpha": _alpha,
    "mixture": _mixture,
    "regions": _regions,
    "sketch": _sketch,
}


@pytest.mark.slow
@pytest.mark.usefixtures("directly")
@pytest.mark.parametrize("name", _JOBS)
def test_a_job_from_files_to_files(name, tmp_path, monkeypatch, bank):
    monkeypatch.setattr(weights.RandomBank, "seeded", classmethod(lambda cls: bank))
    exemplar, words = _JOBS[name](tmp_path)
    usual = {"size": 64, "iterations": 2, "weights": "random"}
    wanted = texcore.synthesize(exemplar, device="cpu", **usual | words)
    with Device() as gpu:
        monkeypatch.setattr(devices, "choose", lambda name: gpu.device)
        made = texcore.synthesize(exemplar, **usual | words)
    assert gpu.waits
    assert list(made.maps) == list(wanted.maps)
    for kind, texture in made.maps.items():
        assert np.array_equal(texture.pixels, wanted.maps[kind].pixels)


@pytest.mark.slow
def test_a_run_goes_on_where_it_was():
    def begin(device):
        exemplar = Exemplar.of(torch.from_numpy(blobs(96, 96)))
        recipe = Recipe(size=(96, 96), iterations=3)
        return Synthesis(exemplar, recipe, vgg(), make_context(device))

    whole = begin(torch.device("cpu"))
    for _ in whole.steps():
        pass
    with Device() as gpu:
        broken = begin(gpu.device)
        for step in broken.steps():
            if step.level == 1 and step.iteration == 2:
                state = broken.state()
                break
        tensors = {name: tensor.cpu().clone() for name, tensor in state.tensors.items()}
        restored = begin(gpu.device)
        restored.restore(replace(state, tensors=tensors))
        assert len(list(restored.steps())) == 1
    assert torch.equal(restored.result().numbers, whole.result())


def test_on_cuda_the_value_is_read_one_evaluation_late(gpu, monkeypatch):
    recorded, waited = [], []

    class Event:
        """As much of a `torch.cuda.Event` as is used."""

        def record(self):
            recorded.append(self)

        def synchronize(self):
            waited.append(recorded.index(self))

    monkeypatch.setattr(Pretended, "is_cuda", True, raising=False)
    monkeypatch.setattr(torch.cuda, "Event", Event)
    scales = torch.logspace(0, 2, 50)

    def run(scales):
        def bowl(x):
            return (scales * x.square()).sum() / 2, scales * x

        values = Lbfgs(bowl, torch.ones_like(scales)).run(6)
        losses = [next(values)]
        gpu.waits.clear()
        return losses + list(values)

    first, *others, last = run(scales)
    assert run(scales.to(gpu.device)) == [first, others[0], *others[:-1], last]
    assert gpu.waits == {}
    # The device always has one more iteration before it, but for the first and the last.
    assert waited == [0, 0, 1, 2, 4]


@pytest.mark.skipif(
    not torch.backends.cuda.is_built(),
    reason="This PyTorch is built without CUDA: with PyPI's own, tensors are fake ones of CUDA.",
)
@torch.no_grad()
def test_pytorchs_own_fake_tensors_of_cuda_agree():
    """They know no numbers, so that to read one is an error; gradients want a real device."""
    cuda = torch.device("cuda", 0)
    with FakeTensorMode():
        network = Vgg.seeded().to(cuda, torch.bfloat16)
        image = torch.rand(3, 64, 64).to(cuda)
        for features in network.features(image[None], ["conv1_1", "pool4"]).values():
            statistics = measure_features(features)
            for scaling in SCALINGS:
                target = Target(statistics, tuple((term, 1.0) for term in TERMS), scaling)
                assert feature_distance(features, target).device == cuda
        assert moment_distance(colour_moments(image), colour_moments(image)).device == cuda
        for eager in (False, True):
            optimiser = Lbfgs(lambda x: (x.square().sum(), 2 * x), image, 4, eager=eager)
            optimiser._iterate()
            assert optimiser.point.device == cuda
        with pytest.raises(DataDependentOutputException):
            float(image.sum())
