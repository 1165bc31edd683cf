"""Describing texels, and telling whether lines are straight."""

import pytest
import torch

from tests.making import blobs, bricks
from texcore.layout.alignment import measure_alignment
from texcore.layout.description import describe_texels
from texcore.layout.free_paths import measure_free_paths


@pytest.mark.parametrize("channels", [1, 3, 7])
@pytest.mark.parametrize("size", [(8, 8), (40, 24)])
def test_all_of_a_description_has_one_variance(channels, size):
    description = describe_texels(torch.from_numpy(blobs(*size, channels=channels)))
    assert description.shape[1:] == size
    assert description.mean((1, 2)).abs().max() < 1e-5
    assert float(description.square().sum(0).mean()) == pytest.approx(1, rel=1e-4)


def test_what_is_all_alike_is_described_by_nothing():
    assert describe_texels(torch.full((3, 16, 16), 0.7)).abs().max() < 0.01


def test_an_edge_tells_apart_what_colours_do_not():
    step = (torch.arange(32) > 15).float().expand(1, 32, 32)
    description = describe_texels(step)

    def differ(a, b):
        return float((description[:, 16, a] - description[:, 16, b]).norm())

    assert float((step[:, 16, 2] - step[:, 16, 12]).norm()) == 0
    assert differ(2, 12) > 0.2
    assert differ(2, 12) > 10 * differ(0, 1)


def test_outlines_far_off_tell_two_faces_apart():
    walls = torch.zeros(48, 96)
    walls[:, [0, 20, 22, 80]] = 1
    narrow, wide = 10, 32  # As far from the wall on the left.
    near, far = (describe_texels(walls[None], far)[:, 24] for far in (False, True))
    assert float((far[:, narrow] - far[:, wide]).norm()) > 2 * float(
        (near[:, narrow] - near[:, wide]).norm()
    )


@pytest.mark.parametrize("turn", range(4))
def test_paths_turn_with_the_exemplar(turn):
    edges = torch.rand(20, 33, generator=torch.Generator().manual_seed(0)).square()
    top, bottom, left, right = measure_free_paths(edges)
    turned = measure_free_paths(edges.rot90(turn))
    order = ((top, bottom, left, right), (right, left, top, bottom))[turn % 2]
    swapped = order if turn < 2 else (order[1], order[0], order[3], order[2])
    for got, expected in zip(turned, swapped, strict=True):
        torch.testing.assert_close(got, expected.rot90(turn))


def test_a_path_is_as_long_as_to_the_wall_and_no_edges_let_it_go_on():
    edges = torch.zeros(1, 60)
    edges[0, [10, 40]] = 50.0
    left, right = measure_free_paths(edges)[2:].expm1()[:, 0]
    middle = 25
    assert 9 < left[middle] < 15
    assert 9 < right[middle] < 15
    assert left[11] < 0.1 < left[12]
    free = measure_free_paths(torch.zeros(4, 7))
    assert float(free.std()) < 0.2
    assert bool((free > 1).all())


@pytest.mark.parametrize("turn", [0, 1])
def test_a_walls_courses_are_straight(turn):
    assert measure_alignment(torch.from_numpy(bricks(96, 96)).rot90(turn, (1, 2))) == 1


def test_a_grain_may_bend_where_nothing_repeats_and_boards_may_not():
    noise = torch.rand(1, 1, 96, 96, generator=torch.Generator().manual_seed(0))
    long = torch.nn.functional.avg_pool2d(noise, (5, 1), 1)[0]
    assert measure_alignment(long) == 1
    assert 0 < measure_alignment(long, repeats=False) < 1
    boards = (torch.arange(96) % 24 < 2).float().expand(1, 96, 96)
    assert measure_alignment(boards, repeats=False) == 1


def test_discs_and_noise_are_not():
    noise = torch.rand(3, 96, 96, generator=torch.Generator().manual_seed(0))
    assert measure_alignment(noise) == 0
    y, x = torch.meshgrid(torch.arange(128.0), torch.arange(128.0), indexing="ij")
    centres = 128 * torch.rand(40, 2, generator=torch.Generator().manual_seed(0))
    away = torch.stack([torch.hypot(y - cy, x - cx) for cy, cx in centres]).amin(0)
    assert measure_alignment(torch.sigmoid(away - 6)[None]) < 0.5
    assert measure_alignment(torch.zeros(3, 40, 40)) == 0
