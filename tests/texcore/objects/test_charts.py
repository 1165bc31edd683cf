import numpy as np
import pytest

from tests.texcore.objects.making import join, make_ball, make_box, make_grid, make_plane, make_tube
from texcore.objects.atlas import rasterise
from texcore.objects.charts import Charts
from texcore.objects.mesh import Mesh
from texcore.objects.points import spread_points

UP = np.array([0.0, 1.0, 0.0])


def lay(mesh, height, width):
    atlas = rasterise(mesh, height, width, "object").look_up()
    points = spread_points(atlas, UP)
    return atlas, points, Charts(atlas, points)


def nearest_point(points, place):
    return int(np.linalg.norm(points.positions - place, axis=1).argmin())


def test_a_plane_is_laid_flat_as_it_is():
    atlas, points, charts = lay(make_plane(2, 1), 48, 96)
    middle = nearest_point(points, [48, 24, 0])
    chart = charts.lay_flat(middle, 20)
    there = atlas.positions[chart.texels] - points.positions[middle]
    assert np.abs(chart.places - there[:, :2] * [1, -1]).max() < 1e-6
    assert np.abs(chart.turns).max() < 1e-6
    reach = np.linalg.norm(there, axis=1)
    # All that is within the radius, and what the points at its rim see.
    whole = np.linalg.norm(atlas.positions - points.positions[middle], axis=1) <= 20
    assert np.isin(np.flatnonzero(whole), chart.texels).all() and reach.max() < 26


def test_directions_point_right_and_down_as_seen_from_outside():
    for mesh in (make_plane(), make_tube(), make_ball()):
        _, points, _ = lay(mesh, 64, 96)
        assert np.allclose(np.cross(points.right, -points.down), points.normals, atol=1e-6)
    _, points, _ = lay(make_tube(), 64, 96)
    assert (points.down @ UP < -0.99).all()


def test_directions_may_be_those_of_the_unwrapping():
    plane = make_plane(1, 1)
    u, v = plane.corners[..., 0], plane.corners[..., 1]
    turned = Mesh(plane.positions, plane.triangles, np.stack([v, 1 - u], -1))
    atlas = rasterise(turned, 48, 48, "object").look_up()
    points = spread_points(atlas, -atlas.down)
    assert np.allclose(points.right, [0, 1, 0], atol=1e-6)
    assert np.allclose(points.down, [1, 0, 0], atol=1e-6)


