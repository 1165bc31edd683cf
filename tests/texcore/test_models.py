import dataclasses

import pytest

from tests.making import vgg
from texcore.models import preset
from texcore.recipe import MODELS, QUALITIES


@pytest.mark.parametrize("name", [m.id for m in MODELS])
def test_every_model_of_the_recipe_works_on_every_network(bank, name):
    for network in (bank, vgg(13), vgg(16)):
        model = preset(name, network)
        assert set(model.layers) <= set(network.layers)
        assert model.octaves >= 1
        assert model.stride(network) == network.stride(model.layers) * 2 ** (model.octaves - 1)


@pytest.mark.parametrize("name", [m.id for m in MODELS])
def test_better_quality_is_more_work(bank, name):
    work = [preset(name, bank).at_quality(q.id) for q in QUALITIES]
    assert work == sorted(set(work))
    assert work[0] >= 1


def test_the_papers_models():
    snelgrove, gatys = (preset(name, vgg(16)) for name in ("multiscale", "gatys"))
    assert (snelgrove.layers, snelgrove.octaves) == (("pool1", "conv3_2"), 5)
    assert gatys.layers == ("conv1_1", "pool1", "pool2", "pool3", "pool4")
    assert (gatys.octaves, gatys.coarse_to_fine) == (1, False)
    assert dataclasses.is_dataclass(gatys)
