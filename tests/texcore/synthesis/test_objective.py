from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from tests.making import blobs, bricks, tiling, vgg
from texcore.canvas.spectral import SpectralCanvas
from texcore.exemplars.exemplar import Exemplar
from texcore.models.presets import make_preset
from texcore.surfaces import torus
from texcore.synthesis.objective import Objective


def objective(network, exemplar, size=(64, 64), model="default"):
    exemplar = torch.from_numpy(exemplar).double()
    network = network.to(torch.device("cpu"), torch.float64)
    canvas = SpectralCanvas(exemplar, *size, 0.0)
    model = make_preset(model, network)
    return Objective(network, model, Exemplar.of(exemplar), canvas, tiling(network)), canvas


@pytest.mark.parametrize("model", ["default", "gatys"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_the_gradient_is_the_values_slope(bank, model, channels):
    exemplar = blobs(40, 40, channels=channels)
    distance, canvas = objective(bank, exemplar, (32, 32), model)
    z = canvas.draw_noise(torch.Generator().manual_seed(0))
    value, gradient = distance(z)
    assert gradient.shape == z.shape
    assert_close(distance.value(z), value, rtol=0, atol=0)
    along = torch.randn(z.shape, generator=torch.Generator().manual_seed(1)).double()
    h = 1e-5
    slope = (distance(z + h * along)[0] - distance(z - h * along)[0]) / (2 * h)
    assert_close((gradient * along).sum(), slope, rtol=1e-3, atol=1e-6 * float(value))


def test_the_exemplar_itself_is_nearest(bank):
    exemplar = np.tile(blobs(8, 8), (1, 12, 12))
    for network in (bank, vgg()):
        distance, canvas = objective(network, exemplar, (96, 96))
        itself = float(distance.distance(torch.from_numpy(exemplar).double()))
        noise = float(distance.distance(canvas.render(canvas.draw_noise(torch.Generator()))))
        other = float(distance.distance(torch.from_numpy(bricks(96, 96)).double()))
        # Not nothing: of the exemplar only what no border has touched was measured.
        assert itself < 0.1 * min(noise, other)


@pytest.mark.parametrize("network", ["bank", "vgg"])
def test_where_the_canvas_begins_does_not_matter(bank, network):
    distance, canvas = objective({"bank": bank, "vgg": vgg()}[network], bricks(64, 64))
    image = canvas.render(canvas.draw_noise(torch.Generator().manual_seed(0)))
    plain = distance.distance(image)
    assert_close(distance.distance(torus.roll(image, 32, -32)), plain)


def test_of_a_coarse_view_only_the_first_layers_see_full_size(bank):
    image = torch.from_numpy(blobs(96, 96)).double()
    canvas = SpectralCanvas(image, 64, 64, 0.0)
    whole = Exemplar(image, (torch.eye(3).double(), torch.eye(3).double()))

    def layers(network, coarse):
        network = network.to(torch.device("cpu"), torch.float64)
        exemplar = replace(whole, coarse=coarse)
        objective = Objective(
            network, make_preset("default", network), exemplar, canvas, tiling(network)
        )
        assert torch.isfinite(objective.distance(image[:, :64, :64]))
        return [[set(octave) for octave in targets] for targets in objective.targets]

    everything = {"conv1_1", "pool1", "pool2", "pool3", "pool4"}
    assert layers(vgg(), 0) == [[everything, everything]] * 2
    assert layers(vgg(), 1) == [[everything, everything], [{"conv1_1", "pool1"}, everything]]
    assert layers(bank, 1)[1][0] == {"bank"}


def test_with_one_octave_a_coarse_view_is_seen_all_the_same(bank):
    image = torch.from_numpy(blobs(40, 40)).double()
    network = bank.to(torch.device("cpu"), torch.float64)
    exemplar = Exemplar(image, (torch.eye(3).double(),), coarse=1)
    canvas = SpectralCanvas(image, 32, 32, 0.0)
    model = make_preset("gatys", network)
    assert Objective(network, model, exemplar, canvas, tiling(network)).targets[0][0]
