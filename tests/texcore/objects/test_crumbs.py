import numpy as np

from tests.texcore.objects.making import join, make_grid, make_plane, make_tube
from texcore.objects.atlas import rasterise
from texcore.objects.crumbs import Beside


def lay_out(mesh, height, width):
    return rasterise(mesh, height, width, "object").look_up()


def find_spot(atlas, place, radius):
    return np.linalg.norm(atlas.positions - place, axis=1) < radius


def test_small_parts_are_found_the_smallest_first():
    atlas = lay_out(make_plane(2, 1), 48, 96)
    pieces = (atlas.positions[:, 0] > 48).astype(np.int64)
    larger, smaller = find_spot(atlas, [20, 20, 0], 4.1), find_spot(atlas, [80, 30, 0], 2.1)
    pieces[larger], pieces[smaller] = 1, 2
    found = Beside(atlas).find_crumbs(pieces, 100)
    # A part of a piece that is large elsewhere is a crumb as well.
    assert [set(crumb) for crumb in found] == [
        set(np.flatnonzero(spot)) for spot in (smaller, larger)
    ]
    assert len(Beside(atlas).find_crumbs(pieces, larger.sum())) == 1


def test_a_part_goes_on_over_the_cuts_of_the_unwrapping():
    atlas = lay_out(make_tube(1, 2, cuts=4), 120, 240)
    radius = np.linalg.norm(atlas.positions[:, [0, 2]], axis=1).mean()
    spot = find_spot(atlas, [0, 60, radius], 6)
    assert np.ptp(atlas.texels[spot] % 240) > 200
    found = Beside(atlas).find_crumbs(spot.astype(np.int64), 500)
    assert len(found) == 1 and set(found[0]) == set(np.flatnonzero(spot))


def test_what_lies_side_by_side_in_the_texture_alone_does_not_hang_together():
    sheets = [
        make_grid(lambda u, v, z=z: (u, v, 0 * u + z), box=(left, 0, left + 0.5, 1))
        for z, left in ((0, 0), (9, 0.5))
    ]
    atlas = lay_out(join(*sheets), 40, 40)
    spot = np.abs(atlas.texels % 40 - 19.5) < 3
    assert len(Beside(atlas).find_crumbs(spot.astype(np.int64), 200)) == 2


def test_a_leaf_has_two_sides():
    front = make_grid(lambda u, v: (u, v, 0 * u), box=(0, 0, 0.48, 1))
    back = make_grid(lambda u, v: (1 - u, v, 0 * u - 1e-3), box=(0.52, 0, 1, 1))
    atlas = lay_out(join(front, back), 60, 100)
    middle = atlas.positions.mean(0)
    spot = np.linalg.norm(atlas.positions - middle, axis=1) < 4
    found = Beside(atlas).find_crumbs(spot.astype(np.int64), 200)
    assert len(found) == 2 and abs(len(found[0]) - len(found[1])) < 9


def test_beside_texels_lie_those_around_them():
    atlas = lay_out(make_plane(1, 1), 20, 20)
    one = int(np.flatnonzero(atlas.texels == 20 * 10 + 10)[0])
    around = Beside(atlas).find_around(np.array([one]))
    assert atlas.texels[around].tolist() == [190, 209, 211, 230]


def test_at_a_joint_texels_are_shared_out_and_nowhere_else():
    atlas = lay_out(make_plane(2, 1), 20, 40)
    pieces = (atlas.positions[:, 0] > 20).astype(np.int64)
    shares = Beside(atlas).share_out(pieces, 3).toarray()
    assert np.allclose(shares.sum(1), 1, atol=1e-5)
    second = shares[:, 1].reshape(20, 40)
    assert (second[:, :17] == 0).all() and (second[:, 23:] == 1).all()
    assert (np.diff(second[:, 16:24], axis=1) > 0).all() and np.allclose(
        second[:, 19] + second[:, 20], 1, atol=1e-5
    )
    # Its variance is that of three steps of a mean of five.
    bell = np.diff(second[10, 10:30])
    away = np.arange(len(bell)) - (bell * np.arange(len(bell))).sum()
    assert abs((bell * away**2).sum() - 1.2) < 0.01


def test_texels_are_shared_out_with_what_is_beside_them_on_the_surface_alone():
    sheets = [
        make_grid(lambda u, v, z=z: (u, v, 0 * u + z), box=(left, 0, left + 0.5, 1))
        for z, left in ((0, 0), (9, 0.5))
    ]
    atlas = lay_out(join(*sheets), 20, 40)
    pieces = (atlas.texels % 40 >= 20).astype(np.int64)
    shares = Beside(atlas).share_out(pieces, 3).toarray()
    assert (shares[np.arange(len(pieces)), pieces] == 1).all()
