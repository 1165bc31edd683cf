"""Giving a texture its exemplar's grain."""

import pytest
import torch
from torch.testing import assert_close

from tests.making import blobs
from texcore.surfaces import torus
from texcore.surfaces.grain import match_grain


def measure(image):
    blurred = image
    for axis in (1, 2):
        blurred = (blurred.roll(1, axis) + 2 * blurred + blurred.roll(-1, axis)) / 4
    return (image - blurred)[:, 1:-1, 1:-1].abs().mean((1, 2))


def draw(size, seed=0):
    noise = torch.rand(3, *size, generator=torch.Generator().manual_seed(seed))
    return torch.from_numpy(blobs(*size, seed=seed)) * 0.6 + 0.2 * noise


@pytest.mark.parametrize("softened", [0.85, 0.9, 1.0, 1.1])
def test_it_is_as_strong_as_the_exemplars(softened):
    exemplar = draw((64, 80))
    texture = torus.resample(torus.resample(draw((96, 64), 1), 90, 60), 96, 64)
    middle = texture.mean((1, 2), keepdim=True)
    texture = middle + softened * (texture - middle)
    assert_close(measure(match_grain(texture, exemplar)), measure(exemplar), rtol=0.03, atol=0)


def test_of_what_differs_by_more_it_is_brought_nearer_and_not_made():
    exemplar = draw((64, 64))
    smooth = torus.resample(exemplar, 16, 16)
    smooth = torus.resample(smooth, 64, 64)
    before, after = measure(smooth), measure(match_grain(smooth, exemplar))
    assert (after / before < 1.6).all()
    assert (after > before).all()


def test_a_texture_without_any_stays_as_it_is():
    flat = torch.full((2, 16, 16), 0.25)
    assert torch.equal(match_grain(flat, torch.rand(2, 8, 8)), flat)


def test_it_keeps_to_the_range_of_both():
    exemplar = (draw((64, 64)) > 0.5).float()
    made = match_grain(0.1 + 0.8 * exemplar, exemplar)
    assert made.min() >= 0
    assert made.max() <= 1
