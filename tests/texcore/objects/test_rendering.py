import numpy as np
import pytest
import torch
from scipy.spatial import cKDTree

from tests.making import blobs
from tests.texcore.objects.making import make_ball, make_plane, make_tube
from texcore.contract.errors import Cancelled
from texcore.exemplars.directions import Directions
from texcore.objects.atlas import rasterise
from texcore.objects.charts import Charts
from texcore.objects.points import spread_points
from texcore.objects.pyramid import Pyramid
from texcore.objects.reduction import Refinement, reduce_photo, reduce_surface
from texcore.objects.rendering import Rendering
from texcore.objects.sewing import Sewing

UP = np.array([0.0, 1.0, 0.0])


class Sewn:
    """Photos sewn on a surface at a reduced resolution, and rendered."""

    def __init__(self, mesh, height, width, photos, factor=2, wanted=None, directions=(), seed=0):
        self.reduction = reduce_surface(rasterise(mesh, height, width, "object"), factor)
        points = spread_points(self.reduction.atlas, UP)
        charts = Charts(self.reduction.atlas, points)
        self.sewing = Sewing(
            [reduce_photo(photo, factor) for photo in photos],
            self.reduction.atlas,
            points,
            charts,
            torch.Generator().manual_seed(seed),
            wanted and wanted(self.reduction.atlas),
        )
        list(self.sewing.sew())
        refinement = Refinement(self.reduction, charts)
        self.rendering = Rendering(
            [Pyramid({0: photo}) for photo in photos],
            self.sewing.pieces,
            refinement,
            self.sewing.beside,
            directions,
        )
        self.fractions = list(self.rendering.render())

    def make_image(self):
        raster = self.reduction.raster
        image = np.full((len(self.rendering.colours), raster.height * raster.width), np.nan)
        image[:, raster.texels] = self.rendering.colours
        return image.reshape(-1, raster.height, raster.width)


def right_half(atlas):
    """The second photo is for the right half of the texture."""
    return (atlas.texels % atlas.width >= atlas.width // 2).astype(np.int64)


@pytest.mark.parametrize("factor", [1, 2])
@pytest.mark.parametrize("mesh", [make_plane(2, 1), make_tube(1, 2, cuts=3), make_ball()])
def test_all_of_a_surface_shows_the_photo_as_sharp_as_it_is(mesh, factor):
    photo = torch.from_numpy(blobs(96, 96))
    made = Sewn(mesh, 96, 192, [photo], factor)
    assert made.fractions == sorted(made.fractions) and made.fractions[-1] == 1
    colours = made.rendering.colours
    assert np.isfinite(colours).all() and colours.max() <= 1 + 1e-6
    assert colours.mean() == pytest.approx(float(photo.mean()), abs=0.08)
    assert colours.std(1) == pytest.approx(photo.flatten(1).std(1).numpy(), rel=0.25)
    if mesh.positions[:, 2].any():
        return
    image = made.make_image()
    steps, own = np.abs(np.diff(image)).mean(), float(photo.diff(dim=2).abs().mean())
    assert steps == pytest.approx(own, rel=0.2)


def test_a_texel_within_a_piece_is_the_photos_own_whatever_was_looked_at():
    photo = torch.from_numpy(blobs(128, 128))
    made = Sewn(make_plane(2, 1), 96, 192, [photo])
    pieces = made.reduction.give_back(made.sewing.sewn.pieces).reshape(96, 192)
    image, inside = made.make_image(), 0
    for number in np.unique(pieces):
        row, column = np.nonzero(pieces == number)
        texels = np.stack([column, row], 1)
        others = np.stack(np.nonzero((pieces != number).T), 1)
        away, _ = cKDTree(others).query(texels)
        # The largest square that is all of that piece and far from any other.
        beyond = np.array([image.shape[2], image.shape[1]]) - 1 - texels
        room = np.minimum(away - 12, np.minimum(texels, beyond).min(1))
        half = int(room.max() / 2**0.5)
        if half < 2:
            continue
        x, y = texels[room.argmax()] - half
        size = 2 * half + 1
        found = image[:, y : y + size, x : x + size]
        windows = photo.numpy()
        # It is there in the photo, to the pixel.
        best = min(
            np.abs(windows[:, i : i + size, k : k + size] - found).mean()
            for i in range(129 - size)
            for k in range(129 - size)
        )
        assert best < 1e-3
        inside += 1
    assert inside


@pytest.mark.parametrize("factor", [1, 2])
def test_where_two_photos_meet_they_do_so_where_they_are_alike(factor):
    # Stripes of the same width: dark and grey, and light and grey, which are grey together.
    side = 64 * factor
    stripes = torch.arange(side) // (side // 8) % 2
    photos = [
        torch.where(stripes == 0, 0.5, colour).expand(3, side, side).contiguous()
        for colour in (0.0, 1)
    ]
    largest = []
    for seed in range(5):
        made = Sewn(make_plane(2, 1), side, 2 * side, photos, factor, right_half, seed=seed)
        largest.append(np.nanmax(np.abs(np.diff(made.make_image(), axis=2))))
        of_second = made.rendering.photos.reshape(side, 2 * side)
        away = 8 * factor
        assert (of_second[:, : side - away] == 0).all() and (of_second[:, side + away :] == 1).all()
    # Blended, whatever meets; where nothing is, white meets black: 1.
    assert max(largest) < 0.65


def test_normals_are_told_in_the_surfaces_own_directions():
    slope = torch.tensor([0.8, 0.5, 0.9])[:, None, None].expand(3, 64, 64)
    mesh = make_tube(1, 2, cuts=2)
    made = Sewn(mesh, 96, 192, [slope.contiguous()], directions=(Directions(),))
    # Up is the same all round the tube: there a slope to the right is one everywhere.
    assert np.abs(made.rendering.colours - slope[:, 0, :1].numpy()).max() < 0.05


def test_it_can_be_stopped_between_pieces():
    made = Sewn(make_plane(2, 1), 48, 96, [torch.from_numpy(blobs(48, 48))])

    def stop():
        raise Cancelled

    with pytest.raises(Cancelled):
        list(made.rendering.render(stop))
