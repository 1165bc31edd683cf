"""Measure on an object how much the borders of its UV islands show, and how even things' size is.

    .venv/bin/python benchmarks/borders.py OBJECT PHOTO [OURS.png] [--size 512] [--scale 0.6]
        [--seeds 3]

The photo is laid on the object in its plain UV map, by triplanar projection, and as the engine sews
it; OURS.png is a texture that ``texcore surface`` has made for the object with the same scale, at
any quality. Small flat views of the surface (`texcore.objects.views`) are shown to VGG. The
distance of a feature is that to the nearest of the photo's own, within one layer; *borders* is its
mean where a view goes across a UV border, over its mean where none is near: 1 where borders do
not show. *Contrast* is the deviation of colours on that tenth of the surface which faces least
along any axis, over that of the photo: a triplanar projection blends there. *Even* is the share of
all texels of the surface whose side has as many of the photo's pixels as on the median, within a
tenth; *from* and *to* are the sizes of things in the median's, as the 1st and the 99th percentile.
Sewn, each texel is seen on the chart of its own piece, which goes on beyond the joints.
"""

from __future__ import annotations

import argparse
import itertools
import math
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import torch  # noqa: E402
from numpy.typing import NDArray  # noqa: E402
from scipy import ndimage  # noqa: E402
from scipy.spatial import cKDTree  # noqa: E402
from torch import Tensor  # noqa: E402

from texcore import pictures  # noqa: E402
from texcore.contract.surface_costs import choose_factor, choose_spacing  # noqa: E402
from texcore.features import FeatureNetwork, weights  # noqa: E402
from texcore.objects.atlas import Atlas, Raster, rasterise  # noqa: E402
from texcore.objects.charts import Charts  # noqa: E402
from texcore.objects.mesh import read_mesh  # noqa: E402
from texcore.objects.photo import sample_photo  # noqa: E402
from texcore.objects.points import spread_points  # noqa: E402
from texcore.objects.pyramid import Pyramid  # noqa: E402
from texcore.objects.reduction import (  # noqa: E402
    Refinement,
    reduce_photo,
    reduce_surface,
)
from texcore.objects.rendering import Rendering  # noqa: E402
from texcore.objects.sewing import Sewing, measure_side  # noqa: E402
from texcore.objects.views import View, plan_views  # noqa: E402
from texcore.surfaces import resizing  # noqa: E402

LAYER, STRIDE = "conv2_1", 2
VIEW_SIDE, RIM = 192, 16
# A feature of the layer sees so far, in texels; from so far on a border says nothing to it.
ACROSS_TEXELS, AWAY_TEXELS = 4, 12
# Neighbours in a view lie across a border if they are so many texels apart in the texture.
JUMP_TEXELS = 4
FEATURES = 2000
SHARPNESS = 4.0  # of a triplanar projection: the exponent of its weights
WITHIN = 0.1
# By so many texels about each the size of things there is found; of their normals the least cosine.
NEIGHBOURS, LEAST_COSINE = 25, 0.3


@dataclass(frozen=True)
class Laid:
    """A photo laid on a surface in some way.

    Attributes:
        name: Of the way.
        colours: Of each texel on the surface, shape (3, n).
        density: Pixels of the photo for a texel's side of the surface, 0 where it cannot be told;
            None of a picture.
    """

    name: str
    colours: Tensor
    density: NDArray[np.float64] | None


