import pytest
import torch

from tests.making import blobs
from texcore.contract.recipe import Recipe
from texcore.exemplars.exemplar import Exemplar
from texcore.features import RandomBank, Vgg
from texcore.models.presets import choose_model
from texcore.runtime.context import proceed
from texcore.solids import objective as module
from texcore.solids.objective import CubeObjective


def objective(cuts="all", network=None, n=16, check=proceed):
    network = network or RandomBank.seeded(channels=4)
    model, _ = choose_model(Recipe(), network)
    exemplar = Exemplar.of(torch.from_numpy(blobs(48, 48)).double())
    return CubeObjective(network, model.at_level(1), exemplar, cuts, n, check)


def cube(n=16, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(3, n, n, n, generator=generator, dtype=torch.float64)


def double(network):
    return network.to(torch.device("cpu"), torch.float64)


@pytest.mark.parametrize("cuts", ["all", "upright"])
def test_the_gradient_is_that_of_the_value(cuts):
    evaluate = objective(cuts, double(RandomBank.seeded(channels=4)))
    at, way = cube(), cube(seed=1) - 0.5
    _, gradient = evaluate(at)
    step = 1e-5
    values = [evaluate(at + sign * step * way)[0] for sign in (1, -1)]
    slope = float((values[0] - values[1]) / (2 * step))
    assert slope == pytest.approx(float((gradient * way).sum()), rel=1e-5)


def test_it_makes_no_difference_how_many_slices_are_shown_at_a_time(monkeypatch):
    network = double(RandomBank.seeded(channels=4))
    value, gradient = objective(network=network)(cube())
    monkeypatch.setattr(module, "_SHOWN_TEXELS", 3 * 16**2)
    again, slope = objective(network=network)(cube())
    assert float(again) == pytest.approx(float(value), rel=1e-12)
    assert torch.allclose(slope, gradient, atol=1e-12)


def test_no_place_of_the_cube_is_a_border():
    """Rolled by a whole stride of the network, a cube is as far from the photo as before."""
    evaluate = objective(network=double(Vgg.seeded()))
    at = cube()
    value, gradient = evaluate(at)
    for dim in (1, 2, 3):
        rolled, slope = evaluate(at.roll(8, dim))
        assert float(rolled) == pytest.approx(float(value), rel=1e-9)
        assert torch.allclose(slope, gradient.roll(8, dim), atol=1e-9)


def test_upright_cuts_leave_level_ones_alone():
    # Turned about the upright axis, upright slices are the same pictures in another order.
    evaluate = objective("upright", double(RandomBank.seeded(channels=4)))
    at = cube()
    value, _ = evaluate(at)
    turned, _ = evaluate(at.transpose(2, 3))
    assert float(turned) == pytest.approx(float(value), rel=1e-9)


def test_it_can_be_left_within_an_evaluation(monkeypatch):
    monkeypatch.setattr(module, "_SHOWN_TEXELS", 4 * 16**2)
    asked = []
    network = double(RandomBank.seeded(channels=4))
    objective(network=network, check=lambda: asked.append(1))(cube())
    assert len(asked) == 3 * 2 * 4
