"""Whole materials by the real engine: what it is asked, and what its maps are worth in Blender."""

from __future__ import annotations

import json

import bpy
import helpers
import numpy as np
from material import graph, kinds, loaded, synthesize, wired


def check_every_map_gets_a_new_packed_image_in_its_own_node():
    material = wired(
        base_color=loaded("base_color"),
        normal=loaded("normal", bits=16),
        gloss=loaded("gloss", size=24),
        height=loaded("height", bits=32),
        opacity=loaded("opacity"),
    )
    before = graph(material)
    old = {n.name: n.image for n in material.node_tree.nodes if n.type == "TEX_IMAGE"}
    values = {name: helpers.pixels(image) for name, image in old.items()}
    synthesize(material=material.name, width=64, height=48, seed=3, keep_density=False)
    assert graph(material) == before
    new = {n.name: n.image for n in material.node_tree.nodes if n.type == "TEX_IMAGE"}
    for name, image in new.items():
        assert image != old[name] and image.packed_file is not None, name
        assert image.colorspace_settings.name == old[name].colorspace_settings.name, name
        assert image.alpha_mode == old[name].alpha_mode, name
        assert image.name == f"{name} Texcore", image.name
        assert image["texcore_source"] == old[name] and old[name].use_fake_user
        assert np.array_equal(helpers.pixels(old[name]), values[name])
        recipe = json.loads(image["texcore_recipe"])
        assert recipe["maps"] == "base_color,normal,gloss,height,opacity" and recipe["seed"] == 3
        assert helpers.pixels(image)[..., :3].std() > 0.01, name
    assert tuple(new["base_color"].size) == (64, 48) and tuple(new["gloss"].size) == (32, 24)
    assert new["base_color"].colorspace_settings.name == "sRGB"
    n = helpers.pixels(new["normal"])[..., :3] * 2 - 1
    assert abs(np.linalg.norm(n, axis=2) - 1).mean() < 1e-3 and n[..., 2].min() > 0
    gloss, was = helpers.pixels(new["gloss"]), values["gloss"]
    assert gloss.min() >= was.min() - 0.003 and gloss[..., :3].max() <= was[..., :3].max() + 0.003
    # Sixteen bits stay sixteen, numbers stay numbers, and what is a mask stays one.
    assert new["normal"].packed_file.data[24] == 16 and new["gloss"].packed_file.data[24] == 8
    assert new["height"].file_format == "OPEN_EXR" and new["height"].is_float
    height, was = helpers.pixels(new["height"])[..., 0], values["height"][..., 0]
    assert abs(height.mean() - was.mean()) < 0.1 and height.min() >= was.min() - 1e-3
    assert set(np.unique(helpers.pixels(new["opacity"])[..., 0])) == {0.0, 1.0}


def check_packed_channels_bump_and_displacement_stay_in_step():
    """Height and roughness follow the colour, wherever they are packed."""
    orm = loaded("orm", bits=16)
    material = wired(base_color=loaded("base_color"), bump=loaded("height"), orm=orm)
    assert kinds(material).keys() == {"base_color", "bump", "orm"}
    before = graph(material)
    synthesize(material=material.name, width=48, height=48)
    assert graph(material) == before
    nodes = material.node_tree.nodes
    colour, bump, packed = (
        helpers.pixels(nodes[name].image) for name in ("base_color", "bump", "orm")
    )
    assert nodes["bump"].image.packed_file.data[24] == nodes["orm"].image.packed_file.data[24] == 16
    joint = colour[..., 1].ravel()
    assert np.corrcoef(joint, bump[..., 0].ravel())[0, 1] < -0.5
    assert np.corrcoef(joint, packed[..., 1].ravel())[0, 1] > 0.5
    assert packed[..., 2].max() == 0  # the metal that there is not


def check_derived_maps_follow_the_new_colour():
    material = wired(base_color=loaded("base_color"))
    wanted = {"height", "normal", "roughness", "ao"}
    synthesize(material=material.name, derive=wanted, width=48, height=48)
    found = kinds(material)
    assert found.keys() == {"base_color", *wanted}
    values = {kind: helpers.pixels(bpy.data.images[name]) for kind, name in found.items()}
    joint = values["base_color"][..., :3].mean(2).ravel()  # light, and so taken for raised
    assert np.corrcoef(joint, values["height"][..., 0].ravel())[0, 1] > 0.5
    n = values["normal"][..., :3] * 2 - 1
    assert abs(np.linalg.norm(n, axis=2) - 1).mean() < 1e-3 and n[..., 2].min() > 0
    assert bpy.data.images[found["normal"]].packed_file.data[24] == 16
    recipe = json.loads(bpy.data.images[found["roughness"]]["texcore_recipe"])
    assert recipe["maps"] == "base_color"
