import numpy as np
import pytest
import torch

from tests.making import blobs
from texcore.exemplars.exemplar import picture_views
from texcore.maps.colour_codec import ColourCodec
from texcore.pictures import Picture


@pytest.mark.parametrize(("channels", "count"), [(1, 1), (2, 2), (3, 1), (4, 2)])
def test_every_channel_is_seen_by_the_network(channels, count):
    shown = picture_views(channels)
    assert [view.shape for view in shown] == [(3, channels)] * count
    assert (torch.cat(shown).abs().sum(0) > 0).all()


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("linear", [False, True])
def test_a_picture_comes_back_from_the_tensor_it_became(channels, flat, linear):
    pixels = blobs(40, 32, channels=channels) * (5 if linear else 1)
    if channels in (2, 4):
        pixels[-1] = 0.25 if flat else pixels[-1] / pixels[-1].max()
    picture = Picture(pixels, "half", linear)
    codec = ColourCodec(picture, "auto")
    image = codec.image
    assert len(image) == channels - (flat and channels in (2, 4))
    assert len(codec.roles) == len(image)
    back = codec.decode(image)
    assert (back.depth, back.linear) == ("half", linear)
    np.testing.assert_allclose(back.pixels, pixels, rtol=1e-4, atol=1e-6)
    shown = codec.preview(image)
    assert (shown.depth, shown.linear) == ("uint8", False)
    assert len(shown.pixels) == channels
    assert 0 <= shown.pixels.min() <= shown.pixels.max() <= 1


def test_light_is_worked_on_as_displayed():
    light = 40 * blobs(48, 48) ** 2.2
    image = ColourCodec(Picture(light, "half", linear=True), "auto").image
    assert 0.9 < image.quantile(0.999) <= 1.0001
    assert image.median() > 1.5 * np.median(light) / light.max()
    as_data = ColourCodec(Picture(light, "half", linear=True), "data").image
    assert np.array_equal(as_data, light)


def test_overshoot_is_cut_to_the_exemplars_range():
    pixels = 0.3 + 0.2 * blobs(40, 40)
    codec = ColourCodec(Picture(pixels, "uint8"), "auto")
    wild = torch.linspace(-1, 2, 3 * 20 * 30).view(3, 20, 30)
    back = codec.decode(wild).pixels
    for made, given in zip(back, pixels, strict=True):
        assert given.min() <= made.min() <= made.max() <= given.max()


class TestAlpha:
    """As much of a texture is opaque as of its exemplar, and the edges are as sharp."""

    def codec(self):
        pixels = blobs(64, 64, channels=4)
        pixels[-1] = pixels[-1] > 0.3
        return ColourCodec(Picture(pixels, "uint8"), "auto")

    def soft(self, codec):
        """What a synthesis may make of it."""
        image = codec.image.repeat(1, 2, 3)
        grain = torch.randn(image.shape[1:], generator=torch.Generator().manual_seed(0))
        image[-1] = 0.2 + 0.6 * image[-1] + 0.05 * grain
        return image

    def test_a_cut_outs_edges_stay_sharp(self):
        codec = self.codec()
        wanted = codec.image[-1].repeat(2, 3).numpy()
        alpha = codec.decode(self.soft(codec)).pixels[-1]
        assert (alpha == wanted).mean() > 0.995

    def test_where_other_pictures_say_what_is_opaque_it_stays_as_it_is(self):
        codec = self.codec()
        image = self.soft(codec).clamp(0, 1)
        alpha = codec.decode(image, alike=False).pixels[-1]
        np.testing.assert_array_equal(alpha, image[-1].numpy())

    @pytest.mark.parametrize("power", [0.3, 1, 4])
    def test_a_smooth_ones_values_come_back_in_their_order(self, power):
        pixels = blobs(64, 64, channels=4)
        pixels[-1] = np.random.default_rng(0).random((64, 64))
        codec = ColourCodec(Picture(pixels, "float"), "auto")
        image = codec.image.clone()
        image[-1] = image[-1] ** power
        alpha = codec.decode(image).pixels[-1]
        np.testing.assert_allclose(alpha, pixels[-1], atol=0.01)
