"""Know which texels of a surface lie beside each other: to find crumbs, and to blend joints.

A crumb is what is left of a piece, or bare, and too small to show anything. In folds and creases,
where every chart ends, a piece of its own shows a scrap of the photo, and a joint all round it.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array, csc_array, csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from .atlas import Atlas
from .mesh import Whole
from .points import are_beside

# How far from where the next texel would be one still is it: in steps, and in texels at least.
_REACH_STEPS, _REACH_TEXELS = 1.5, 1.0


class Beside:
    """Knows of the texels of a surface which lie beside each other, over the unwrapping's cuts too.

    Args:
        atlas: Of the surface.
    """

    def __init__(self, atlas: Atlas) -> None:
        first, second = _find_pairs(atlas)
        n = len(atlas.texels)
        ones = np.ones(len(first), bool)
        self._graph = coo_array((ones, (first, second)), shape=(n, n)).tocsr()
        self._graph = self._graph + self._graph.T
        links = self._graph.tocoo()
        once = links.row < links.col
        self._links = links.row[once], links.col[once]

    def find_crumbs(self, pieces: Whole, least: int) -> list[Whole]:
        """Find the parts of pieces that have fewer texels than the least, the smallest first.

        Args:
            pieces: The number of the piece that each texel is of, shape (n).
            least: A part is what hangs together.

        Returns:
            The texels of each by number.
        """
        first, second = self._links
        same = pieces[first] == pieces[second]
        links = np.ones(int(same.sum()), bool), (first[same], second[same])
        graph = coo_array(links, self._graph.shape)
        count, part = connected_components(graph, directed=False)
        sizes = np.bincount(part, minlength=count)
        small = np.flatnonzero(sizes[part] < least)
        small = small[np.argsort(part[small], kind="stable")]
        crumbs = np.split(small, np.flatnonzero(np.diff(part[small])) + 1) if len(small) else []
        return sorted(crumbs, key=len)

    def find_around(self, texels: Whole) -> Whole:
        """Find the texels beside some of these, which may be among them."""
        around: Whole = np.unique(self._graph[texels].indices)
        return around

    def share_out(self, pieces: Whole, steps: int) -> csc_array:
        """Share the texels about joints out among the pieces beside them.

        Args:
            pieces: The number of the piece that each texel is of, shape (n), none below 0.
            steps: How often what pieces have of a texel becomes the mean of what they have of it
                and of those beside it: each adds 0.4 square texels to the joint's variance.

        Returns:
            What each piece has of each texel, 0...1, of shape (n, pieces).
        """
        n = len(pieces)
        every, links = np.arange(n), self._graph.tocoo()
        joint = np.zeros(n, bool)
        joint[links.row[pieces[links.row] != pieces[links.col]]] = True
        for _ in range(steps - 1):
            joint[self._graph[np.flatnonzero(joint)].indices] = True
        some = joint[links.row]
        row, column = (np.concatenate([every, a[some]]) for a in (links.row, links.col))
        weights = (1 / np.bincount(row, minlength=n)).astype(np.float32)[row]
        mean = csr_array((weights, (row, column)), shape=(n, n))
        shares = csr_array((np.ones(n, np.float32), (every, pieces)), shape=(n, pieces.max() + 1))
        for _ in range(steps):
            shares = mean @ shares
        return shares.tocsc()


def _find_pairs(atlas: Atlas) -> tuple[Whole, Whole]:
    """Find pairs of texels that lie beside each other, each pair once or twice."""
    number = np.full((atlas.height + 2, atlas.width + 2), -1, np.int32)
    row, column = np.divmod(atlas.texels, atlas.width)
    n = np.arange(len(atlas.texels))
    number[row + 1, column + 1] = n
    tree = cKDTree(atlas.positions)
    pairs = []
    for down, right in ((0, 1), (1, 0)):
        step = atlas.across if right else atlas.down
        reach = _REACH_STEPS * np.linalg.norm(step, axis=1)
        beside = number[row + 1 + down, column + 1 + right].astype(np.int64)
        # Islands may touch in the texture without doing so on the surface.
        away = np.linalg.norm(atlas.positions[beside] - atlas.positions, axis=1)
        beside[away > reach] = -1
        found = np.flatnonzero(beside >= 0)
        pairs.append(np.stack([found, beside[found]]))
        alone = np.ones((2, len(n)), bool)
        alone[0, found], alone[1, beside[found]] = False, False
        # What has none on one side in the texture has it across a cut.
        for lonely, way in zip(alone, (1, -1), strict=True):
            some = np.flatnonzero(lonely)
            distance, there = tree.query(atlas.positions[some] + way * step[some])
            near = distance <= np.maximum(reach[some], _REACH_TEXELS)
            pairs.append(np.stack([some, there])[:, near])
    first, second = np.concatenate(pairs, 1)
    normals, shells = atlas.normals, atlas.shells
    same = are_beside((normals[first], normals[second]), (shells[first], shells[second]))
    return first[same], second[same]
