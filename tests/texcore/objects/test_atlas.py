import numpy as np
import pytest

from tests.texcore.objects.making import join, make_grid, make_plane, make_tube
from texcore.contract.errors import BadInput
from texcore.objects.atlas import rasterise


def test_a_plane_is_its_own_atlas():
    atlas = rasterise(make_plane(2, 1), 32, 64, "plane").look_up()
    assert len(atlas.texels) == 32 * 64
    row, column = np.divmod(atlas.texels, 64)
    expected = np.stack([column + 0.5, 31.5 - row, 0 * row], 1)
    assert np.allclose(atlas.positions, expected, atol=1e-6)
    assert np.allclose(atlas.across, [1, 0, 0], atol=1e-6)
    assert np.allclose(atlas.down, [0, -1, 0], atol=1e-6)
    assert np.allclose(atlas.normals, [0, 0, 1], atol=1e-6)


def test_lengths_are_in_texels_whatever_the_objects_unit():
    for radius in (0.01, 1.0, 300.0):
        atlas = rasterise(make_tube(radius, 2 * radius), 96, 128, "tube").look_up()
        area = np.linalg.norm(np.cross(atlas.across, atlas.down), axis=1)
        assert area.mean() == pytest.approx(1, rel=0.03)
        assert np.linalg.norm(atlas.positions[:, [0, 2]], axis=1) == pytest.approx(
            atlas.positions[:, 1].max() / 2, rel=0.03
        )


def test_each_texel_lies_in_the_triangle_that_covers_it():
    atlas = rasterise(make_tube(cuts=3), 60, 90, "tube").look_up()
    assert len(set(atlas.texels.tolist())) == len(atlas.texels)
    # The tube is round, and its triangles are flat: none is farther in than their middles.
    radius = np.linalg.norm(atlas.positions[:, [0, 2]], axis=1)
    assert radius.min() / radius.max() > np.cos(np.pi / 48) - 1e-3


def test_islands_that_share_a_place_are_refused():
    sheets = [make_grid(lambda u, v, z=z: (u, v, 0 * u + z)) for z in (0.0, 1.0)]
    with pytest.raises(BadInput, match="share the same place"):
        rasterise(join(*sheets), 32, 32, "two sheets")


def test_islands_smaller_than_a_texel_are_refused():
    tiny = join(make_grid(lambda u, v: (u, v, 0 * u), box=(0.501, 0.501, 0.502, 0.502)))
    with pytest.raises(BadInput, match="islands are too small"):
        rasterise(tiny, 32, 32, "tiny")
