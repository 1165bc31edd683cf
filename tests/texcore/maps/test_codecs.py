import numpy as np
import pytest
import torch

from tests.making import relief
from texcore.contract.map_kinds import get_kind
from texcore.maps.codecs import make_codec
from texcore.maps.normal_codec import normals, raised
from texcore.maps.scalars_codec import two_values
from texcore.pictures import Picture


def made(id, pixels, depth="uint8"):
    return make_codec(get_kind(id), Picture(np.asarray(pixels, np.float32), depth))


def noise(*shape):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("id", ["base_color", "normal", "normal_dx", "roughness", "height"])
def test_a_map_comes_back_as_it_was(id):
    pixels = relief()[id.removesuffix("_dx")]
    c = made(id, pixels)
    back = c.decode(c.image)
    assert back.depth == "uint8"
    np.testing.assert_allclose(back.pixels, pixels, atol=2e-6 if id != "height" else 1e-5)


@pytest.mark.parametrize("id", ["normal", "normal_dx"])
def test_normals_have_length_one_and_point_outwards_whatever_is_made(id):
    c = made(id, relief()["normal"])
    n = c.decode(noise(3, 30, 20) * 3 - 1).pixels * 2 - 1
    assert np.abs(np.linalg.norm(n, axis=0) - 1).max() < 1e-6
    assert n[2].min() >= relief()["normal"][2].min() * 2 - 1 - 1e-6 > 0


def test_normals_that_were_not_normalised_are():
    pixels = relief()["normal"]
    short = (pixels * 2 - 1) * 0.9 * 0.5 + 0.5
    c = made("normal", short)
    np.testing.assert_allclose(c.decode(c.image).pixels, pixels, atol=1e-6)


def test_normals_in_object_space_keep_all_directions():
    vectors = torch.nn.functional.normalize(noise(3, 24, 24) - 0.5, dim=0)
    c = made("normal", vectors.numpy() * 0.5 + 0.5)
    n = c.decode(noise(3, 20, 20)).pixels * 2 - 1
    assert np.abs(np.linalg.norm(n, axis=0) - 1).max() < 1e-6 and n[2].min() < -0.3


def test_what_the_alpha_of_normals_holds_is_kept():
    maps = relief()
    c = made("normal", np.concatenate([maps["normal"], maps["height"]]))
    assert c.roles == ("nx", "ny", "nz", "alpha")
    np.testing.assert_allclose(c.decode(c.image).pixels[3], maps["height"][0], atol=1e-5)


def test_no_vector_points_up():
    assert normals(torch.full((3, 1, 1), 0.5)).flatten().tolist() == [0, 0, 1]


def test_vectors_too_flat_are_turned_up_in_their_direction():
    n = torch.tensor([[0.6, 0.8, 0.0], [0.36, 0.48, -0.8], [0.0, 0.6, 0.8]]).T.reshape(3, 1, 3)
    up = raised(n, 0.6)[:, 0].T
    torch.testing.assert_close(up[0], torch.tensor([0.48, 0.64, 0.6]))
    torch.testing.assert_close(up[1], torch.tensor([0.48, 0.64, 0.6]))
    torch.testing.assert_close(up[2], n[:, 0, 2])


def test_quantities_keep_their_range():
    pixels = 0.2 + 0.1 * noise(1, 40, 40).numpy()
    c = made("roughness", pixels)
    assert c.image.min() < 0.01 and c.image.max() > 0.99
    values = c.decode(noise(1, 30, 30) * 2 - 0.5).pixels
    assert values.min() >= pixels.min() and values.max() <= pixels.max()
    assert values.max() - values.min() > 0.09


def test_height_of_any_unit_comes_back():
    metres = -3 + 7 * noise(1, 40, 40).numpy()
    c = made("height", metres, "float")
    np.testing.assert_allclose(c.decode(c.image).pixels, metres, atol=1e-5)


def mask(share=0.3, low=0.0, high=1.0):
    return np.where(noise(1, 40, 40).numpy() < share, high, low).astype(np.float32)


@pytest.mark.parametrize(("low", "high"), [(0, 1), (10 / 255, 20 / 255), (-2, 5)])
def test_masks_stay_masks(low, high):
    pixels = mask(0.3, low, high)
    made_of = made("opacity", pixels).decode(noise(1, 50, 50)).pixels
    assert set(np.unique(made_of)) == {np.float32(low), np.float32(high)}
    assert abs((made_of > low).mean() - (pixels > low).mean()) < 0.01


def test_what_is_a_mask():
    assert two_values(mask()) == (0, 1)
    rough_rim = mask()
    rough_rim[0, 0, :15] = 0.5
    assert two_values(rough_rim) == (0, 1)
    rough_rim[0, 1:3] = np.linspace(0.2, 0.8, 40)
    assert two_values(rough_rim) is None
    assert two_values(noise(1, 40, 40).numpy()) is None
    assert two_values(relief()["roughness"]) is None


def test_flat_maps_are_not_synthesised_and_stay_flat():
    c = made("metallic", np.full((1, 20, 20), 0.25))
    assert c.roles == () and len(c.image) == 0
    made_of = c.decode(torch.empty(0, 7, 9)).pixels
    assert made_of.shape == (1, 7, 9) and (made_of == 0.25).all()


def test_grey_pictures_of_three_channels_are_one_quantity():
    grey = np.repeat(relief()["roughness"], 3, 0)
    c = made("roughness", grey)
    assert c.roles == ("roughness",)
    np.testing.assert_allclose(c.decode(c.image).pixels, grey, atol=1e-6)


def test_packed_channels_are_separate_and_flat_ones_stay():
    maps = relief()
    packed = np.concatenate([maps["height"], maps["roughness"], np.zeros((1, 48, 48))])
    c = made("orm", packed)
    assert c.roles == ("ao", "roughness")
    np.testing.assert_allclose(c.decode(c.image).pixels, packed, atol=1e-5)


def test_colours_with_alpha_say_so():
    maps = relief()
    c = made("base_color", np.concatenate([maps["base_color"], maps["height"]]))
    assert c.roles == ("r", "g", "b", "opacity")
    assert made("base_color", maps["base_color"][:1]).roles == ("grey",)
