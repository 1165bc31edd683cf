import numpy as np
import pytest
import torch

from tests.making import bricks, save_png, waves
from texcore import pictures
from texcore.cli import main
from texcore.contract import map_kinds
from texcore.contract.errors import BadInput
from texcore.maps import deriving
from texcore.maps.deriving import derived
from texcore.pictures import Picture
from texcore.surfaces import torus
from texcore.surfaces.torus import Torus

PLAIN = Torus(x=False, y=False)


def bumps(side=64, periods=4):
    """A relief of whole waves, 0...1."""
    t = torch.arange(side) / side * 2 * torch.pi * periods
    return (0.5 + 0.25 * (torch.sin(t)[None] + torch.cos(t)[:, None]))[None]


def test_dark_is_deep():
    h = deriving.height(torch.from_numpy(waves(64, 64)))
    grey = torch.from_numpy(waves(64, 64)).mean(0)
    assert torch.corrcoef(torch.stack([h.flatten(), grey.flatten()]))[0, 1] > 0.6
    assert h.min() >= 0 and h.max() <= 1 and h.std() > 0.1


def test_broad_light_is_no_hill():
    shade = torch.linspace(0.2, 0.8, 96).view(1, 1, -1).expand(3, 96, -1)
    grain = 0.1 * (torch.from_numpy(waves(96, 96, highest=20)) - 0.5)
    with_shade = deriving.height(shade + grain, surface=PLAIN)
    without = deriving.height(0.5 + grain, surface=PLAIN)
    assert torch.corrcoef(torch.stack([with_shade.flatten(), without.flatten()]))[0, 1] > 0.7


def test_normals_are_those_of_the_relief():
    h = bumps()
    n = deriving.normal(h) * 2 - 1
    torch.testing.assert_close(n.norm(dim=0), torch.ones(64, 64))
    slope = n[:2] / n[2]
    assert abs(float(slope.square().sum(0).mean()) ** 0.5 - 0.3) < 1e-3
    right = torch.roll(h, -1, -1) - torch.roll(h, 1, -1)
    up = torch.roll(h, 1, -2) - torch.roll(h, -1, -2)
    # Light from the right falls on what rises to the left; green is up.
    assert torch.corrcoef(torch.stack([slope[0].flatten(), -right.flatten()]))[0, 1] > 0.99
    assert torch.corrcoef(torch.stack([slope[1].flatten(), -up.flatten()]))[0, 1] > 0.99


def test_hollows_are_occluded():
    h = bumps()
    a = deriving.ao(h)
    assert 0 < a.min() < 0.9 and a.max() <= 1
    assert torch.corrcoef(torch.stack([a.flatten(), h.flatten()]))[0, 1] > 0.7
    assert torch.equal(deriving.ao(torch.full((1, 32, 32), 0.3)), torch.ones(1, 32, 32))


def test_all_commute_with_rolls_on_the_torus():
    colour = torch.from_numpy(waves(64, 48))
    moved = torus.roll(colour, 17, 29)
    for made in (
        deriving.height,
        lambda c: deriving.normal(deriving.height(c)),
        lambda c: deriving.roughness(c, deriving.height(c)),
        lambda c: deriving.ao(deriving.height(c)),
    ):
        torch.testing.assert_close(torus.roll(made(colour), 17, 29), made(moved), atol=2e-4, rtol=0)


def test_a_picture_that_does_not_tile_has_no_cliff_at_its_border():
    t = torch.linspace(0, 1, 64)
    swell = (0.5 + 0.4 * torch.sin(2 * torch.pi * 2.25 * t)).view(1, 1, -1).expand(3, 64, -1)

    def steepest(surface):
        n = deriving.normal(deriving.height(swell, surface), surface) * 2 - 1
        return n[0, :, [0, -1]].abs().max() / n[0, :, 3:-3].abs().max()

    for surface in (PLAIN, Torus(x=False)):
        assert steepest(surface) < 1 < steepest(Torus())


@pytest.mark.parametrize(("surface", "axis"), [(Torus(y=False), -1), (Torus(x=False), -2)])
def test_a_picture_that_wraps_on_one_axis_has_maps_that_do(surface, axis):
    picture = Picture(waves(64, 64, highest=20), "uint8")
    made = derived({"base_color": picture}, map_kinds.DERIVABLE, surface)
    moved = Picture(np.roll(picture.pixels, 17, axis), "uint8")
    again = derived({"base_color": moved}, map_kinds.DERIVABLE, surface)
    assert set(made) == set(map_kinds.DERIVABLE)
    for kind in made:
        rolled = np.roll(made[kind].pixels, 17, axis)
        np.testing.assert_allclose(rolled, again[kind].pixels, atol=2e-4)


def test_a_flat_picture_is_flat():
    made = derived(
        {"base_color": Picture(np.full((3, 32, 32), 0.4, np.float32), "uint8")},
        map_kinds.DERIVABLE,
        Torus(),
    )
    assert np.ptp(made["height"].pixels) == 0 and np.ptp(made["ao"].pixels) == 0
    np.testing.assert_allclose(made["normal"].pixels[:, 0, 0], [0.5, 0.5, 1])


def test_what_is_there_is_not_derived():
    colour = Picture(bricks(), "uint8")
    height = Picture(np.random.default_rng(0).random((1, 64, 64)).astype(np.float32), "float")
    made = derived({"base_color": colour, "height": height}, ("height", "normal"), Torus())
    assert set(made) == {"normal"}
    torch.testing.assert_close(
        torch.from_numpy(made["normal"].pixels),
        deriving.normal(torch.from_numpy(height.pixels)),
        atol=1e-5,
        rtol=0,
    )
    assert not derived({"normal_dx": colour}, ("normal",), Torus())


@pytest.mark.parametrize(
    ("maps", "wanted"), [({"height": 1}, "normal"), ({"base_color": 1}, "gloss")]
)
def test_what_cannot_be_derived_is_said(maps, wanted):
    with pytest.raises(BadInput):
        derived({id: Picture(bricks()[:1], "uint8") for id in maps}, (wanted,), Torus())


def test_the_verb(tmp_path, capsys):
    photo = save_png(tmp_path / "photo.png", bricks())
    out = tmp_path / "out"
    assert main(["derive", str(photo), "-o", str(out), "--maps", "height,normal"]) == 0
    assert {p.name for p in out.iterdir()} == {"height.png", "normal.png"}
    assert pictures.read(out / "height.png").depth == "uint16"
    n = pictures.read(out / "normal.png").pixels * 2 - 1
    assert abs(np.linalg.norm(n, axis=0) - 1).mean() < 1e-3
    assert main(["derive", str(photo), "-o", str(tmp_path / "b"), "--maps", "gloss"]) == 1
    assert "cannot be derived" in capsys.readouterr().err and not (tmp_path / "b").exists()
