import math

import numpy as np
import pytest
import torch

from tests.making import bricks, save_png, waves
from texcore import pictures
from texcore.cli import main
from texcore.maps import deriving
from texcore.maps.curvature import curvature
from texcore.surfaces import torus
from texcore.surfaces.torus import Torus

SIDE = 64


def ripples(periods, height=1.0, side=SIDE):
    """Whole waves across, crests at the columns 0, side / periods, …"""
    t = torch.arange(side, dtype=torch.float64) / side * 2 * math.pi * periods
    return (0.5 + 0.5 * height * torch.cos(t)).expand(1, side, side).float()


def strength(shown, periods):
    """How strongly waves of so many periods go through a map, about its middle."""
    return float(torch.fft.rfft(shown[0, 0] - 0.5)[periods].abs())


def test_crests_are_bright_troughs_dark_and_flat_is_the_middle():
    shown = curvature(ripples(4), radius=2.0)
    crest, trough, slope = shown[0, 0, [0, 8, 4]]
    assert crest > 0.75 and abs(crest + trough - 1) < 1e-5 and abs(slope - 0.5) < 1e-5
    assert torch.equal(curvature(torch.full((1, 32, 32), 0.3)), torch.full((1, 32, 32), 0.5))


def test_it_is_the_mean_curvature_of_the_relief():
    # z = b cos kx has the curvature b k² / 2 on its crest, and none along it; on a slope less.
    k = 2 * math.pi * 2 / SIDE
    b = 0.3 * math.sqrt(2) / k * math.exp(-((k * 2) ** 2) / 2)
    x = torch.arange(SIDE, dtype=torch.float64)
    slope = b * k * torch.sin(k * x)
    true = 0.5 * b * k**2 * torch.cos(k * x) / (1 + slope.square()) ** 1.5
    shown = curvature(ripples(2), radius=2.0)[0, 0].double() - 0.5
    most = 2.5 * true.square().mean().sqrt()
    torch.testing.assert_close(shown, 0.5 * true / most, atol=2e-3, rtol=0)


def test_what_is_smaller_than_the_radius_is_passed_over():
    relief = (ripples(2) + 0.2 * ripples(16)) / 1.2
    fine, broad = curvature(relief, radius=0.5), curvature(relief, radius=4.0)
    assert strength(fine, 16) > strength(fine, 2)
    assert strength(broad, 16) < 0.01 * strength(broad, 2)


def test_a_larger_picture_of_the_same_looks_alike():
    small, large = (
        curvature((ripples(4, side=side) + 0.2 * ripples(40, side=side)) / 1.2)
        for side in (256, 512)
    )
    torch.testing.assert_close(large[:, ::2, ::2], small, atol=0.02, rtol=0)


def test_a_rolled_height_gives_the_rolled_maps_exactly():
    relief = deriving.height(torch.from_numpy(waves(64, 48, seed=3, highest=20)))
    for down, across in ((1, 0), (0, 47), (17, 29)):
        moved = torus.roll(relief, down, across)
        for radius in (None, 3.0):
            rolled = torus.roll(curvature(relief, radius=radius), down, across)
            assert torch.equal(curvature(moved, radius=radius), rolled)
        # How high it is, is a sum of single precision, whose last digit knows where it began.
        occluded = torus.roll(deriving.ao(relief), down, across)
        torch.testing.assert_close(deriving.ao(moved), occluded, atol=1e-6, rtol=0)


def test_a_picture_that_does_not_tile_has_no_ridge_at_its_border():
    # A valley that ends level on the left, far above its other end.
    t = torch.linspace(0, 1, 64)
    side = (0.5 + 0.5 * torch.cos(math.pi * 1.5 * t)).view(1, 1, -1).expand(1, 64, -1)
    wrapped, alone = (
        curvature(side, surface, 1.0)[0, 20] - 0.5 for surface in (Torus(), Torus(False, False))
    )
    assert wrapped[[0, 1, -2, -1]].abs().max() > 4 * wrapped[4:-4].abs().max()
    assert 0 < alone[0] < 1.2 * alone[4]


@pytest.mark.parametrize("steepness", [0.2, 0.3])
def test_occlusion_in_a_groove_is_that_of_its_angle(steepness):
    # |x| in periods of 64; its slopes are taken to be 0.3 in the root mean square.
    x = torch.arange(64)
    groove = torch.minimum(x, 64 - x).float() / 32 * steepness
    shown = deriving.ao(groove.expand(1, 64, 64).contiguous())[0, 0]
    t = 0.3 / math.sqrt(1 - 2 / 64)  # Scharr's filter sees none on the two kinks
    bottom, half = 1 - 2 / math.pi * math.atan(t), 1 - 1 / math.pi * math.atan(t)
    assert shown[0] == pytest.approx(bottom, abs=0.012)
    assert shown[16] == pytest.approx(half, abs=0.006)
    assert shown[32] == 1


def test_the_verb(tmp_path, capsys):
    photo = save_png(tmp_path / "photo.png", bricks())
    shown = {}
    for radius in ("1", "6"):
        out = tmp_path / radius
        words = ["derive", str(photo), "-o", str(out), "--maps", "curvature", "--radius", radius]
        assert main(words) == 0
        read = pictures.read(out / "curvature.png")
        assert read.depth == "uint16" and read.pixels.shape == (1, 64, 64)
        shown[radius] = read.pixels
    assert np.abs(shown["1"] - shown["6"]).mean() > 0.05
    with pytest.raises(SystemExit):
        main(["derive", str(photo), "-o", str(tmp_path / "no"), "--radius", "0"])
    assert "is no radius" in capsys.readouterr().err and not (tmp_path / "no").exists()
