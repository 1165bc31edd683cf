import pytest
import torch
from torch.testing import assert_close

from tests.making import blobs, vgg
from texcore.statistics import measure_features
from texcore.synthesis.guides import canvas_guides, masked_statistics

LAYERS = ("conv1_1", "pool2", "pool4")


def halves(side=128):
    return (torch.arange(side) < side // 2).double().expand(1, side, side).contiguous()


def test_a_guide_weighs_the_inside_of_its_region():
    guides = canvas_guides(halves(), vgg(), LAYERS)
    assert {name: g.shape[-1] for name, g in guides.items()} == {
        "conv1_1": 128,
        "pool2": 32,
        "pool4": 8,
    }
    for name, g in guides.items():
        assert float(g.sum()) == pytest.approx(1)
        inside = (g.sum(0) > 0).nonzero().flatten()
        assert inside.max() < g.shape[-1] // 2
        # Both edges are shrunk, that across the wrap too; deeper layers reach farther.
        texels = 128 // g.shape[-1] * len(inside)
        assert texels == {"conv1_1": 64, "pool2": 56, "pool4": 32}[name]


def test_soft_transitions_stay():
    ramp = (0.5 - 0.5 * torch.cos(torch.arange(128) / 128 * 6.2832)).double().expand(1, 128, 128)
    g = canvas_guides(ramp.contiguous(), vgg(), ["pool2"])["pool2"]
    wanted = torch.nn.functional.avg_pool2d(ramp[None], 4)[0, 0]
    assert torch.stack([g.flatten(), wanted.flatten()]).corrcoef()[0, 1] > 0.99


def test_of_a_narrow_region_something_is_left():
    line = torch.zeros(1, 64, 64).double()
    line[..., 30:33] = 1
    for g in canvas_guides(line, vgg(), LAYERS).values():
        assert float(g.sum()) == pytest.approx(1)


def test_of_no_region_nothing_is_said():
    assert canvas_guides(torch.zeros(1, 64, 64), vgg(), LAYERS) == {}


def test_a_mask_of_everything_changes_nothing():
    network = vgg(dtype=torch.float64)
    image = torch.from_numpy(blobs(150, 130)).double()[None]
    masked = masked_statistics(image, torch.ones(1, 150, 130).double(), network, LAYERS, 1024, 16)
    for name, f in network.exemplar_features(image, LAYERS).items():
        assert_close(tuple(masked[name]), tuple(measure_features(f)))


def test_statistics_of_a_region_are_not_touched_by_the_others():
    network = vgg(dtype=torch.float64)
    image = torch.from_numpy(blobs(96, 128)).double()[None]
    other = image.clone()
    other[..., 80:] = 0.9
    mask = torch.zeros(1, 96, 128).double()
    mask[..., :64] = 1
    layers = ("conv1_1", "pool2")
    one, two = (masked_statistics(i, mask, network, layers, 1024, 16) for i in (image, other))
    for name in layers:
        assert_close(tuple(one[name]), tuple(two[name]))
    # And they are those of the part alone.
    alone = network.exemplar_features(image[..., :64], layers)
    for name in layers:
        gram = measure_features(alone[name]).gram
        assert (one[name].gram - gram).norm() < 0.15 * gram.norm()
