"""Objects to try textures on, unwrapped by hand."""

import numpy as np

from texcore.objects.mesh import Mesh


def make_grid(place, rows=12, columns=12, box=(0.0, 0.0, 1.0, 1.0)):
    """A sheet of triangles: ``place`` maps u and v, 0...1, to positions; box is its island."""
    u, v = np.meshgrid(np.linspace(0, 1, columns + 1), np.linspace(0, 1, rows + 1))
    u, v = u.ravel(), v.ravel()
    left, bottom, right, top = box
    uv = np.stack([left + u * (right - left), bottom + v * (top - bottom)], 1)
    cells = np.arange(rows)[:, None] * (columns + 1) + np.arange(columns)
    a, b = cells.ravel(), cells.ravel() + 1
    c, d = a + columns + 2, a + columns + 1
    triangles = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])
    return np.stack(place(u, v), 1), triangles, uv[triangles]


def join(*sheets):
    """Several sheets as one mesh, corners at the same place one vertex."""
    positions, triangles, corners, count = [], [], [], 0
    for places, faces, uv in sheets:
        positions.append(places)
        triangles.append(faces + count)
        corners.append(uv)
        count += len(places)
    places = np.concatenate(positions)
    _, first, which = np.unique(
        np.round(places * 1e6), axis=0, return_index=True, return_inverse=True
    )
    merged = which.reshape(-1)[np.concatenate(triangles)]
    return Mesh(places[first], merged, np.concatenate(corners))


def make_plane(width=2.0, height=1.0):
    """A plane that stands upright, seen from its front."""
    return join(make_grid(lambda u, v: (u * width, v * height, 0 * u)))


def make_tube(radius=1.0, height=2.0, cuts=2):
    """A tube round the y axis, in as many islands side by side as it is cut."""
    sheets = []
    for n in range(cuts):
        begin, end = n / cuts, (n + 1) / cuts

        def place(u, v, begin=begin, end=end):
            angle = 2 * np.pi * (begin + u * (end - begin))
            return radius * np.sin(angle), v * height, radius * np.cos(angle)

        gap = 0.03 / cuts
        sheets.append(make_grid(place, 8, 48 // cuts, (begin + gap, gap, end - gap, 1 - gap)))
    return join(*sheets)


def make_ball(radius=1.0):
    """A ball, its poles up and down, in one island."""

    def place(u, v):
        around, up = 2 * np.pi * u, np.pi * (v - 0.5)
        return (
            radius * np.cos(up) * np.sin(around),
            radius * np.sin(up),
            radius * np.cos(up) * np.cos(around),
        )

    mesh = join(make_grid(place, 24, 48))
    a, b, c = (mesh.positions[mesh.triangles[:, i]] for i in range(3))
    real = np.linalg.norm(np.cross(b - a, c - a), axis=1) > 1e-9
    return Mesh(mesh.positions, mesh.triangles[real], mesh.corners[real])


def make_box(width=1.0, height=1.0, depth=1.0):
    """A box about the origin, of two triangles a side, each an island; seen from its front."""
    half = np.array([width, height, depth]) / 2
    sheets = []
    for n in range(6):
        axis, sign = n % 3, 1 if n < 3 else -1
        # With the normal the two make a right-handed frame.
        right, up = ((axis + 1) % 3, (axis + 2) % 3)[::sign]

        def place(u, v, axis=axis, sign=sign, right=right, up=up):
            at = {axis: sign + 0 * u, right: 2 * u - 1, up: 2 * v - 1}
            return tuple(half[i] * at[i] for i in range(3))

        left, bottom = n % 3 / 3, n // 3 / 2
        box = (left + 0.01, bottom + 0.01, left + 0.32, bottom + 0.48)
        sheets.append(make_grid(place, 1, 1, box))
    return join(*sheets)


def write_obj(path, mesh):
    """Write it as Wavefront has it; each corner has a place of its own in the texture."""
    lines = [f"v {x} {y} {z}" for x, y, z in mesh.positions]
    lines += [f"vt {u} {v}" for u, v in mesh.corners.reshape(-1, 2)]
    for n, corners in enumerate(mesh.triangles + 1):
        lines.append("f " + " ".join(f"{v}/{3 * n + i + 1}" for i, v in enumerate(corners)))
    path.write_text("\n".join(lines) + "\n")
    return path
