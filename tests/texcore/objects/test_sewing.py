import numpy as np
import pytest
import torch

from tests.making import blobs
from tests.texcore.objects.making import make_ball, make_plane, make_tube
from texcore.contract.errors import Cancelled
from texcore.objects.atlas import lay_out_atlas
from texcore.objects.charts import Charts
from texcore.objects.crumbs import Beside
from texcore.objects.pieces import sample_photo
from texcore.objects.points import spread_points
from texcore.objects.sewing import Sewing

UP = np.array([0.0, 1.0, 0.0])


def begin(mesh, height, width, photo, seed=0, kind=Sewing):
    atlas = lay_out_atlas(mesh, height, width, "object")
    points = spread_points(atlas, UP)
    generator = torch.Generator().manual_seed(seed)
    return atlas, kind(photo, atlas, points, Charts(atlas, points), generator)


@pytest.mark.parametrize("mesh", [make_plane(2, 1), make_tube(1, 2, cuts=3), make_ball()])
def test_all_of_a_surface_is_covered_by_the_photo(mesh):
    photo = torch.from_numpy(blobs(64, 64))
    _, sewing = begin(mesh, 72, 144, photo)
    fractions = list(sewing.sew())
    sewn = sewing.sewn
    assert fractions == sorted(fractions) and fractions[-1] == 1
    assert (sewn.pieces >= 0).all()
    assert (sewn.origins >= 0).all() and (sewn.origins <= 64).all()
    own = sample_photo(photo, sewn.origins)
    # Away from the joints a texel is the photo's own.
    assert np.mean(np.abs(own - sewn.colours).max(0) < 0.01) > 0.5
    assert sewn.colours.mean() == pytest.approx(float(photo.mean()), abs=0.08)


def test_the_seed_decides_it():
    photo = torch.from_numpy(blobs(48, 48))
    made = []
    for seed in (1, 1, 2):
        _, sewing = begin(make_plane(2, 1), 48, 96, photo, seed)
        list(sewing.sew())
        made.append(sewing.sewn.colours.copy())
    assert (made[0] == made[1]).all() and (made[0] != made[2]).any()


class Anyhow(Sewing):
    """Lays pieces side by side, wherever in the photo they are from."""

    def _choose(self, known, there):
        rows, columns = self._wear.shape
        pick = torch.randint(rows * columns, (1,), generator=self._generator)
        return divmod(int(pick), columns)

    def _cut(self, known, there, corner, grid):
        return ~known & grid.domain


def test_joints_cost_less_than_those_of_pieces_laid_anyhow():
    photo = torch.from_numpy(blobs(64, 64))
    own = float((photo[..., 1:] - photo[..., :-1]).abs().mean())
    excess = []
    for kind in (Sewing, Anyhow):
        atlas, sewing = begin(make_plane(2, 1), 64, 128, photo, kind=kind)
        list(sewing.sew())
        image = np.zeros((3, 64 * 128), np.float32)
        image[:, atlas.texels] = sewing.sewn.colours
        steps = np.abs(np.diff(image.reshape(3, 64, 128), axis=2)).mean()
        excess.append(steps - own)
    assert excess[0] < 0.75 * excess[1]


def test_few_crumbs_are_left():
    photo = torch.from_numpy(blobs(96, 96))
    atlas, sewing = begin(make_ball(), 96, 192, photo)
    list(sewing.sew())
    left = Beside(atlas).find_crumbs(sewing.sewn.pieces, 23)
    assert sum(len(crumb) for crumb in left) < 0.001 * len(atlas.texels)


def test_it_can_be_stopped_between_pieces():
    photo = torch.from_numpy(blobs(48, 48))
    _, sewing = begin(make_plane(2, 1), 48, 96, photo)

    def stop():
        raise Cancelled

    with pytest.raises(Cancelled):
        list(sewing.sew(stop))
