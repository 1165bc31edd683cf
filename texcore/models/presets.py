"""Texture models as data: which statistics of which layers at which octaves, and how optimised.

The papers' models and ours are presets of one engine. With G and m the Gram matrix and the means
of a layer's features over positions (`texcore.statistics`), Ĝ and m̂ the exemplar's, l the layers,
s the octaves and N the channels of a layer, they minimise

| model | over | |
|---|---|---|
| ``default`` | z | Σₛ Σₗ ‖G−Ĝ‖²/‖Ĝ‖² + ‖m−m̂‖²/‖m̂‖², and the same of the colours' moments |
| ``gatys`` | z | Σₗ ‖G−Ĝ‖²/‖Ĝ‖² (Gatys et al. 2015) |
| ``multiscale`` | z | Σₛ vₛ Σₗ wₗ ‖G−Ĝ‖²/‖Ĝ‖² (Snelgrove 2017) |
| ``smooth`` | pixels | Σₗ 0.1/L · 1/(4N²) ‖G−Ĝ‖² + 1.5 Σ (2x − x_right − x_below)² |
| ``regions`` | z | Σᵣ Σₗ ‖Gᵣ−Ĝᵣ‖²/‖Ĝᵣ‖², r the regions of the masks |
| ``gap`` | z | Σₗ ‖m−m̂‖²/‖m̂‖² |

z is noise under the exemplar's spectrum (`texcore.canvas.spectral`). The papers move pixels, as
``--canvas pixels`` does: the objective is the same, but it takes longer from there, and what comes
out is hatched, with specks of colour, for the filters hardly see the finest frequencies.

Gatys et al. and Snelgrove use a VGG rescaled so that the mean activation of each filter is one,
which is what lets them weigh all layers alike. Its weights are not free. With torchvision's, the
free layer weights of their losses do it: wₗ = 4N²/‖Ĝ‖² in Gatys' equations 3 and 4 (G over M), and
N²/‖Ĝ‖² in Snelgrove's 2 and 6, makes each layer count alike. ``smooth`` takes features in the units
of the original VGG, whose pixels went from 0 to 255.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..contract.errors import BadInput
from ..contract.recipe import SETTINGS, Recipe
from ..contract.weighted import Weights
from ..features.facts import Layered
from .model import FinerLevels, TextureModel


def _even(*names: str) -> Weights:
    return tuple((name, 1.0) for name in names)


_GATYS_LAYERS = _even("conv1_1", "pool1", "pool2", "pool3", "pool4")
_SMOOTH_LAYERS = ("conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_4")

# Share of white noise, of the exemplar's deviation, that pixels begin with. In Gatys' own program
# (DeepTextures, ImageSyn.py) it deviates by 1 where white is 255. A canvas full of it keeps the
# finest frequencies of the noise, which the filters hardly see: hatching all over the texture.
_WHITE_NOISE = 0.02

# Gatys et al. 2015, section 3: conv1_1 and the first four poolings, one scale, from noise.
_GATYS = TextureModel(
    layers=_GATYS_LAYERS,
    octaves=(1.0,),
    statistic=_even("gram"),
    evaluations=1000,
    canvas="spectral",
)

# What presets were in recipes of version 1, where it was something else.
_IN_VERSION_1: dict[str, dict[str, Any]] = {
    "gatys": {"canvas": "pixels"},
    "multiscale": {"canvas": "pixels"},
    "regions": {"canvas": "pixels", "evaluations": 400},
}

_PRESETS = {
    "default": TextureModel(
        layers=_GATYS_LAYERS,
        octaves=(1.0, 1.0),
        statistic=_even("gram", "gap"),
        evaluations=200,
        colour=1.0,
        canvas="spectral",
        directional=0.9,
        coarse_to_fine=True,
        start="patchwork",
        memory=12,
    ),
    "gatys": _GATYS,
    # Snelgrove 2017, section 4: block1_pool and block3_conv2 on five octaves of a Gaussian pyramid.
    "multiscale": replace(
        _GATYS,
        layers=_even("pool1", "conv3_2"),
        octaves=(1.0,) * 5,
        blur="binomial",
    ),
    # After an article on smoothing the grain of such textures, its equations 2 to 5.
    "smooth": replace(
        _GATYS,
        layers=tuple((name, 0.1 / len(_SMOOTH_LAYERS)) for name in _SMOOTH_LAYERS),
        evaluations=300,
        scaling="channels",
        units="bytes",
        smoothness=1.5,
        scale=1.0,
        canvas="pixels",
        start="uniform",
        optimiser="adam",
    ),
    "regions": replace(_GATYS, start="picture", noise=0.0),
    # Global average pooling over all layers; on the spectral canvas, since means say little.
    "gap": TextureModel(
        layers=(),
        octaves=(1.0,),
        statistic=_even("gap"),
        evaluations=300,
        canvas="spectral",
    ),
}

# Of a layout that shows the exemplar's own detail, evaluations at the coarsest level, where things
# move to where their statistics are right and copies of one become unlike, and at each finer one,
# where joints are mended.
_SEWN_EVALUATIONS = {"draft": (6, 4), "standard": (28, 12), "high": (80, 24)}
# Finer levels look no deeper than what a joint reaches: with all layers and octaves an evaluation
# costs nearly twice as much, and twice as many of them come less near to the exemplar.
_SEWN_LAYERS = ("conv1_1", "pool1", "pool2", "pool3")
# Of the coarsest level's evaluations, how many mend joints.
_HEALING_SHARE = 0.3
# A share of noise in the detail multiplies the evaluations by 1 + this share × …
_NOISE_WORK = 4
# Novelty up to which pieces are bent, by so many texels for each unit; from there on noise
# takes the detail's place. And what whole things sway by for each, in the exemplar's side.
_BENT_NOVELTY, _BEND_TEXELS, _SWAY_SHARE = 0.5, 2.0, 0.04

# With random filters every model comes down to the same: their one layer, on more octaves.
_RANDOM_OCTAVE_COUNT = 4


def make_preset(name: str, network: Layered) -> TextureModel:
    """Make the model of a name (`texcore.contract.choices.MODELS`) for a network.

    A layer that a VGG does not have, VGG-16 has no conv5_4, is stood in for by the last before it
    of the same block. Any other network is used with all its layers.
    """
    model = _PRESETS[name]
    names = [layer for layer, _ in model.layers]
    found = [_nearest(layer, network.layers) for layer in names]
    if names and None not in found:
        weights = [weight for _, weight in model.layers]
        return replace(model, layers=tuple(zip(found, weights, strict=True)))  # type: ignore[arg-type]
    model = replace(model, layers=_even(*network.layers))
    if len(network.layers) > 1 or not names:
        return model
    return replace(
        model,
        octaves=(1.0,) * (_RANDOM_OCTAVE_COUNT if len(model.octaves) > 1 else 1),
        colour=max(model.colour, 1.0),
    )


def choose_model(
    recipe: Recipe, network: Layered, plain: bool = True, several: bool = False
) -> tuple[TextureModel, list[str]]:
    """Make the model of a recipe for a network, with all that the recipe sets otherwise.

    Args:
        recipe: Names the model.
        network: Has the layers.
        plain: Whether the exemplar is one picture, no mixture and no regions. Nothing else can be
            laid out: a layout gives way to noise.
        several: Whether the exemplar is of several maps. Of a layout of several maps the fine
            detail has to fit together, which noise does not: it is the exemplar's.

    Returns:
        The model, and what the user should know about it, a sentence each.

    Raises:
        BadInput: The recipe names a layer that the network does not have.

    Example:
        >>> from texcore.features import RandomBank
        >>> model, notes = choose_model(Recipe(quality="high"), RandomBank.seeded(channels=4))
        >>> model.start, model.detail, notes
        ('patchwork', 'sewn', [])
    """
    preset = make_preset(recipe.model, network)
    notes = _note_stand_ins(recipe, network, preset)
    _check_layers(recipe, network)
    if recipe.version == 1:
        return _choose_in_version_1(preset, recipe, plain, several), notes
    model = _apply_settings(preset, recipe, plain)
    if model.lays_out and recipe.model == Recipe().model:
        return _begin_sewn(model, recipe), notes
    if model.lays_out and several:
        model = replace(model, detail="exemplar")
    if model.start == "noise" and model.canvas == "pixels" and recipe.init_strength is None:
        # All but flat, pixels begin where nothing curves upwards: cautious first steps, which wait
        # for a curvature, would not leave from there.
        model = replace(model, noise=_WHITE_NOISE, eager=True)
    return model, notes


def _choose_in_version_1(
    preset: TextureModel, recipe: Recipe, plain: bool, several: bool
) -> TextureModel:
    """Make the model of a recipe of version 1, whose textures stay as they were."""
    model = replace(preset, **_IN_VERSION_1.get(recipe.model, {}))
    model = _apply_settings(model, recipe, plain)
    if recipe.quality == "high" or (model.lays_out and several):
        model = replace(model, detail="exemplar")
    return model


def _apply_settings(model: TextureModel, recipe: Recipe, plain: bool) -> TextureModel:
    """Set in a model what a recipe sets otherwise, and what follows from that."""
    model = replace(model, **_list_changes(recipe))
    if recipe.init == "picture" and recipe.init_strength is None:
        model = replace(model, noise=0.0)
    if model.keeps_picture:
        # A coarse beginning would lose the picture's detail.
        model = replace(model, coarse_to_fine=False)
    if model.lays_out and not plain:
        model = replace(model, start="noise")
    return model


def _check_layers(recipe: Recipe, network: Layered) -> None:
    """Check that a network has the layers that a recipe names.

    Raises:
        BadInput: It lacks one.
    """
    for name, _ in recipe.layers or ():
        if name not in network.layers:
            raise BadInput(
                f"“{name}” is no layer of {network.name}: it has {', '.join(network.layers)}."
            )


def let_bend(model: TextureModel, recipe: Recipe) -> TextureModel:
    """Let the pieces of a model's layout be bent as a recipe's novelty says.

    Example:
        >>> model = TextureModel((("texels", 1.0),), (1.0,), (("gram", 1.0),), 1)
        >>> let_bend(model, Recipe(novelty=0)).bend, let_bend(model, Recipe(novelty=0.5)).bend
        (0.0, 1.0)
    """
    bent = min(recipe.novelty, _BENT_NOVELTY)
    return replace(model, bend=_BEND_TEXELS * bent, sway=_SWAY_SHARE * bent)


def heal_only(model: TextureModel) -> TextureModel:
    """Let a model that begins with the exemplar's own detail mend joints and move nothing else.

    Example:
        >>> from texcore.features import RandomBank
        >>> model, _ = choose_model(Recipe(), RandomBank.seeded(channels=4))
        >>> model.evaluations, heal_only(model).evaluations
        (28, 8)
    """
    if model.detail != "sewn":
        return model
    evaluations = max(1, round(_HEALING_SHARE * model.evaluations))
    return replace(model, evaluations=evaluations)


def _begin_sewn(model: TextureModel, recipe: Recipe) -> TextureModel:
    """Let a model begin with the exemplar's own detail, which few evaluations mend."""
    noise = max(0.0, recipe.novelty - _BENT_NOVELTY) / (1 - _BENT_NOVELTY)
    first, finer = (round(n * (1 + _NOISE_WORK * noise)) for n in _SEWN_EVALUATIONS[recipe.quality])
    layers, octaves = model.layers, model.octaves
    if recipe.layers is None and recipe.octaves is None:
        shallow = tuple((name, weight) for name, weight in layers if name in _SEWN_LAYERS)
        layers, octaves = shallow or layers, (1.0,)
    return replace(
        let_bend(model, recipe),
        detail="sewn",
        evaluations=first,
        finer=FinerLevels(layers, octaves, finer),
        noise=noise if recipe.init_strength is None else recipe.init_strength,
        eager=True,
    )


def _list_changes(recipe: Recipe) -> dict[str, Any]:
    """List what a recipe sets otherwise than its model has it, by the model's fields."""
    return {
        setting.model_field: value
        for name, setting in SETTINGS.items()
        if setting.model_field and (value := getattr(recipe, name)) != setting.default
    }


def _note_stand_ins(recipe: Recipe, network: Layered, model: TextureModel) -> list[str]:
    """Say which layers stand in for those that the network does not have."""
    wanted, here = {name for name, _ in _PRESETS[recipe.model].layers}, set(model.layer_names)
    gone = sorted(wanted - here)
    # A network of another kind has a model of its own, and nothing stands in for anything.
    if recipe.layers is not None or not gone or not wanted & here:
        return []
    stand_in = sorted(here - wanted)
    return [f"{network.name} has no {', '.join(gone)}: {', '.join(stand_in)} stood in for it."]


def _nearest(name: str, layers: Sequence[str]) -> str | None:
    """Find the layer of that name, or the last of its block before it."""
    if name in layers:
        return name
    block, _, number = name.partition("_")
    before = [f"{block}_{i}" for i in range(1, int(number or 0))]
    return next((layer for layer in reversed(before) if layer in layers), None)
