from dataclasses import fields

import pytest

from tests.making import vgg
from texcore.contract.choices import MODELS, QUALITIES
from texcore.contract.errors import BadInput
from texcore.contract.recipe import SETTINGS, Recipe
from texcore.models.model import TextureModel
from texcore.models.presets import choose_model, make_preset


@pytest.mark.parametrize("name", [m.id for m in MODELS])
def test_every_model_of_the_recipe_works_on_every_network(bank, name):
    for network in (bank, vgg(13), vgg(16)):
        model = make_preset(name, network)
        assert model.layer_names
        assert set(model.layer_names) <= set(network.layers)
        octaves = len(model.octaves)
        assert model.stride(network) == network.stride(model.layer_names) * 2 ** (octaves - 1)


@pytest.mark.parametrize("name", [m.id for m in MODELS])
def test_better_quality_is_more_work(bank, name):
    work = [make_preset(name, bank).at_quality(q.id) for q in QUALITIES]
    assert work == sorted(set(work))
    assert work[0] >= 1


def names(model):
    assert all(weight == 1 for _, weight in model.layers)
    return model.layer_names


def test_the_papers_models():
    snelgrove, gatys, smooth = (make_preset(n, vgg(16)) for n in ("multiscale", "gatys", "smooth"))
    assert names(snelgrove) == ("pool1", "conv3_2")
    assert snelgrove.octaves == (1.0,) * 5
    assert snelgrove.blur == "binomial"
    assert names(gatys) == ("conv1_1", "pool1", "pool2", "pool3", "pool4")
    assert gatys.octaves == (1.0,)
    for model in (snelgrove, gatys):
        assert (model.canvas, model.start, model.noise) == ("pixels", "noise", 1.0)
        assert (model.optimiser, model.memory, model.coarse_to_fine) == ("lbfgs", 20, False)
        assert (model.scaling, model.units) == ("relative", "network")
    layers = ("conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_4")
    assert smooth.layers == tuple((name, 0.1 / 5) for name in layers)
    assert (smooth.optimiser, smooth.smoothness, smooth.start) == ("adam", 1.5, "uniform")
    assert (smooth.scaling, smooth.units, smooth.noise) == ("channels", "bytes", 1.0)
    assert smooth.at_quality("standard") == 300


def test_vgg_16_has_a_stand_in_for_the_layer_it_lacks():
    model, notes = choose_model(Recipe(model="smooth"), vgg(13))
    assert model.layer_names[-1] == "conv5_3"
    assert notes == ["vgg-thin has no conv5_4: conv5_3 stood in for it."]
    assert choose_model(Recipe(model="smooth"), vgg(16))[1] == []


def test_a_recipe_changes_its_model():
    recipe = Recipe(
        model="gatys",
        layers=(("conv2_1", 2.0), ("pool3", 0.0)),
        statistic=(("covariance", 1.0),),
        octaves=(0.0, 1.0),
        components=3,
        canvas="spectral",
        init="uniform",
        init_strength=0.5,
    )
    model, _ = choose_model(recipe, vgg())
    assert model.layer_names == ("conv2_1",)
    assert model.layers[0] == ("conv2_1", 2.0)
    assert model.statistic == (("covariance", 1.0),)
    assert (model.octaves, model.components, model.canvas) == ((0.0, 1.0), 3, "spectral")
    assert (model.start, model.noise) == ("uniform", 0.5)
    assert model.stride(vgg()) == 4


def test_the_table_names_fields_of_a_model_each_once():
    named = [s.model_field for s in SETTINGS.values() if s.model_field]
    assert named and len(named) == len(set(named))
    assert set(named) <= {field.name for field in fields(TextureModel)}


def test_a_picture_as_start_keeps_its_detail():
    model, _ = choose_model(Recipe(init="picture"), vgg())
    assert (model.coarse_to_fine, model.noise) == (False, 0.0)


def test_a_layer_that_is_not_there_is_refused():
    with pytest.raises(BadInput, match="“conv9_1” is no layer of vgg-thin: it has conv1_1, "):
        choose_model(Recipe(layers=(("conv9_1", 1.0),)), vgg())
