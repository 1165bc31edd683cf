import numpy as np
import pytest

from texcore.contract.errors import BadInput
from texcore.pictures import Picture
from texcore.pictures.masks import MOST_REGIONS, read_map, read_mask

RED, BLUE, GREY = (0.9, 0.1, 0.1), (0.1, 0.1, 0.8), (0.5, 0.5, 0.5)


def painted(labels, colours):
    """A picture of these colours by number."""
    return np.array(colours, np.float32)[labels].transpose(2, 0, 1)


def thirds(side=48):
    return np.arange(side)[None].repeat(side, 0) * 3 // side


def mask(pixels, like=None):
    return read_mask(Picture(np.ascontiguousarray(pixels, np.float32), "uint8"), "m.png", like)


def test_every_colour_is_a_region():
    labels = thirds()
    got = mask(painted(labels, [RED, BLUE, GREY]))
    assert got.labels == ("#1a1acc", "#e51a1a", "#808080")
    for shares, region in zip(got.shares, (1, 0, 2), strict=True):
        assert np.array_equal(shares, labels == region)


@pytest.mark.parametrize("channels", [1, 2, 4])
def test_grey_and_alpha_are_read_too(channels):
    pixels = painted(thirds(), [(0,) * 3, (1,) * 3, (0,) * 3])[:1]
    if channels == 4:
        pixels = pixels.repeat(3, 0)
    if channels in (2, 4):
        pixels = np.concatenate([pixels, np.random.default_rng(0).random((1, 48, 48))])
    assert mask(pixels).labels == ("#000000", "#ffffff")


def test_a_soft_edge_belongs_to_both_sides():
    ramp = np.clip((np.arange(60) - 20) / 20, 0, 1)[None].repeat(40, 0)
    pixels = np.array(RED)[:, None, None] * (1 - ramp) + np.array(BLUE)[:, None, None] * ramp
    got = mask(pixels)
    assert len(got.colours) == 2
    np.testing.assert_allclose(got.shares[0], ramp, atol=0.01)
    np.testing.assert_allclose(got.shares.sum(0), 1, atol=1e-6)


def test_noise_of_a_lossy_file_makes_no_regions():
    noise = np.random.default_rng(0).normal(0, 0.004, (3, 48, 48))
    got = mask(painted(thirds(), [RED, BLUE, RED]) + noise)
    assert len(got.colours) == 2
    assert ((got.shares[1] > 0.5) == (thirds() != 1)).all()


def test_a_mask_of_the_same_regions_may_lack_one():
    like = mask(painted(thirds(), [RED, BLUE, GREY]))
    got = mask(painted(thirds() // 2, [BLUE, GREY]), like)
    assert got.labels == like.labels
    assert got.shares[1].max() == 0
    assert np.array_equal(got.shares[2], thirds() == 2)


def test_what_is_no_mask_is_refused_in_one_sentence():
    like = mask(painted(thirds(), [RED, BLUE, RED]))
    with pytest.raises(BadInput, match=r"“m\.png” has a region #808080, which the exemplar's mask"):
        mask(painted(thirds(), [RED, GREY, BLUE]), like)
    with pytest.raises(BadInput, match=r"“m\.png” has no area of one colour"):
        mask(np.random.default_rng(0).random((3, 48, 48)))
    many = np.arange(48)[None].repeat(48, 0)
    with pytest.raises(BadInput, match=f"a mask has at most {MOST_REGIONS} regions"):
        colours = [(i % 4 / 4, i // 4 % 4 / 4, i // 16 / 4) for i in range(48)]
        mask(painted(many, colours).repeat(4, 2))


def test_a_map_is_brightness():
    ramp = np.linspace(0, 1, 50, dtype=np.float32)[None].repeat(20, 0)
    got = read_map(Picture(np.stack([ramp, ramp, ramp, 0 * ramp]), "uint8"))
    np.testing.assert_allclose(got, ramp[None], atol=1e-6)
