import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.making import blobs, bricks
from texcore.contract.costs import keeps_arrangement
from texcore.contract.errors import Cancelled
from texcore.layout.arrangement import (
    arrange_anew,
    arrange_at_home,
    centre_exemplar,
    choose_patchwork,
    level_light,
)
from texcore.layout.description import describe_texels
from texcore.layout.joints import Joints
from texcore.layout.lattice import Lattice
from texcore.layout.mending import Mending


@pytest.mark.parametrize(
    ("arrangement", "size", "stays"),
    [
        ("auto", (100, 100), True),
        ("auto", (80, 125), True),
        ("auto", (79, 100), False),
        ("auto", (100, 126), False),
        ("photo", (800, 50), True),
        ("new", (100, 100), False),
    ],
)
def test_a_texture_about_as_large_keeps_the_photos_arrangement(arrangement, size, stays):
    assert keeps_arrangement(arrangement, size, (100, 100)) is stays


@given(st.integers(8, 99), st.integers(8, 99), st.integers(8, 99), st.integers(8, 99))
def test_at_home_both_have_one_middle(height, width, h, w):
    top, left = centre_exemplar((height, width), (h, w))
    assert abs(top + h / 2 - height / 2) <= 0.5
    assert abs(left + w / 2 - width / 2) <= 0.5


@pytest.mark.parametrize("place", [None, (0, 0)])
def test_of_several_patchworks_the_nearest_is_taken(place):
    exemplar = torch.rand(3, 40, 40, generator=torch.Generator().manual_seed(1))
    seen = []

    def distance(made):
        seen.append((float(made.origin.double().std()), made))
        return seen[-1][0]

    made = choose_patchwork(exemplar, (40, 40), place, torch.Generator().manual_seed(0), distance)
    assert len(seen) == 8
    assert len({value for value, _ in seen}) == 8
    assert made is min(seen, key=lambda pair: pair[0])[1]


def anew(exemplar, height, width, seed=0, **more):
    generator = torch.Generator().manual_seed(seed)
    *_, made = arrange_anew(torch.from_numpy(exemplar), (height, width), generator, **more)
    return made


@settings(max_examples=8)
@given(st.integers(16, 32), st.integers(16, 32), st.integers(12, 56), st.integers(12, 56))
def test_any_exemplar_is_arranged_anew_on_any_torus(h, w, height, width):
    made = anew(blobs(h, w), height, width)
    assert made.origin.shape == (2, height, width)
    for places, n in zip(made.origin, (h, w), strict=True):
        assert places.min() >= 0
        assert places.max() < n


