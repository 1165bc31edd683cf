import numpy as np
import pytest
import torch
from PIL import Image

from tests.making import bricks, load_png, save_png, vgg
from texcore import pictures
from texcore.cli import main
from texcore.contract.errors import BadInput
from texcore.features import RandomBank
from texcore.segmentation import segment
from texcore.segmentation.clusters import k_means


def composite(height=128, width=160):
    """Stripes down, in a disc stripes across, of the same colours; and where the disc is."""
    y, x = np.mgrid[:height, :width]
    disc = np.hypot(y - height / 2, x - width / 3) < 0.35 * height
    stripes = np.where(disc, y, x) // 3 % 2
    noise = 0.05 * np.random.default_rng(0).standard_normal((3, height, width))
    colours = np.array([0.7, 0.6, 0.4])[:, None, None]
    picture = colours - 0.25 * stripes + noise
    return picture.clip(0, 1).astype(np.float32), disc


def iou(labels, truth):
    """Intersection over union of each true region with the label that fits it best."""
    return [
        max(
            np.logical_and(labels == i, truth == j).sum()
            / np.logical_or(labels == i, truth == j).sum()
            for i in np.unique(labels)
        )
        for j in np.unique(truth)
    ]


@pytest.mark.parametrize(
    "network", [vgg(), RandomBank.seeded(0, 6)], ids=["thin-vgg", "random-bank"]
)
def test_two_textures_are_told_apart(network):
    pixels, disc = composite()
    found = segment(pictures.Picture(pixels, "uint8"), network, 2)
    assert min(iou(found.labels, disc)) > 0.85
    # The larger region comes first.
    assert (found.labels == 0).sum() > (found.labels == 1).sum()
    assert np.allclose(found.shares.sum(0), 1, atol=1e-5)


def test_the_same_seed_gives_the_same_mask():
    picture = pictures.Picture(composite()[0], "uint8")
    first, second = (segment(picture, vgg(), 3, seed=5).shares for _ in range(2))
    assert np.array_equal(first, second)


def test_what_is_larger_than_is_looked_at_keeps_its_size():
    picture = pictures.Picture(composite(96, 1100)[0], "uint8")
    assert segment(picture, RandomBank.seeded(0, 4)).shares.shape == (2, 96, 1100)


@pytest.mark.parametrize("channels", [1, 2, 4])
def test_grey_and_alpha_are_taken(channels):
    pixels = composite(64, 64)[0]
    pixels = pixels[:1] if channels < 3 else pixels
    if channels in (2, 4):
        pixels = np.concatenate([pixels, np.ones_like(pixels[:1])])
    found = segment(pictures.Picture(pixels, "uint8"), RandomBank.seeded(0, 4))
    assert found.labels.shape == (64, 64)


def test_k_means_finds_what_is_apart():
    generator = torch.Generator().manual_seed(0)
    middles = torch.tensor([[0.0, 0], [9, 0], [0, 9], [9, 9], [30, 30]])
    points = middles.repeat_interleave(40, 0)
    points = points + 0.5 * torch.randn(points.shape, generator=generator)
    centres = k_means(points, 5, generator)
    assert (torch.cdist(middles, centres).amin(1) < 0.5).all()


def test_k_means_of_equal_points_ends():
    points = torch.ones(20, 3)
    assert torch.equal(k_means(points, 4, torch.Generator().manual_seed(0)), torch.ones(4, 3))


@pytest.mark.parametrize("regions", [0, 1, 13])
def test_a_number_of_regions_out_of_bounds(regions):
    picture = pictures.Picture(bricks(32, 32), "uint8")
    with pytest.raises(BadInput, match=f"{regions} regions: use 2 to 12"):
        segment(picture, RandomBank.seeded(0, 2), regions)


@pytest.fixture
def work(tmp_path, monkeypatch):
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    save_png(tmp_path / "work" / "picture.png", composite(96, 96)[0])
    return tmp_path / "work"


def test_a_mask_is_written_with_its_overlay(work, capsys):
    words = ("segment", "picture.png", "-o", "mask.png", "--regions", "3", "--weights", "random")
    assert main(list(words)) == 0
    assert capsys.readouterr().out.startswith("mask.png: 3 regions of ")
    names = {"picture.png", "mask.png", "mask.overlay.png"}
    assert {path.name for path in work.iterdir()} == names
    with Image.open(work / "mask.png") as mask:
        assert mask.mode == "P"
        labels = np.asarray(mask)
        assert set(np.unique(labels)) == {0, 1, 2}
        shown = np.asarray(mask.convert("RGB"))
    assert {tuple(colour) for colour in shown.reshape(-1, 3)} == {
        (0, 0, 0),
        (255, 255, 255),
        (230, 25, 75),
    }
    # As every reader of this program sees it: colours, not indices.
    read = pictures.read(work / "mask.png").pixels
    assert np.array_equal(np.round(read * 255).astype(np.uint8), shown.transpose(2, 0, 1))
    overlay = load_png(work / "mask.overlay.png")
    assert overlay.shape == (96, 96, 3)
    assert (overlay == (255, 255, 0)).all(-1).any()


def test_soft_edges_are_mixed_colours(work):
    words = ("segment", "picture.png", "--weights", "random", "-o")
    assert main([*words, "soft.png", "--soft"]) == 0
    assert main([*words, "hard.png"]) == 0
    soft, hard = load_png(work / "soft.png"), np.asarray(Image.open(work / "hard.png"))
    assert soft.shape == (96, 96, 3)
    assert len(np.unique(soft)) > 10
    assert np.array_equal(soft[..., 0] > 127.5, hard == 1)


MISTAKES = {
    "suffix": (("-o", "mask.jpg"), "is no name for a mask"),
    "itself": (("-o", "picture.png"), "is the exemplar itself"),
    "folder": (("-o", "gone/mask.png"), "is not there: make it"),
    "regions": (("--regions", "1"), "1 regions: use 2 to 12"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_every_mistake_ends_in_one_sentence(work, capsys, mistake):
    words, sentence = MISTAKES[mistake]
    basic = ("segment", "picture.png", "-o", "mask.png", "--weights", "random")
    assert main([*basic, *words]) == 1
    err = capsys.readouterr().err
    assert err.startswith("texcore: ")
    assert sentence in err
    assert [path.name for path in work.iterdir()] == ["picture.png"]


@pytest.mark.slow
def test_the_model_regions_finds_its_own_mask(work, capsys):
    words = ["synthesize", "picture.png", "-o", "out.png", "--mask", "auto", "--size", "64"]
    words += ["--model", "regions", "--quality", "draft", "--weights", "random"]
    assert main(words) == 0
    assert "The mask is “out.mask.png”: change it" in capsys.readouterr().err
    assert load_png(work / "out.png").shape == (64, 64, 3)
    with Image.open(work / "out.mask.png") as mask:
        assert mask.size == (96, 96)
    # What may have been changed by hand is not written over.
    assert main(words) == 1
    assert "is there already: give it with --mask" in capsys.readouterr().err


def test_a_picture_of_one_colour_has_no_regions(tmp_path, capsys):
    path = save_png(tmp_path / "flat.png", np.full((3, 40, 40), 0.4))
    assert (
        main(["segment", str(path), "-o", str(tmp_path / "mask.png"), "--weights", "random"]) == 1
    )
    err = capsys.readouterr().err
    assert "of one colour all over" in err and err.count("\n") == 1
