"""What is measured on an exemplar, and what is kept of it for the next run."""

import pytest
import torch

from tests.making import vgg
from texcore.exemplars.exemplar import Region, Source
from texcore.models.presets import make_preset
from texcore.synthesis import measuring
from texcore.synthesis.targets import octave_targets


@pytest.fixture
def seen(monkeypatch):
    """The sizes of the blocks that a network measures; what was kept before is forgotten."""
    monkeypatch.setattr(measuring, "_cache", measuring.StatisticsCache(16))
    sizes = []
    network = vgg()
    measure = type(network).exemplar_features

    def noting(self, image, layers):
        sizes.append(tuple(image.shape[-2:]))
        return measure(self, image, layers)

    monkeypatch.setattr(type(network), "exemplar_features", noting)
    return sizes


def measured(image, network=None):
    network = network or vgg()
    region = Region((Source(image),))
    model = make_preset("default", network)
    return octave_targets(network, model, [region], None, (128, 128))


def picture(side, seed=0):
    return torch.rand(3, side, side, generator=torch.Generator().manual_seed(seed))


def same(one, other):
    return all(
        torch.equal(a, b)
        for octave, again in zip(one, other, strict=True)
        for name in octave
        for a, b in zip(octave[name][0].statistics, again[name][0].statistics, strict=True)
    )


def test_a_large_exemplar_is_measured_once(seen):
    first = measured(picture(520))
    assert seen == [(520, 520), (260, 260)]
    again = measured(picture(520))
    assert seen[2:] == [(260, 260)]  # too small to be worth it
    assert same(first, again)


def test_another_picture_or_network_is_measured_anew(seen):
    first = measured(picture(512))
    changed = picture(512)
    changed[0, 100, 100] += 1 / 255
    assert not same(first, measured(changed))
    measured(picture(512), vgg().to(torch.device("cpu"), torch.bfloat16))
    assert seen.count((512, 512)) == 3


def test_no_more_are_kept_than_so_many_and_the_latest_of_them(seen, monkeypatch):
    monkeypatch.setattr(measuring, "_cache", measuring.StatisticsCache(2))
    for seed in (0, 1, 0, 2, 0, 1):
        measured(picture(512, seed))
    assert seen.count((512, 512)) == 4
    assert len(measuring._cache) == 2