def test_what_is_arranged_anew_is_that_of_its_seed():
    exemplar = blobs(24, 24)
    first, again, other = (anew(exemplar, 40, 40, seed).origin for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_arranging_anew_can_be_stopped():
    def stop():
        raise Cancelled

    with pytest.raises(Cancelled):
        anew(blobs(32, 32), 64, 64, check=stop)


def test_bricks_arranged_anew_are_as_long_as_the_walls():
    """Of a wall whose bricks are all alike, each run of a course between joints is a brick."""
    wall = torch.from_numpy(bricks(72, 96))
    wall = (wall.mean(0, keepdim=True) > 0.65).float()
    made = anew(wall.numpy(), 144, 192, periods=(18.0, 16.0))
    mortar = made.render(wall, 144, 192)[0]
    lengths = []
    for row in mortar[mortar.mean(1) < 0.5]:
        at = row.nonzero()[:, 0]
        runs = torch.diff(torch.cat([at, at[:1] + len(row)]))
        lengths += runs[runs > 1].tolist()
    whole = sum(13 <= n <= 17 for n in lengths) / len(lengths)
    assert whole > 0.95


@pytest.mark.slow
def test_of_patchworks_alike_the_one_in_step_is_taken():
    wall = torch.from_numpy(bricks(48, 48))
    seen = []

    def distance(made):
        seen.append(made)
        return 1.0

    generator = torch.Generator().manual_seed(2)
    made = choose_patchwork(wall, (108, 96), None, generator, distance, periods=(18, 16))
    scatters = [Lattice(wall, (18, 16)).measure_scatter(one.origin) for one in seen]
    assert made is seen[scatters.index(min(scatters))]
    assert min(scatters) < max(scatters)


def at_home(made, place):
    """The share of a patchwork's texels that are where they are in the exemplar."""
    _, height, width = made.origin.shape
    y, x = torch.arange(height)[:, None] - place[0], torch.arange(width)[None] - place[1]
    return float(((made.origin[0] == y) & (made.origin[1] == x)).float().mean())


@pytest.mark.parametrize("bound", [True, False])
def test_what_repeats_leaves_its_place_if_its_joints_are_better_then(bound):
    wall = torch.from_numpy(bricks(58, 52))
    seen = []

    def distance(made):
        seen.append(made)
        return 1.0

    made = choose_patchwork(
        wall,
        (54, 48),
        place := centre_exemplar((54, 48), (58, 52)),
        torch.Generator().manual_seed(2),
        distance,
        periods=(18, 16),
        bound=bound,
    )
    homes = [at_home(one, place) > 0.5 for one in seen]
    assert homes == ([True] * 8 if bound else [True, False] * 4)
    if not bound:
        lattice = Lattice(wall, (18, 16))
        costs = [
            Joints(wall.numpy(), one.origin.numpy(), 8).cost
            * (1 + 3 * lattice.measure_scatter(one.origin))
            for one in seen
        ]
        assert made is seen[costs.index(min(costs))]
        assert min(costs) < max(costs)


def test_what_stays_at_home_is_mended():
    exemplar = torch.from_numpy(blobs(64, 64, seed=3))
    description = describe_texels(exemplar)
    chosen = choose_patchwork(
        exemplar,
        (64, 64),
        (0, 0),
        torch.Generator().manual_seed(0),
        lambda one: Joints(exemplar.numpy(), one.origin.numpy(), 64).cost,
    )
    _, made = arrange_at_home(exemplar, (64, 64), (0, 0), torch.Generator().manual_seed(0))
    costs = [Mending(one, description).measure() for one in (chosen, made)]
    assert costs[1] < 0.7 * costs[0]
    assert at_home(made, (0, 0)) > 0.6


def test_what_does_not_repeat_stays_in_its_place():
    exemplar = torch.from_numpy(blobs(48, 48, seed=3))
    seen = []
    generator = torch.Generator().manual_seed(0)
    choose_patchwork(
        exemplar,
        (48, 48),
        (0, 0),
        generator,
        lambda made: seen.append(at_home(made, (0, 0))) or 1.0,
        bound=False,
    )
    assert min(seen) > 0.3


def test_of_a_large_one_there_are_but_two_tries(monkeypatch):
    monkeypatch.setattr("texcore.contract.costs._TRIED_TEXELS", 2 * 80 * 60)
    exemplar = torch.rand(3, 64, 64, generator=torch.Generator().manual_seed(1))
    seen = []
    generator = torch.Generator().manual_seed(0)
    choose_patchwork(
        exemplar, (80, 60), None, generator, lambda made: seen.append(made) or len(seen)
    )
    assert [made.origin.shape[1:] for made in seen] == [(80, 60)] * 2


def light(picture, dim):
    """How much brighter the last eighth is than the first one along an axis."""
    n = picture.shape[dim]
    first, last = (picture.narrow(dim, at, n // 8).mean() for at in (0, n - n // 8))
    return float(last - first)


@pytest.mark.parametrize(("x", "y"), [(True, True), (True, False), (False, True), (False, False)])
def test_light_is_levelled_where_borders_shall_meet(x, y):
    even = torch.from_numpy(blobs(96, 64, seed=3))
    even -= even.mean((0, 1), keepdim=True) + even.mean((0, 2), keepdim=True)
    ramp = torch.linspace(-0.2, 0.2, 96)[:, None] + torch.linspace(0.15, -0.15, 64)
    lit = even + ramp
    levelled = level_light(lit, x, y)
    for dim, wanted in ((-2, y), (-1, x)):
        before, after = light(lit, dim), light(levelled, dim)
        assert abs(before) > 0.2
        assert abs(after) < 0.2 * abs(before) if wanted else abs(after) > 0.9 * abs(before)
    # What is small stays as it is: the change is nowhere steep.
    change = levelled - lit
    assert max(change.diff(dim=-1).abs().max(), change.diff(dim=-2).abs().max()) < 0.02


def test_an_evenly_lit_exemplar_stays_as_it_is():
    even = torch.from_numpy(blobs(64, 64, seed=3))
    mirrored = torch.cat([even, even.flip(-1)], -1)
    mirrored = torch.cat([mirrored, mirrored.flip(-2)], -2)
    torch.testing.assert_close(level_light(mirrored), mirrored)


def test_what_is_not_light_is_not_levelled():
    ramp = torch.linspace(0, 1, 64).expand(4, 64, 64)
    levelled = level_light(ramp, lit=torch.tensor([True, True, True, False]))
    assert torch.equal(levelled[3], ramp[3])
    assert abs(light(levelled[:3], -1)) < 0.2 * light(ramp[:3], -1)


@pytest.mark.parametrize("seed", [0, 1])
def test_bricks_are_whole_and_alike_though_the_exemplar_shows_not_one(seed):
    """Its bond tells how long they are; each is made of the ends of two."""
    y, x = torch.meshgrid(torch.arange(64), torch.arange(60), indexing="ij")
    joint = (x - 14 + 33 * (y // 16 % 2)) % 66 < 3
    wall = ((y % 16 < 3) | joint).float()[None]
    made = anew(wall.numpy(), 128, 192, seed, periods=(32.0, 64.0), own=(32.0, 66.0))
    mortar = made.render(wall, 128, 192)[0]
    lengths = []
    for row in mortar[mortar.mean(1) < 0.5]:
        at = row.nonzero()[:, 0]
        runs = torch.diff(torch.cat([at, at[:1] + len(row)]))
        lengths += runs[runs > 1].tolist()
    whole = sum(57 <= n <= 67 for n in lengths) / len(lengths)
    assert whole > 0.97
