from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.spatial import cKDTree

from tests.making import blobs
from tests.texcore.objects.making import make_ball, make_plane, make_tube
from texcore.contract.errors import Cancelled
from texcore.objects import sewing as sewing_module
from texcore.objects.atlas import rasterise
from texcore.objects.charts import Charts
from texcore.objects.crumbs import Beside
from texcore.objects.photo import Photo, sample_photo
from texcore.objects.points import spread_points
from texcore.objects.sewing import Sewing

UP = np.array([0.0, 1.0, 0.0])


def begin(mesh, height, width, *photos, seed=0, wanted=None):
    atlas = rasterise(mesh, height, width, "object").look_up()
    points = spread_points(atlas, UP)
    generator = torch.Generator().manual_seed(seed)
    charts = Charts(atlas, points)
    parts = wanted and wanted(atlas)
    return atlas, Sewing(photos, atlas, points, charts, generator, wanted=parts)


@pytest.mark.parametrize("mesh", [make_plane(2, 1), make_tube(1, 2, cuts=3), make_ball()])
def test_all_of_a_surface_is_covered_by_the_photo(mesh):
    photo = torch.from_numpy(blobs(64, 64))
    _, sewing = begin(mesh, 72, 144, photo)
    fractions = list(sewing.sew())
    sewn = sewing.sewn
    assert fractions == sorted(fractions) and fractions[-1] == 1
    assert (sewn.pieces >= 0).all()
    assert (sewn.origins >= 0).all() and (sewn.origins <= 64).all()
    shown = sewing.show()
    column, row = np.floor(sewn.origins.clip(0, 63.9)).astype(int).T
    assert (shown == photo.numpy()[:, row, column]).all()
    assert shown.mean() == pytest.approx(float(photo.mean()), abs=0.08)


def test_what_is_bare_is_black():
    _, sewing = begin(make_plane(2, 1), 48, 96, torch.ones(3, 48, 48))
    next(sewing.sew())
    bare = sewing.sewn.pieces < 0
    assert bare.any() and not bare.all()
    assert (sewing.show()[:, bare] == 0).all() and (sewing.show()[:, ~bare] == 1).all()


def test_the_seed_decides_it():
    photo = torch.from_numpy(blobs(48, 48))
    made = []
    for seed in (1, 1, 2):
        _, sewing = begin(make_plane(2, 1), 48, 96, photo, seed=seed)
        list(sewing.sew())
        made.append(sewing.show())
    assert (made[0] == made[1]).all() and (made[0] != made[2]).any()


def lay_anyhow(photo, known, there, generator):
    """Choose any piece of a photo."""
    rows, columns = (length - 32 + 1 for length in photo.size)
    return divmod(int(torch.randint(rows * columns, (1,), generator=generator)), columns)


def test_joints_cost_less_than_those_of_pieces_laid_anyhow(monkeypatch):
    photo = torch.from_numpy(blobs(64, 64))
    own = float((photo[..., 1:] - photo[..., :-1]).abs().mean())
    excess = [0.0, 0.0]
    for anyhow in (False, True):
        if anyhow:
            monkeypatch.setattr(Photo, "choose", lay_anyhow)
            monkeypatch.setattr(
                sewing_module, "_cut", lambda new, there, known, lost, fixed, may: ~known & may
            )
        for seed in range(4):
            atlas, sewing = begin(make_plane(2, 1), 64, 128, photo, seed=seed)
            list(sewing.sew())
            image, pieces = np.zeros((3, 64 * 128), np.float32), np.zeros(64 * 128, int)
            image[:, atlas.texels] = sample_photo(photo, sewing.sewn.origins)
            pieces[atlas.texels] = sewing.sewn.pieces
            joints = np.diff(pieces.reshape(64, 128)) != 0
            steps = np.abs(np.diff(image.reshape(3, 64, 128)))[:, joints].mean()
            excess[anyhow] += steps - own
    assert excess[0] < 0.7 * excess[1]


def right_half(atlas):
    """The second photo is for the right half of the texture."""
    return (atlas.texels % atlas.width >= atlas.width // 2).astype(np.int64)


@pytest.mark.parametrize("mesh", [make_plane(2, 1), make_tube(1, 2, cuts=2), make_ball()])
def test_of_two_photos_each_is_where_it_shall_be(mesh):
    dark, light = (torch.from_numpy(blobs(64, side, seed=side)) for side in (64, 80))
    photos = 0.4 * dark, 0.6 + 0.4 * light
    atlas, sewing = begin(mesh, 72, 144, *photos, wanted=right_half)
    list(sewing.sew())
    sewn = sewing.sewn
    assert (sewn.pieces >= 0).all()
    wanted = right_half(atlas)
    for number in (0, 1):
        away, _ = cKDTree(atlas.positions[wanted != number]).query(atlas.positions)
        # The cut between them is looked for within a band of a sixteenth of a piece's side, 32.
        assert (sewn.photos[(wanted == number) & (away > 2 + 1)] == number).all()
    # They meet along a line of the band's own making, not along the mask's.
    assert 0.002 < (sewn.photos != wanted).mean() < 0.15


def test_no_crumbs_are_left_about_a_horn_and_a_dent():
    ball = make_ball()
    from_horn, from_dent = (np.arccos(ball.positions[:, axis].clip(-1, 1)) for axis in (2, 0))
    radius = 1 + 1.5 * np.exp(-((from_horn / 0.3) ** 2)) - 0.6 * np.exp(-((from_dent / 0.35) ** 2))
    mesh = replace(ball, positions=ball.positions * radius[:, None])
    atlas, sewing = begin(mesh, 96, 192, torch.from_numpy(blobs(96, 96)))
    list(sewing.sew())
    assert not Beside(atlas).find_crumbs(sewing.sewn.pieces, 23)


def test_it_can_be_stopped_between_pieces():
    photo = torch.from_numpy(blobs(48, 48))
    _, sewing = begin(make_plane(2, 1), 48, 96, photo)

    def stop():
        raise Cancelled

    with pytest.raises(Cancelled):
        list(sewing.sew(stop))
