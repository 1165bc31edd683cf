import itertools
from dataclasses import fields, replace

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
        assert (model.canvas, model.start, model.noise) == ("spectral", "noise", 1.0)
        assert (model.optimiser, model.memory, model.coarse_to_fine) == ("lbfgs", 20, False)
        assert (model.scaling, model.units) == ("relative", "network")
    layers = ("conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_4")
    assert smooth.layers == tuple((name, 0.1 / 5) for name in layers)
    assert (smooth.optimiser, smooth.smoothness, smooth.start) == ("adam", 1.5, "uniform")
    assert (smooth.scaling, smooth.units, smooth.noise) == ("channels", "bytes", 1.0)
    assert smooth.at_quality("standard") == 300


def test_pixels_begin_with_faint_noise_unless_a_recipe_is_old_or_says_how_much():
    def noise(**settings):
        return choose_model(Recipe(**settings), vgg(16))[0].noise

    for name in ("gatys", "multiscale"):
        assert noise(model=name, canvas="pixels") == 0.02
        assert noise(model=name, canvas="pixels", version=1) == 1
        assert noise(model=name, canvas="pixels", init_strength=0.5) == 0.5
        assert noise(model=name) == 1
    assert noise(model="smooth") == 1
    assert noise(model="gatys", init="picture") == 0


def test_the_papers_models_move_noise_under_a_spectrum_unless_a_recipe_is_old_or_says_so():
    def canvas(**settings):
        return choose_model(Recipe(**settings), vgg(16))[0].canvas

    for name in ("gatys", "multiscale", "regions"):
        assert canvas(model=name) == canvas(model=name, init="picture") == "spectral"
        assert canvas(model=name, version=1) == "pixels"
        assert canvas(model=name, version=1, canvas="spectral") == "spectral"
        assert canvas(model=name, canvas="pixels") == "pixels"
    assert canvas(model="smooth") == "pixels"
    assert canvas(version=1) == "spectral"


def test_regions_of_old_recipes_are_evaluated_as_often_as_they_were():
    def evaluations(**settings):
        return choose_model(Recipe(**settings), vgg(16))[0].evaluations

    assert evaluations(model="regions", version=1) == 400
    assert evaluations(model="regions") == evaluations(model="gatys", version=1) == 1000


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


def chosen(network=None, several=False, **settings):
    model, _ = choose_model(Recipe(**settings), network or vgg(), True, several)
    return model


def test_recipes_of_version_1_begin_as_they_did():
    old = chosen(version=1)
    assert (old.detail, old.finer, old.eager, old.evaluations) == ("noise", None, False, 200)
    assert chosen(version=1, quality="high").detail == "exemplar"
    assert chosen(version=1, several=True).detail == "exemplar"


@pytest.mark.parametrize("several", [False, True])
def test_today_a_layout_shows_its_own_detail_and_few_evaluations_mend_it(several):
    model = chosen(several=several)
    assert (model.detail, model.eager) == ("sewn", True)
    assert model.at_level(0) is model
    finer = model.at_level(1)
    assert finer.layer_names == ("conv1_1", "pool1", "pool2", "pool3")
    assert (finer.octaves, finer.finer) == ((1.0,), None)
    assert finer.evaluations < model.evaluations < 50


def test_layers_that_a_recipe_names_are_those_of_every_level():
    model = chosen(layers=(("pool2", 1.0),), octaves=(1.0, 0.5))
    finer = model.at_level(3)
    assert (finer.layers, finer.octaves) == ((("pool2", 1.0),), (1.0, 0.5))


def test_of_random_filters_all_levels_see_the_one_layer(bank):
    assert chosen(bank).at_level(1).layer_names == bank.layers


def test_better_quality_and_more_novelty_are_more_work():
    def work(**settings):
        model = chosen(**settings)
        return model.evaluations, model.at_level(1).evaluations

    for by_rank in (
        [work(quality=quality) for quality in ("draft", "standard", "high")],
        [work(novelty=novelty) for novelty in (0.5, 0.75, 1.0)],
    ):
        assert all(
            a < b for pair in itertools.pairwise(by_rank) for a, b in zip(*pair, strict=True)
        )
    assert work(novelty=0.0) == work(novelty=0.5)


def test_novelty_bends_and_then_puts_noise_in_place_of_detail():
    assert (chosen(novelty=0.0).bend, chosen(novelty=0.0).noise) == (0, 0)
    assert chosen(novelty=0.25).bend < chosen(novelty=0.5).bend == chosen(novelty=1.0).bend
    assert [chosen(novelty=n).noise for n in (0.5, 0.75, 1.0)] == [0, 0.5, 1]


def test_the_deeper_the_layers_and_the_more_octaves_the_more_products():
    network = vgg().describe()
    model = chosen()
    assert model.at_level(1).products_per_texel(network) < model.products_per_texel(network)
    first = replace(model, layers=(("conv1_1", 1.0),), octaves=(0.0, 1.0))
    assert first.products_per_texel(network) == network.products_per_texel(["conv1_1"]) / 4