def main() -> None:
    """Read the words, measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("object", type=Path)
    parser.add_argument("photo", type=Path)
    parser.add_argument("ours", type=Path, nargs="*")
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--scale", type=float, default=0.6)
    parser.add_argument("--up", default="y", choices="xyz")
    parser.add_argument("--seeds", type=int, default=1, help="so many are sewn, 1, 2, 3 and so on")
    words = parser.parse_args()
    torch.manual_seed(0)
    mesh = read_mesh(words.object)
    raster = rasterise(mesh, words.size, words.size, words.object.stem)
    atlas = raster.look_up()
    photo = torch.from_numpy(pictures.read(words.photo).pixels[:3]).float()
    photo = resizing.scaled(photo, words.scale, words.scale)
    up = np.eye(3)["xyz".index(words.up)]
    # Views are planned at the full resolution, whatever is sewn.
    whole = reduce_surface(raster, 1)
    points = spread_points(atlas, up)
    charts = Charts(atlas, points)
    views = plan_views(charts, points, Refinement(whole, charts), VIEW_SIDE, RIM)
    seeds = range(1, words.seeds + 1)
    sewn = [sew(photo, raster, up, seed) for seed in seeds]
    ways = [lay_plainly(photo, atlas), project(photo, atlas, up), *sewn]
    for path in words.ours:
        made = torch.from_numpy(pictures.read(path).pixels[:3]).float()
        colours = made.flatten(1)[:, torch.from_numpy(atlas.texels)]
        ways.append(Laid(path.stem, colours, None))
    network = weights.load("auto")[0]
    seen = [find_places(view, atlas) for view in views]
    print("| | borders | contrast | even | from | to |\n|---|---|---|---|---|---|")
    for laid in ways:
        borders = compare(network, photo, views, seen, laid.colours)
        contrast = measure_contrast(photo, atlas, laid.colours)
        even = " | | " if laid.density is None else tell_even(laid.density)
        print(f"| {laid.name} | {borders:.2f} | {contrast:.2f} | {even} |", flush=True)


def lay_plainly(photo: Tensor, atlas: Atlas) -> Laid:
    """Lay it in the UV map, again and again; a pixel of it for a texel of the texture."""
    rows, columns = np.divmod(atlas.texels, atlas.width)
    h, w = photo.shape[-2:]
    colours = photo[:, torch.from_numpy(rows % h), torch.from_numpy(columns % w)]
    # A texel of the texture is so large on the surface, whose own texel is 1.
    area = np.linalg.norm(np.cross(atlas.across, atlas.down), axis=1)
    return Laid("plain UVs", colours, 1 / np.sqrt(np.maximum(area, 1e-9)))


def project(photo: Tensor, atlas: Atlas, up: NDArray[np.float64]) -> Laid:
    """Project it along three axes, blended by where the surface faces."""
    vertical = int(np.argmax(up))
    shares = np.abs(atlas.normals) ** SHARPNESS
    shares /= shares.sum(1, keepdims=True)
    h, w = photo.shape[-2:]
    colours = torch.zeros(3, len(atlas.texels))
    density = np.zeros(len(atlas.texels))
    for axis in range(3):
        others = [a for a in range(3) if a != axis]
        row = vertical if vertical in others else others[1]
        (column,) = (a for a in others if a != row)
        at = np.stack([atlas.positions[:, column] % w, -atlas.positions[:, row] % h], 1)
        share = torch.from_numpy(shares[:, axis]).float()
        colours += share * torch.from_numpy(sample_photo(photo, at))
        density += shares[:, axis] * np.sqrt(np.abs(atlas.normals[:, axis]))
    return Laid("triplanar", colours, density)


def sew(photo: Tensor, raster: Raster, up: NDArray[np.float64], seed: int) -> Laid:
    """Sew it over the surface, as a sketch is."""
    reduction = reduce_surface(raster, choose_factor(measure_side([photo]), len(raster.texels)))
    spacing = choose_spacing(len(reduction.atlas.texels), reduction.factor)
    points = spread_points(reduction.atlas, up, spacing)
    charts = Charts(reduction.atlas, points)
    generator = torch.Generator().manual_seed(seed)
    reduced = reduce_photo(photo, reduction.factor)
    sewing = Sewing([reduced], reduction.atlas, points, charts, generator)
    refinement = Refinement(reduction, charts)
    rendering = Rendering([Pyramid({0: photo})], sewing.pieces, refinement, sewing.beside)
    for _ in itertools.chain(sewing.sew(), rendering.render()):
        pass
    density = measure_sewn(raster.look_up(), sewing, refinement)
    return Laid("sewn", torch.from_numpy(rendering.colours), density)


def measure_sewn(atlas: Atlas, sewing: Sewing, refinement: Refinement) -> NDArray[np.float64]:
    """Measure how many of the photo's pixels lie on a texel's side of the surface, piece by piece.

    By the areas that the nearest texels on the piece's chart span there and on the surface, whether
    the piece has them or one beyond a joint does. 0 where the chart does not have the texel.
    """
    pieces = refinement.reduction.give_back(sewing.sewn.pieces)
    density = np.zeros(len(pieces))
    for number in np.unique(pieces).tolist():
        chart = refinement.refine(sewing.pieces.get_chart(number))
        solid, normals = atlas.positions[chart.texels], atlas.normals[chart.texels]
        own = np.flatnonzero(pieces[chart.texels] == number)
        count = min(NEIGHBOURS, len(solid))
        _, near = cKDTree(solid).query(solid[own], k=count)
        of = chart.texels[own]
        first, second = make_axes(atlas.across[of], atlas.normals[of])
        step = solid[near] - solid[own, None]
        flat = np.stack([np.einsum("nki,ni->nk", step, axis) for axis in (first, second)], 2)
        moved = chart.places[near] - chart.places[own, None]
        same = np.einsum("nki,ni->nk", normals[near], normals[own]) > LEAST_COSINE
        # The linear map from the surface to the photo that fits the neighbours best.
        square = np.einsum("nk,nki,nkj->nij", same, flat, flat) + 1e-6 * np.eye(2)
        fitted = np.linalg.solve(square, np.einsum("nk,nki,nkj->nij", same, flat, moved))
        density[of] = np.sqrt(np.abs(np.linalg.det(fitted)))
    return density


def make_axes(
    across: NDArray[np.float64], normals: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Make two axes of length 1 along the surface, perpendicular to each other."""
    first = across - np.einsum("ni,ni->n", across, normals)[:, None] * normals
    first /= np.maximum(np.linalg.norm(first, axis=1, keepdims=True), 1e-9)
    return first, np.cross(normals, first)


