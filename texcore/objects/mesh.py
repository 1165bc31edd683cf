"""Read an object: its triangles, and where each lies in the texture."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import trimesh
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ..contract.errors import BadInput, BadUnwrapping
from ..contract.jobs import MAX_TRIANGLES
from ..contract.udim import FIRST, find_box

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]
Whole = NDArray[np.int64]

_log = logging.getLogger(__name__)

FORMATS = (".obj", ".glb", ".gltf", ".ply")  #: that hold an object with its unwrapping
# Of the square that a texture fills, by how much an unwrapping may go beyond it.
_BEYOND = 1e-3
# Two triangles whose normals have a lesser cosine meet at an edge; others are of a round surface.
_EDGE_COSINE = 0.7
# Positions of one corner of several triangles agree to this share of the object's size.
_SAME_SHARE = 1e-6


@dataclass(frozen=True)
class Mesh:
    """An object's surface in triangles.

    Attributes:
        positions: Of vertices, shape (vertices, 3), in the object's own unit. Vertices at the same
            place are one, whether the unwrapping is cut there or not.
        triangles: Vertices of each, shape (triangles, 3), anticlockwise as seen from outside.
        corners: Where each triangle's corners lie in the texture, shape (triangles, 3, 2), from the
            left and from the bottom, 0...1.

    Example:
        >>> mesh = Mesh(np.eye(3), np.array([[0, 1, 2]]), np.zeros((1, 3, 2)))
        >>> mesh.find_normals().round(3).tolist()
        [[[0.577, 0.577, 0.577], [0.577, 0.577, 0.577], [0.577, 0.577, 0.577]]]
    """

    positions: Floats
    triangles: Whole
    corners: Floats

    def find_normals(self) -> Floats:
        """Find the normals of the triangles' corners, (triangles, 3, 3).

        Each is the mean over the triangles about its vertex, by their areas, that its own does not
        meet at an edge: a ball is round, and a box has flat faces.
        """
        a, b, c = (self.positions[self.triangles[:, i]] for i in range(3))
        crossed = np.cross(b - a, c - a)
        facing = crossed / np.maximum(np.linalg.norm(crossed, axis=1, keepdims=True), 1e-300)
        vertex = self.triangles.ravel()
        order = np.argsort(vertex, kind="stable")
        counts = np.bincount(vertex, minlength=len(self.positions))
        starts = np.cumsum(counts) - counts
        sums = np.zeros((len(vertex), 3))
        corner = np.arange(len(vertex))
        # Of every corner the first triangle about its vertex, the second, and so on.
        for turn in range(int(counts.max())):
            corner = corner[counts[vertex[corner]] > turn]
            other = order[starts[vertex[corner]] + turn] // 3
            cosine = np.einsum("ni,ni->n", facing[corner // 3], facing[other])
            sums[corner] += np.where(cosine > _EDGE_COSINE, 1, 0)[:, None] * crossed[other]
        length = np.linalg.norm(sums, axis=1, keepdims=True)
        found: Floats = (sums / np.maximum(length, 1e-300)).reshape(-1, 3, 3)
        return found

    def find_shells(self) -> Whole:
        """Find the number of the shell, of what hangs together, of each triangle, (triangles)."""
        n = len(self.positions)
        first, second = self.triangles[:, [0, 1]].ravel(), self.triangles[:, [1, 2]].ravel()
        links = coo_array((np.ones(len(first), bool), (first, second)), shape=(n, n))
        _, part = connected_components(links, directed=False)
        shells: Whole = part[self.triangles[:, 0]].astype(np.int64)
        return shells

    def measure_share(self) -> float:
        """Measure the share of the texture that its triangles cover, 0...1, if none overlap."""
        a, b, c = (self.corners[:, i] for i in range(3))
        first, second = b - a, c - a
        areas = np.abs(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]) / 2
        return min(1.0, float(areas.sum()))

    def digest(self) -> str:
        """Return the SHA-256 of its triangles, as fine as a file of single precision has them.

        Example:
            >>> Mesh(np.eye(3), np.array([[0, 1, 2]]), np.zeros((1, 3, 2))).digest()[:8]
            'a2a05dce'
        """
        parts = np.ascontiguousarray(self.positions[self.triangles]), self.corners
        rounded = [np.ascontiguousarray(part, "<f4") + np.float32(0) for part in parts]  # no -0
        return hashlib.sha256(b"".join(part.tobytes() for part in rounded)).hexdigest()


def read_mesh(path: Path, tiles: Sequence[int] = ()) -> Mesh:
    """Read an object from a file.

    Args:
        path: Of one of `FORMATS`. Several objects in it are taken as one.
        tiles: Numbers of the UDIM tiles that it is unwrapped over, of which the least rectangle
            that holds them is the texture; none: the square from 0 to 1.

    Raises:
        BadInput: It cannot be read, has no surface, or too many triangles.
        BadUnwrapping: It has no unwrapping, or one that is not all within the texture.
    """
    if path.suffix.lower() not in FORMATS:
        kinds = ", ".join(f[1:].upper() for f in FORMATS)
        raise BadInput(f"“{path.name}” is no object that Texcore reads: use {kinds}.")
    if not path.is_file():
        raise BadInput(f"The object “{path}” is not there.")
    try:
        loaded: Any = trimesh.load_mesh(path, process=False)
    except Exception as e:  # Each format's reader has errors of its own.
        _log.warning("%r cannot be read: %r", path.name, e)
        raise BadInput(
            f"“{path.name}” cannot be read as an object: export it again, or in another format."
        ) from e
    return make_mesh(loaded, path.stem, tiles)


def make_mesh(loaded: Any, name: str, tiles: Sequence[int] = ()) -> Mesh:
    """Make a mesh of what trimesh has loaded.

    Args:
        loaded: A `trimesh.Trimesh`, with triangles and an unwrapping.
        name: For the sentence of an error.
        tiles: See `read_mesh`.

    Raises:
        BadInput: It has no surface, or too many triangles.
        BadUnwrapping: It has no unwrapping, or one that is not all within the texture.
    """
    triangles = np.asarray(getattr(loaded, "faces", ()), np.int64)
    if not len(triangles):
        raise BadInput(f"“{name}” has no faces: there is no surface for a texture.")
    if len(triangles) > MAX_TRIANGLES:
        raise BadInput(
            f"“{name}” has {len(triangles):,} triangles, and {MAX_TRIANGLES:,} are the most: make "
            "it simpler (in Blender: a Decimate modifier, or fewer subdivisions)."
        )
    uv = getattr(loaded.visual, "uv", None)
    if uv is None or len(uv) != len(loaded.vertices):
        raise BadUnwrapping(
            f"“{name}” is not unwrapped: give it UVs first (in Blender: UV › Smart UV Project)."
        )
    positions, corners = np.asarray(loaded.vertices, np.float64), np.asarray(uv, np.float64)
    if not (np.isfinite(positions).all() and np.isfinite(corners).all()):
        raise BadInput(f"“{name}” has places that are no numbers.")
    box = find_box(tiles or (FIRST,))
    corners = (corners - [box.left, box.bottom]) / [box.columns, box.rows]
    if corners.min() < -_BEYOND or corners.max() > 1 + _BEYOND:
        raise BadUnwrapping(
            f"The unwrapping of “{name}” leaves the UDIM tiles {', '.join(map(str, tiles))}: add "
            "the tiles that are missing, or pack its islands into these."
            if tiles
            else f"The unwrapping of “{name}” leaves the square from 0 to 1: pack its islands into "
            "it, or use UDIM tiles."
        )
    size = float(np.ptp(positions, axis=0).max())
    places = np.round(positions / max(size * _SAME_SHARE, 1e-300)).astype(np.int64)
    _, first, which = np.unique(places, axis=0, return_index=True, return_inverse=True)
    merged = which.reshape(-1)[triangles]
    a, b, c = (positions[first][merged[:, i]] for i in range(3))
    real = np.linalg.norm(np.cross(b - a, c - a), axis=1) > 1e-12 * size**2
    if not real.any():
        raise BadInput(f"All faces of “{name}” are without area.")
    return Mesh(positions[first], merged[real], corners[triangles][real])