def test_a_chart_goes_on_over_the_cuts_of_the_unwrapping():
    atlas, points, charts = lay(make_tube(1, 2, cuts=4), 120, 240)
    middle = nearest_point(points, points.positions.mean(0) + np.array([0, 0, 1000]))
    chart = charts.lay_flat(middle, 40)
    assert len(set((atlas.texels[chart.texels] % 240) // 60)) >= 2
    # Round the tube, lengths along it are what they are along the bent surface.
    place = atlas.positions[chart.texels]
    radius = np.linalg.norm(place[:, [0, 2]], axis=1).mean()
    angle = np.arctan2(place[:, 0], place[:, 2])
    origin = points.positions[middle]
    about = (angle - np.arctan2(origin[0], origin[2]) + np.pi) % (2 * np.pi) - np.pi
    assert np.abs(chart.places[:, 0] - about * radius).max() < 1.5
    assert np.abs(chart.places[:, 1] + place[:, 1] - origin[1]).max() < 1.5


def test_lengths_from_the_middle_are_those_along_a_ball():
    atlas, points, charts = lay(make_ball(), 128, 256)
    radius = np.linalg.norm(atlas.positions, axis=1).mean()
    middle = nearest_point(points, [0, 0, radius])
    chart = charts.lay_flat(middle, 0.8 * radius)
    start = points.positions[middle] / radius
    arc = radius * np.arccos(np.clip(atlas.positions[chart.texels] @ start / radius, -1, 1))
    assert np.linalg.norm(chart.places, axis=1) == pytest.approx(arc, abs=0.06 * radius)


def test_where_a_chart_meets_itself_nothing_is_a_mean_of_both_sides():
    atlas, points, charts = lay(make_tube(0.3, 2, cuts=1), 160, 150)
    radius = np.linalg.norm(atlas.positions[:, [0, 2]], axis=1).mean()
    middle = nearest_point(points, [0, 80, radius])
    chart = charts.lay_flat(middle, 4 * radius)
    angle = np.arctan2(atlas.positions[chart.texels, 0], atlas.positions[chart.texels, 2])
    error = np.abs(np.abs(chart.places[:, 0]) - np.abs(angle) * radius)
    assert np.percentile(error, 99) < 2 and error.max() < 6


def test_a_chart_says_how_much_it_stretches_and_leaves_out_what_is_more():
    atlas, points, charts = lay(make_ball(), 128, 256)
    radius = np.linalg.norm(atlas.positions, axis=1).mean()
    middle = nearest_point(points, [0, 0, radius])
    narrow, wide = (charts.lay_flat(middle, 1.5 * radius, most) for most in (0.1, 0.5))
    assert len(wide.texels) > 1.1 * len(narrow.texels)
    inner = np.isin(wide.texels, narrow.texels)
    assert (wide.select(inner).texels == narrow.texels).all()
    assert (wide.places[inner] == narrow.places).all()
    far = np.linalg.norm(wide.places, axis=1) > 6
    assert np.abs(narrow.stretches[np.linalg.norm(narrow.places, axis=1) > 6]).max() < np.log(1.1)
    assert np.log(1.2) < np.abs(wide.stretches[far]).max() < np.log(1.5)
    # What is said of a size is what is measured there.
    flat, solid = wide.places[far][::7], atlas.positions[wide.texels[far][::7]]
    apart = np.linalg.norm(solid[:, None] - solid[None], axis=2)
    near = (apart > 0) & (apart < 4)
    sizes = np.log(np.linalg.norm(flat[:, None] - flat[None], axis=2)[near] / apart[near])
    said = wide.stretches[far][::7][np.nonzero(near)[0]]
    assert np.corrcoef(sizes, said)[0, 1] > 0.5


def test_over_the_edge_of_a_box_a_chart_goes_on_as_if_it_were_unfolded():
    atlas, points, charts = lay(make_box(), 160, 240)
    half = atlas.positions[:, 2].max()
    chart = charts.lay_flat(nearest_point(points, [0, 0, half]), 1.7 * half)
    x, y, z = atlas.positions[chart.texels].T
    for side, along, beyond, sign in ((y, x, 1, -1), (-y, x, 1, 1), (x, -y, 0, 1), (-x, -y, 0, -1)):
        there = (side > 0.999 * half) & (np.abs(along) < half / 3) & (z > 0.4 * half)
        assert there.sum() > 0.3 * half**2
        places = chart.places[there]
        assert np.abs(places[:, 1 - beyond] - along[there]).max() < 3
        assert np.abs(sign * places[:, beyond] - (2 * half - z[there])).max() < 3


def test_a_chart_about_the_top_of_a_board_is_as_upright_as_one_of_its_sides():
    atlas, points, charts = lay(make_box(1, 1, 0.08), 160, 240)
    middle = nearest_point(points, [0, 1000, 0])
    chart = charts.lay_flat(middle, 40)
    facing = atlas.normals[chart.texels, 2]
    turns = np.abs(np.angle(np.exp(1j * chart.turns)))
    sides = sorted(np.median(turns[facing * sign > 0.9]) for sign in (1, -1))
    assert sides[0] < 0.15 and sides[1] > np.pi - 0.15
    # Turned back by that, upwards is where it was.
    upright = turns < 0.15
    order = np.corrcoef(chart.places[upright, 1], atlas.positions[chart.texels[upright], 1])
    assert order[0, 1] < -0.97


def test_parts_that_meet_go_on_as_one_another_only_where_they_face_alike():
    flat = make_grid(lambda u, v: (2 * u - 1, 0 * u, 1 - 2 * v), box=(0, 0, 0.3, 1))
    other = make_grid(lambda u, v: (2 * u + 1.001, 0 * u, 1 - 2 * v), box=(0.35, 0, 0.65, 1))
    post = make_grid(lambda u, v: (0.54 + 0 * u, 2 * v - 1, 1 - 2 * u), box=(0.7, 0, 1, 1))
    _, points, _ = lay(join(flat, other, post), 60, 180)
    first, second = points.shells[points.edges]
    of = [
        points.shells[nearest_point(points, 1000 * np.array(p))]
        for p in ([-1, 0, 0], [1, 0, 0], [0, 1, 0])
    ]
    linked = set(zip(first.tolist(), second.tolist(), strict=True))
    assert (of[0], of[1]) in linked
    assert not {(of[0], of[2]), (of[1], of[2])} & linked
