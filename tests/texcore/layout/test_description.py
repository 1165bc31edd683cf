"""Describing texels, and telling whether lines are straight."""

import pytest
import torch

from tests.making import blobs, bricks
from texcore.layout.alignment import measure_alignment
from texcore.layout.description import describe_texels


@pytest.mark.parametrize("channels", [1, 3, 7])
@pytest.mark.parametrize("size", [(8, 8), (40, 24)])
def test_all_of_a_description_has_one_variance(channels, size):
    description = describe_texels(torch.from_numpy(blobs(*size, channels=channels)))
    assert description.shape[1:] == size
    assert description.mean((1, 2)).abs().max() < 1e-5
    assert float(description.square().sum(0).mean()) == pytest.approx(1, rel=1e-4)


def test_what_is_all_alike_is_described_by_nothing():
    assert describe_texels(torch.full((3, 16, 16), 0.7)).abs().max() < 0.01


def test_an_edge_tells_apart_what_colours_do_not():
    step = (torch.arange(32) > 15).float().expand(1, 32, 32)
    description = describe_texels(step)

    def differ(a, b):
        return float((description[:, 16, a] - description[:, 16, b]).norm())

    assert float((step[:, 16, 2] - step[:, 16, 12]).norm()) == 0
    assert differ(2, 12) > 0.2
    assert differ(2, 12) > 10 * differ(0, 1)


@pytest.mark.parametrize("turn", [0, 1])
def test_a_walls_courses_are_straight(turn):
    assert measure_alignment(torch.from_numpy(bricks(96, 96)).rot90(turn, (1, 2))) == 1


def test_discs_and_noise_are_not():
    noise = torch.rand(3, 96, 96, generator=torch.Generator().manual_seed(0))
    assert measure_alignment(noise) == 0
    y, x = torch.meshgrid(torch.arange(128.0), torch.arange(128.0), indexing="ij")
    centres = 128 * torch.rand(40, 2, generator=torch.Generator().manual_seed(0))
    away = torch.stack([torch.hypot(y - cy, x - cx) for cy, cx in centres]).amin(0)
    assert measure_alignment(torch.sigmoid(away - 6)[None]) < 0.5
    assert measure_alignment(torch.zeros(3, 40, 40)) == 0
