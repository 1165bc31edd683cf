import pytest

from texcore.contract import map_names
from texcore.contract.engine_sets import ENGINE_SETS, Taken, clean_name, plan_files
from texcore.contract.errors import BadInput

EVERYTHING = ("base_color", "normal", "roughness", "metallic", "ao", "height", "emission")


def channels(id, what, *kinds, alpha=False):
    """What is in the channels of a file whose name ends so."""
    files, _ = plan_files(id, "wall", kinds, alpha)
    (file,) = [file for file in files if file.name.endswith(f"{what}.png")]
    return file.channels


@pytest.mark.parametrize("id", ENGINE_SETS)
def test_every_map_has_its_place_but_height_in_gltf(id):
    files, left = plan_files(id, "wall", EVERYTHING)
    assert left == (["height"] if id == "gltf" else [])
    assert len({file.name for file in files}) == len(files) == (4 if id == "gltf" else 5)
    assert all(file.name.endswith(".png") and file.bits in (8, 16) for file in files)
    assert all(len(file.channels) in (1, 3, 4) for file in files)


def test_channels_are_packed_as_the_engines_read_them():
    ao, rough, metal = (Taken(kind, 0) for kind in ("ao", "roughness", "metallic"))
    smooth = Taken("roughness", 0, inverted=True)
    kinds = ("ao", "roughness", "metallic")
    for id, name in (("unreal", "ORM"), ("godot", "orm"), ("gltf", "RoughnessMetallic")):
        assert channels(id, name, *kinds) == (ao, rough, metal)
    assert channels("unity", "MaskMap", *kinds) == (metal, ao, 0.0, smooth)


def test_packed_maps_gloss_and_what_is_not_there():
    assert channels("unreal", "ORM", "mra") == (Taken("mra", 2), Taken("mra", 1), Taken("mra", 0))
    assert channels("unreal", "ORM", "gloss") == (1.0, Taken("gloss", 0, inverted=True), 0.0)
    assert channels("unity", "MaskMap", "gloss") == (0.0, 1.0, 0.0, Taken("gloss", 0))
    assert channels("unity", "MaskMap", "ao") == (0.0, Taken("ao", 0), 0.0, 0.5)


def test_normals_get_the_convention_of_the_engine():
    straight = tuple(Taken("normal", place) for place in range(3))
    turned = tuple(Taken("normal", place, inverted=place == 1) for place in range(3))
    assert channels("unreal", "_N", "normal") == turned
    assert channels("unity", "_Normal", "normal") == straight
    assert channels("godot", "_normal", "normal_dx")[1] == Taken("normal_dx", 1, inverted=True)


def test_alpha_is_that_of_the_opacity_or_else_of_the_base_color():
    assert len(channels("gltf", "baseColor", "base_color")) == 3
    assert channels("gltf", "baseColor", "base_color", alpha=True)[3] == Taken("base_color", -1)
    both = channels("gltf", "baseColor", "base_color", "opacity", alpha=True)
    assert both[3] == Taken("opacity", 0)


def test_the_names_are_read_back_as_the_maps_they_are():
    files, _ = plan_files("unreal", "wall", EVERYTHING)
    kinds = [map_names.kind_of(file.name) for file in files]
    assert kinds == ["base_color", "normal_dx", "orm", "height", "emission"]


def test_what_cannot_be_is_a_sentence():
    with pytest.raises(BadInput, match="“cry” is no engine: use unreal, unity, godot, gltf"):
        plan_files("cry", "wall", EVERYTHING)
    with pytest.raises(BadInput, match="None of the maps specular has a place"):
        plan_files("gltf", "wall", ["specular"])
    assert clean_name("///") == "texture"
