"""The scenes of demo/exemplars are what their seeds say, and the pictures kept are theirs."""

from importlib import import_module

import numpy as np
import pytest
from PIL import Image

from demo.scenes import fields, leaves, tiles
from tools.project import ROOT

EXEMPLARS = ROOT / "demo" / "exemplars"
NAMES = ("wall", "weave", "timber", "tiles", "bark", "leaves", "cloth")
MAPS = ("base_color.png", "normal.png", "roughness.png", "height.png")


@pytest.fixture(autouse=True)
def small(monkeypatch):
    for module in (fields, leaves):
        monkeypatch.setattr(module, "CELLS", 96)


@pytest.mark.parametrize("name", NAMES)
def test_a_scene_is_decided_by_its_seed_and_within_what_maps_hold(name):
    make = import_module(f"demo.scenes.{name}").make
    first, again, other = (make(np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first.colour.shape == (96, 96, 3)
    assert first.height.shape == first.roughness.shape == (96, 96)
    for one, same, another in zip(
        (first.colour, first.roughness, first.height),
        (again.colour, again.roughness, again.height),
        (other.colour, other.roughness, other.height),
        strict=True,
    ):
        assert np.isfinite(one).all()
        assert (one == same).all()
        assert (one != another).mean() > 0.5
    for share in (first.colour, first.roughness):
        assert 0 <= share.min() < share.max() <= 1
    assert 0.01 < np.ptp(first.height) < 0.3


def test_noise_has_no_mean_and_a_deviation_of_about_one():
    x, y = fields.axes()
    noise = fields.Noise(np.random.default_rng(0))(9 * x, 9 * y)
    assert abs(noise.mean()) < 0.3
    assert 0.6 < noise.std() < 1.4


def test_a_place_is_in_one_tile_only():
    line = np.linspace(-1, 1, 400)
    large, u, v, _, _ = tiles._find_tiles(*np.meshgrid(line, line))
    share = tiles.LARGE**2 / (tiles.LARGE**2 + tiles.SMALL**2)
    assert large.mean() == pytest.approx(share, abs=0.02)
    # Places lie evenly about the middle of their own tile, in tiles of either size.
    for here, side in ((large, tiles.LARGE), (~large, tiles.SMALL)):
        for offset in (u[here], v[here]):
            assert np.abs(offset).max() <= side / 2 + 1e-9
            assert np.abs(offset).mean() == pytest.approx(side / 4, rel=0.05)


@pytest.mark.parametrize("name", NAMES)
def test_the_maps_that_are_kept_belong_together(name):
    pictures = {file: np.asarray(Image.open(EXEMPLARS / name / file), float) for file in MAPS}
    assert {picture.shape[:2] for picture in pictures.values()} == {(192, 192)}
    height, normal = pictures["height.png"], pictures["normal.png"] / 127.5 - 1
    assert np.linalg.norm(normal, axis=-1).mean() == pytest.approx(1, abs=0.02)
    down, right = np.gradient(height)
    for slope, leaning in ((-right, normal[..., 0]), (down, normal[..., 1])):
        assert np.corrcoef(slope.ravel(), leaning.ravel())[0, 1] > 0.8


def test_the_pictures_that_are_kept_are_small_files():
    sizes = {path: path.stat().st_size for path in EXEMPLARS.rglob("*.*")}
    assert len(sizes) == len(NAMES) * (len(MAPS) + 1) + 2  # the still life has a picture and a mask
    assert max(sizes.values()) <= 150_000
    assert sum(sizes.values()) < 2_000_000


def test_the_mask_of_the_still_life_is_black_and_white():
    mask = np.asarray(Image.open(EXEMPLARS / "still_life" / "mask.png").convert("L"))
    assert set(np.unique(mask)) == {0, 255}
    assert 0.1 < (mask == 255).mean() < 0.6
