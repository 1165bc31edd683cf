import numpy as np

from texcore.contract.engine_sets import PlannedFile, Taken
from texcore.maps.packing import pack
from texcore.pictures import Picture


def picture(*values, size=4, linear=False):
    pixels = np.stack([np.full((size, size), value, np.float32) for value in values])
    return Picture(pixels, "uint8", linear)


def test_channels_constants_and_inverted_ones():
    maps = {"normal": picture(0.5, 0.25, 1.0), "ao": picture(0.75)}
    channels = (Taken("normal", 1, inverted=True), Taken("ao", 0), 0.5)
    packed = pack(PlannedFile("a.png", channels, 16), maps)
    assert packed.depth == "uint16" and packed.pixels[:, 2, 3].tolist() == [0.75, 0.75, 0.5]


def test_a_grey_base_color_is_grey_in_three_channels_and_keeps_its_alpha():
    channels = (*(Taken("base_color", place) for place in range(3)), Taken("base_color", -1))
    packed = pack(PlannedFile("a.png", channels, 8), {"base_color": picture(0.25, 0.5)})
    assert packed.pixels[:, 0, 0].tolist() == [0.25, 0.25, 0.25, 0.5]


def test_light_is_encoded_and_data_is_not():
    channels = (Taken("base_color", 0), Taken("roughness", 0))
    light = picture(0.2140411, 0.2140411, 0.2140411, linear=True)
    maps = {"base_color": light, "roughness": picture(0.25, linear=True)}
    packed = pack(PlannedFile("a.png", channels, 8), maps)
    np.testing.assert_allclose(packed.pixels[:, 0, 0], [0.5, 0.25], atol=1e-5)


def test_a_smaller_map_is_scaled_round_the_border_without_overshoot():
    small = picture(0.0, size=4)
    small.pixels[0, 0] = 1.0
    maps = {"roughness": small, "ao": picture(0.5, size=8)}
    packed = pack(PlannedFile("a.png", (Taken("ao", 0), Taken("roughness", 0)), 8), maps)
    assert packed.pixels.shape == (2, 8, 8)
    column = packed.pixels[1, :, 0].tolist()
    assert column == [0.75, 0.75, 0.25, 0.0, 0.0, 0.0, 0.0, 0.25]
