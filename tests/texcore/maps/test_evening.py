import numpy as np
import pytest
import torch

from tests.making import blobs, relief, save_png
from texcore import pictures
from texcore.cli import main
from texcore.maps.evening import even_out
from texcore.maps.filters import blurred
from texcore.pictures import Picture
from texcore.surfaces import torus
from texcore.surfaces.torus import Torus

BOTH = Torus(True, True)
SIDE = 128


def grain(channels=3, seed=0, side=SIDE):
    """A texture of small blobs, in which nothing stands out."""
    rng = np.random.default_rng(seed)
    noise = blurred(torch.from_numpy(rng.standard_normal((channels, side, side))), 1.2)
    return (0.5 + 0.1 * noise / noise.std()).clamp(0, 1).numpy().astype(np.float32)


def with_a_stone(light=0.35):
    """The same with a light disc of 18 texels."""
    y, x = np.mgrid[:SIDE, :SIDE]
    disc = np.hypot(y - 40, x - 90) < 9
    return np.where(disc, np.clip(grain() + light, 0, 1), grain()).astype(np.float32), disc


def even(pixels, share=1.0, surface=BOTH, depth="float", **others):
    return even_out(Picture(pixels, depth, **others), share, surface).pixels


def standing_out(pixels):
    """How many usual deviations the place that differs most does, at the size of the stone."""
    shown = blurred(torch.from_numpy(pixels).mean(0).double(), 6.0)
    away = (shown - shown.median()).abs()
    return float(away.max() / (1.4826 * away.median()))


def test_one_bright_stone_stands_out_no_more():
    pixels, disc = with_a_stone()
    made = even(pixels)
    assert standing_out(pixels) > 20 and standing_out(made) < 10
    before = pixels[:, disc].mean() - pixels[:, ~disc].mean()
    assert made[:, disc].mean() - made[:, ~disc].mean() < 0.5 * before
    half = even(pixels, 0.5)
    np.testing.assert_allclose(half, (pixels + made) / 2, atol=1e-6)
    # It is the stone that changed, and no edge came.
    changed = np.abs(made - pixels).mean(0)
    assert changed[disc].mean() > 3 * changed[~disc].mean()
    detail = torch.from_numpy(made - pixels)
    assert (detail - blurred(detail, 1.0)).abs().max() < 0.02


def test_a_dark_side_is_levelled():
    x = np.linspace(0, 2 * np.pi, SIDE, endpoint=False, dtype=np.float32)
    pixels = grain() + 0.15 * np.sin(x)
    made = even(pixels)
    broad = np.abs(np.fft.rfft(made.mean((0, 1))))[1] / np.abs(np.fft.rfft(pixels.mean((0, 1))))[1]
    assert broad < 0.2
    np.testing.assert_allclose(made.mean((1, 2)), pixels.mean((1, 2)), atol=1e-4)


def test_where_nothing_stands_out_little_changes():
    pixels = grain(seed=1)
    made = even(pixels)
    assert made.std() > 0.85 * pixels.std()
    assert np.corrcoef(made.ravel(), pixels.ravel())[0, 1] > 0.97
    flat = np.full((3, 64, 64), 0.3, np.float32)
    np.testing.assert_allclose(even(flat), flat, atol=1e-6)


def test_what_recurs_does_not_stand_out():
    """The small dark tiles of a floor are as usual as the large light ones."""
    y, x = np.mgrid[:SIDE, :SIDE]
    dark = (y % 32 < 12) & (x % 32 < 12)
    pixels = (grain() * 0.2 + np.where(dark, 0.2, 0.7)).astype(np.float32)
    made = even(pixels)
    before, after = (p[:, ~dark].mean() - p[:, dark].mean() for p in (pixels, made))
    assert after > 0.8 * before


def test_nothing_is_done_unless_it_is_asked_for():
    picture = Picture(with_a_stone()[0], "uint8")
    assert even_out(picture, 0.0, BOTH) is picture


def test_it_knows_of_no_border():
    pixels, _ = with_a_stone()
    moved = even(np.roll(pixels, (37, 59), (1, 2)))
    np.testing.assert_allclose(moved, np.roll(even(pixels), (37, 59), (1, 2)), atol=1e-4)


@pytest.mark.parametrize(("tile", "wraps"), [("x", (True, False)), ("y", (False, True))])
def test_it_goes_on_over_the_border_that_wraps_and_no_other(tile, wraps):
    t = torch.linspace(-1, 1, SIDE).view(1, -1, 1).expand(3, -1, SIDE)
    ramp = 0.3 * (t if tile == "x" else t.transpose(1, 2)).numpy()
    pixels = grain(seed=2) + ramp
    made = even(pixels, surface=Torus.from_tile(tile))
    # The far side has nothing to do with the near one: the ramp is level to its ends.
    ends = made[:, :4].mean() if tile == "x" else made[..., :4].mean()
    assert abs(ends - made.mean()) < 0.1
    added = torch.from_numpy(made - pixels)
    for jump, goes_on in zip(torus.border_jump(added), wraps, strict=True):
        assert (jump < 3) == goes_on


def test_a_larger_picture_is_evened_out_alike():
    pixels, _ = with_a_stone()
    large = torus.resample(torch.from_numpy(pixels), 384, 384)
    made = torus.resample(torch.from_numpy(even(large.numpy())), SIDE, SIDE).numpy()
    np.testing.assert_allclose(made, even(pixels), atol=0.03)


def test_alpha_stays_and_light_is_light():
    pixels, _ = with_a_stone()
    alpha = np.concatenate([pixels, blobs(SIDE, SIDE, channels=1)])
    made = even(alpha, depth="uint8")
    assert np.array_equal(made[3], alpha[3])
    np.testing.assert_array_equal(made[:3], even(pixels, depth="uint8"))
    harsh = with_a_stone()[1][None].astype(np.float32)
    assert even(harsh).min() < 0 == even(harsh, depth="uint8").min()
    linear = pictures.from_display(pixels, 1.0)
    shown = pictures.to_display(even(linear, linear=True), 1.0)
    np.testing.assert_allclose(shown, even(pixels), atol=1e-3)
    assert even(pixels[:1]).shape == (1, SIDE, SIDE)


def test_of_a_material_only_the_colours_change(tmp_path):
    folder = tmp_path / "wall"
    folder.mkdir()
    maps = relief(48, 48)
    for kind, pixels in {**maps, "emission": maps["base_color"]}.items():
        save_png(folder / f"{kind}.png", pixels)
    words = ["--weights", "random", "--model", "gatys", "--iterations", "1", "-q"]
    for name, more in (("as", []), ("even", ["--even", "1"])):
        assert main(["synthesize", str(folder), "-o", str(tmp_path / name), *words, *more]) == 0
    for kind in ("base_color", "normal", "roughness", "height", "emission"):
        as_before, made = (
            pictures.read(tmp_path / name / f"{kind}.png").pixels for name in ("as", "even")
        )
        assert np.array_equal(as_before, made) == (kind != "base_color")
    assert pictures.read_recipe(tmp_path / "even" / "normal.png").even == 1


def test_it_is_refused_where_a_part_is_kept(tmp_path, capsys):
    photo = save_png(tmp_path / "photo.png", blobs())
    words = ["synthesize", str(photo), "-o", str(tmp_path / "out.png"), "--even", "1"]
    assert main([*words, "--renew", "border"]) == 1
    assert "leave the evening out" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["photo.png"]
