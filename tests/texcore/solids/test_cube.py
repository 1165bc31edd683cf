import pytest
import torch

from texcore.contract.solids import GUTTER, SliceAtlas, count_solid_cost, plan_levels
from texcore.solids.cube import draw_atlas, read_atlas, resample_cube, view_slices


def cube(n, channels=3, seed=0):
    return torch.rand(channels, n, n, n, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("n", [16, 32, 64, 128])
def test_an_atlas_holds_all_slices_and_what_lies_beyond_their_borders(n):
    atlas, volume = SliceAtlas(n), cube(n, channels=1)
    picture = draw_atlas(volume)
    assert picture.shape == (1, atlas.height, atlas.width)
    assert atlas.rows * atlas.columns >= n and max(atlas.rows, atlas.columns) <= 16
    assert torch.equal(read_atlas(picture, n), volume)
    for number in (0, n // 3, n - 1):
        row, column = divmod(number, atlas.columns)
        top, left = row * atlas.cell, column * atlas.cell
        cell = picture[0, top : top + atlas.cell, left : left + atlas.cell]
        wrapped = volume[0, number].roll((GUTTER, GUTTER), (0, 1))
        assert torch.equal(cell[:n, :n], wrapped)
        assert torch.equal(cell[-n:, -n:], volume[0, number].roll((-GUTTER, -GUTTER), (0, 1)))


def test_slices_are_the_cube_itself_seen_from_three_sides():
    volume = cube(4)
    front, side, top = view_slices(volume, "all")
    z, y, x = 1, 2, 3
    assert torch.equal(front[y], volume[:, :, y]) and torch.equal(side[x], volume[:, :, :, x])
    assert torch.equal(top[z], volume[:, z])
    front[y].fill_(7)
    assert (volume[:, :, y] == 7).all()
    upright = view_slices(volume, "upright")
    assert [u.data_ptr() for u in upright] == [front.data_ptr(), side.data_ptr()]


def test_a_cube_is_resampled_as_it_repeats():
    turn = 2 * torch.pi * (torch.arange(8) + 0.5) / 8
    wave = torch.sin(turn)[:, None, None] + torch.cos(turn)[:, None] + torch.sin(turn + 1)
    fine = resample_cube(wave[None], 16)
    for dim in (1, 2, 3):
        jumps = (fine - fine.roll(1, dim)).abs()
        others = [d for d in range(4) if d != dim]
        inside = jumps.mean(others)
        assert inside[0] <= 1.01 * inside.max()
    assert torch.allclose(resample_cube(fine, 8), wave[None], atol=1e-5)
    moved = resample_cube(wave[None].roll(1, 2), 16)
    assert torch.allclose(moved, fine.roll(2, 2), atol=1e-5)


def test_what_it_takes_grows_with_the_cube_and_the_cuts():
    def products(voxels, quality, cuts):
        cost = count_solid_cost(plan_levels(voxels, quality), cuts, 1.0, 4)
        return cost.work.products

    assert products(64, "draft", "all") < products(64, "standard", "all")
    assert products(64, "standard", "all") < products(64, "high", "all")
    assert products(64, "draft", "upright") == pytest.approx(products(64, "draft", "all") * 2 / 3)
    assert products(128, "draft", "all") == pytest.approx(8 * products(64, "draft", "all"))
    assert [level.voxels for level in plan_levels(32, "standard")] == [16, 32]
    assert {level.evaluations for level in plan_levels(64, "high", 3)} == {3}