def tell_even(density: NDArray[np.float64]) -> str:
    """Tell how even it is, for three columns of the table."""
    sizes = np.median(density) / np.maximum(density, 1e-3)
    low, high = np.percentile(sizes, [1, 99])
    return f"{100 * measure_even(density):.1f} % | {low:.2f} | {high:.2f}"


def measure_even(density: NDArray[np.float64]) -> float:
    """Measure the share of the surface within a tenth of the median."""
    middle = np.median(density)
    return float((np.abs(density / middle - 1) <= WITHIN).mean())


def find_places(view: View, atlas: Atlas) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Find where a view goes across a border, and where none is near, in the layer's own places."""
    texels = atlas.texels[view.taps[0].numpy()]
    rows, columns = np.divmod(texels, atlas.width)
    crossing = np.zeros(texels.shape, bool)
    for axis in (0, 1):
        far = np.abs(np.diff(rows, axis=axis)) + np.abs(np.diff(columns, axis=axis)) > JUMP_TEXELS
        part = [slice(None), slice(None)]
        for half in (slice(1, None), slice(None, -1)):
            part[axis] = half
            crossing[tuple(part)] |= far
    surface = view.weight.numpy() > 0
    # Where there is no surface, no feature tells of it alone.
    inside = ndimage.binary_erosion(surface, iterations=AWAY_TEXELS // 2)
    distance = ndimage.distance_transform_edt(~crossing)
    across = inside & (distance <= ACROSS_TEXELS)
    away = inside & (distance > AWAY_TEXELS)
    return across[::STRIDE, ::STRIDE], away[::STRIDE, ::STRIDE]


def compare(
    network: FeatureNetwork,
    photo: Tensor,
    views: list[View],
    seen: list[tuple[NDArray[np.bool_], NDArray[np.bool_]]],
    colours: Tensor,
) -> float:
    """Compare features across borders with those where no border is near."""
    kept: tuple[list[Tensor], list[Tensor]] = ([], [])
    for view, places in zip(views, seen, strict=True):
        f = show(network, view.show(colours))
        for where, found in zip(places, kept, strict=True):
            found.append(f[:, torch.from_numpy(where)])
    own = show(network, photo).flatten(1)
    across, away = (find_distance(draw(torch.cat(f, 1)), own) for f in kept)
    return across / away


def measure_contrast(photo: Tensor, atlas: Atlas, colours: Tensor) -> float:
    """Measure how much colours differ where the surface faces along no axis, over the photo's."""
    facing = np.abs(atlas.normals).max(1)
    aslant = torch.from_numpy(facing <= np.quantile(facing, 0.1))
    return float(colours[:, aslant].std(1).mean() / photo.flatten(1).std(1).mean())


@torch.no_grad()
def show(network: FeatureNetwork, image: Tensor) -> Tensor:
    """Show the network a picture (3, h, w): features (channels, h / 2, w / 2)."""
    return network.picture_features(image, [LAYER])[LAYER][0].float()


def draw(features: Tensor) -> Tensor:
    """Draw as many features as are compared, by chance but always the same."""
    generator = torch.Generator().manual_seed(0)
    return features[:, torch.randperm(features.shape[1], generator=generator)[:FEATURES]]


def find_distance(some: Tensor, all_: Tensor) -> float:
    """Find the mean distance of features (channels, n) to their nearest among others."""
    nearest = [torch.cdist(part.T, all_.T).amin(1) for part in some.split(250, dim=1)]
    return math.fsum(torch.cat(nearest).tolist()) / some.shape[1]


if __name__ == "__main__":
    main()
