"""Render demo/exemplar.png: a shingle beach seen from above, as real geometry under a low sun.

Stones are ellipsoids that waves have worn, no two alike; they are dropped one after another and
come to rest on what already lies there, the small ones in the hollows. Nothing here tiles: the
picture is a window onto a larger beach, damp towards one corner, like a photo.

    python demo/render_exemplar.py [OUT.png [SIZE [SAMPLES]]]     with the bpy wheel
    blender -b --python demo/render_exemplar.py -- [OUT.png …]    with Blender

With a folder in place of OUT.png it renders the maps of the beach's material instead, as the scene
has them: base_color.png, normal.png (OpenGL), roughness.png and height.png (white is 0.25 units
above black, of a beach 1 unit wide). There the beach is dry, and every stone as rough as it likes.
demo/maps holds these, 192 pixels wide.

The same seed renders the same picture.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np
from mathutils import Euler, Matrix, Vector
from numpy.typing import NDArray

SEED = 7
REACH = 0.62  #: half the width of the beach; the camera sees half a unit each way
RISE = 0.25  #: from black to white of the height map, in scene units
MAPS = ("base_color", "normal", "roughness", "height")
CELLS = 620  #: of the height map along one side
SHAPES = 28  #: worn shapes to choose from

#: Kinds of stone: share, two linear colours between which a stone's own lies, chance of veins.
ROCKS = (
    (0.36, (0.115, 0.120, 0.125), (0.270, 0.270, 0.265), 0.25),  # greywacke
    (0.16, (0.040, 0.046, 0.054), (0.085, 0.094, 0.105), 0.40),  # slate
    (0.16, (0.260, 0.180, 0.110), (0.420, 0.320, 0.215), 0.10),  # sandstone
    (0.12, (0.190, 0.095, 0.065), (0.300, 0.165, 0.115), 0.15),  # red granite
    (0.11, (0.480, 0.460, 0.420), (0.720, 0.690, 0.640), 0.00),  # quartz
    (0.09, (0.105, 0.125, 0.095), (0.190, 0.210, 0.165), 0.30),  # greenstone
)

#: What is dropped, in order: how many, smallest and largest half length, how many places a stone
#: looks at before it lies down in the lowest.
LAYERS = (
    (900, 0.012, 0.030, 1),
    (210, 0.032, 0.052, 6),
    (70, 0.048, 0.072, 14),
    (480, 0.015, 0.034, 10),
    (2600, 0.0045, 0.012, 16),
    (6500, 0.0016, 0.0042, 10),
)


@dataclass(frozen=True)
class Stone:
    """Where a stone lies: centre, half axes and rotation, all in scene units and radians."""

    centre: tuple[float, float, float]
    axes: tuple[float, float, float]
    turn: Euler


class Beach:
    """The height of what lies there so far, on a square grid; stones come to rest on it."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.step = 2 * REACH / CELLS
        self.height = np.zeros((CELLS, CELLS))

    def lowest(self, tries: int) -> tuple[float, float]:
        """The lowest of some random places."""
        cells = self.rng.integers(0, CELLS, (tries, 2))
        row, column = cells[np.argmin(self.height[cells[:, 0], cells[:, 1]])]
        jitter = self.rng.random(2)
        return (column + jitter[0]) * self.step - REACH, (row + jitter[1]) * self.step - REACH

    def drop(self, x: float, y: float, axes: tuple[float, float, float]) -> Stone:
        """Let a stone of these half axes come to rest at a place, leaning with the ground."""
        a, b, c = axes
        heading = self.rng.uniform(0, math.tau)
        rows, columns = (self._span(v, a) for v in (y, x))
        px = (np.arange(columns.start, columns.stop) + 0.5) * self.step - REACH - x
        py = (np.arange(rows.start, rows.stop) + 0.5) * self.step - REACH - y
        gx, gy = np.meshgrid(px, py)
        cos, sin = math.cos(heading), math.sin(heading)
        u, v = (gx * cos + gy * sin) / a, (gy * cos - gx * sin) / b
        ground = self.height[rows, columns]
        under = u**2 + v**2 < 1
        if under.sum() < 4:  # smaller than a few cells: it just lies on the spot
            z = float(ground.mean()) + 0.4 * c
            return Stone((x, y, z), axes, self._turn(heading, 0.35))
        plane = np.column_stack([gx[under], gy[under], np.ones(int(under.sum()))])
        slope_x, slope_y, _ = np.linalg.lstsq(plane, ground[under], rcond=None)[0]
        slope_x, slope_y = (float(np.clip(s * 0.8, -0.45, 0.45)) for s in (slope_x, slope_y))
        lean = gx * slope_x + gy * slope_y
        belly = c * np.sqrt(np.clip(1 - u**2 - v**2, 0, None))
        # It touches where ground and belly are closest, then settles a little into its bed.
        z = float(np.quantile((ground - lean + belly)[under], 0.93)) - 0.15 * c
        top = np.where(under, z + lean + belly, -1.0)
        self.height[rows, columns] = np.maximum(ground, top)
        normal = Vector((-slope_x, -slope_y, 1.0)).normalized()
        tilt = Vector((0, 0, 1)).rotation_difference(normal).to_matrix()
        return Stone((x, y, z), axes, (tilt @ Matrix.Rotation(heading, 3, "Z")).to_euler())

    def _span(self, centre: float, radius: float) -> slice:
        low = int((centre - radius + REACH) / self.step)
        high = int((centre + radius + REACH) / self.step) + 2
        return slice(max(0, low), min(CELLS, high))

    def _turn(self, heading: float, most: float) -> Euler:
        return Euler((*self.rng.uniform(-most, most, 2), heading))


def dropped(rng: np.random.Generator) -> Iterator[Stone]:
    """All stones of the beach, in the order in which they fall."""
    beach = Beach(rng)
    for count, smallest, largest, tries in LAYERS:
        for _ in range(count):
            a = smallest * (largest / smallest) ** rng.random()
            axes = (a, a * rng.uniform(0.62, 0.95), a * rng.uniform(0.38, 0.62))
            yield beach.drop(*beach.lowest(tries), axes)


def worn_shape(rng: np.random.Generator, detail: int, name: str) -> bpy.types.Mesh:
    """A unit pebble: a sphere worn flat on a few sides and dented by broad, soft waves."""
    bpy.ops.mesh.primitive_ico_sphere_add(subdivisions=detail, radius=1.0)
    mesh = bpy.context.object.data
    bpy.data.objects.remove(bpy.context.object)
    mesh.name = name
    flat = np.empty(len(mesh.vertices) * 3, np.float32)
    mesh.vertices.foreach_get("co", flat)
    points: NDArray[np.float64] = flat.reshape(-1, 3).astype(np.float64)
    wave = np.zeros(len(points))
    for frequency, amount in ((1.3, 0.10), (2.4, 0.05), (4.5, 0.018)):
        for _ in range(4):
            direction = rng.normal(size=3)
            direction *= frequency / np.linalg.norm(direction)
            wave += amount * np.sin(points @ direction + rng.uniform(0, math.tau)) / 2
    points = points * (1 + wave)[:, None]
    for _ in range(7):  # facets, rounded at their rims
        normal = rng.normal(size=3)
        normal /= np.linalg.norm(normal)
        over = points @ normal - rng.uniform(0.66, 0.92)
        soft = 0.05 * np.logaddexp(0, over / 0.05)
        points = points - np.outer(soft * 0.9, normal)
    mesh.vertices.foreach_set("co", points.astype(np.float32).ravel())
    mesh.shade_smooth()
    return mesh


class Nodes:
    """Short words for building a node tree."""

    def __init__(self, tree: bpy.types.NodeTree) -> None:
        self.tree = tree
        tree.nodes.clear()

    def add(
        self, kind: str, settings: Mapping[str, object] | None = None, **inputs: object
    ) -> bpy.types.ShaderNode:
        """A node of a kind; inputs are values or another node's output sockets."""
        node = self.tree.nodes.new(f"ShaderNode{kind}")
        for name, value in (settings or {}).items():
            setattr(node, name, value)
        for name, value in inputs.items():
            key: str | int = int(name[1:]) if name[1:].isdigit() else name.replace("_", " ")
            if isinstance(value, bpy.types.NodeSocket):
                self.tree.links.new(value, node.inputs[key])
            else:
                node.inputs[key].default_value = value
        return node

    def math(self, operation: str, *values: object) -> bpy.types.NodeSocket:
        """The result of a Math node."""
        inputs = {f"i{n}": value for n, value in enumerate(values)}
        return self.add("Math", {"operation": operation}, **inputs).outputs[0]

    def noise(self, where: object, scale: float, detail: float = 4.0) -> bpy.types.NodeSocket:
        """Noise of 0 to 1 at a place."""
        return self.add("TexNoise", Vector=where, Scale=scale, Detail=detail).outputs[0]

    def ramp(self, value: object, low: float, high: float) -> bpy.types.NodeSocket:
        """0 below low, 1 above high, smooth between."""
        settings = {"interpolation_type": "SMOOTHSTEP"}
        return self.add("MapRange", settings, i0=value, i1=low, i2=high).outputs[0]

    def mix(
        self, factor: object, first: object, second: object, blend: str = "MIX"
    ) -> bpy.types.NodeSocket:
        """A mix of two colours."""
        settings = {"data_type": "RGBA", "blend_type": blend}
        return self.add("Mix", settings, i0=factor, i6=first, i7=second).outputs[2]


def stone_material() -> bpy.types.Material:
    """Speckled stone; its colour is the object's, whose alpha says how strong the veins are."""
    material = bpy.data.materials.new("Stone")
    material.use_nodes = True
    n = Nodes(material.node_tree)
    info = n.add("ObjectInfo").outputs
    place = n.add("NewGeometry").outputs["Position"]
    shift = n.add("VectorMath", {"operation": "SCALE"}, i0=(31.0, 17.0, 23.0), Scale=info["Random"])
    own = n.add("VectorMath", i0=place, i1=shift.outputs[0]).outputs[0]  # no two stones alike

    cloud = n.ramp(n.noise(own, 26.0, 6.0), 0.30, 0.72)
    grain = n.noise(own, 420.0, 3.0)
    tone = n.math("MULTIPLY_ADD", cloud, 0.42, 0.76)
    grey = n.add("CombineColor", i0=tone, i1=tone, i2=tone).outputs[0]
    colour = n.mix(1.0, info["Color"], grey, "MULTIPLY")
    colour = n.mix(n.ramp(grain, 0.62, 0.72), colour, (0.55, 0.53, 0.50, 1))
    colour = n.mix(n.ramp(grain, 0.40, 0.31), colour, (0.018, 0.018, 0.018, 1))
    wobble = n.add("TexNoise", Vector=own, Scale=16.0, Detail=5.0).outputs[1]
    wobble = n.add("VectorMath", {"operation": "SCALE"}, i0=wobble, Scale=0.09).outputs[0]
    bent = n.add("VectorMath", i0=own, i1=wobble).outputs[0]
    wave = n.add("TexWave", {"bands_direction": "DIAGONAL"}, Vector=bent, Scale=3.1).outputs[1]
    vein = n.math("MULTIPLY", n.ramp(wave, 0.990, 0.999), info["Alpha"])
    colour = n.mix(vein, colour, (0.66, 0.64, 0.60, 1))

    dry, polish = colour, n.math("MULTIPLY_ADD", info["Random"], 0.5, 0.35)
    wet = n.ramp(damp(n, place), 0.42, 0.66)
    colour = n.mix(wet, colour, n.mix(1.0, colour, (0.48, 0.47, 0.45, 1), "MULTIPLY"))
    rough = n.math("MULTIPLY_ADD", wet, -0.36, 0.74)
    bump = n.add("Bump", Strength=0.34, Distance=0.0016, Height=n.noise(own, 230.0, 7.0))
    shader = n.add("BsdfPrincipled", Base_Color=colour, Roughness=rough, Normal=bump.outputs[0])
    n.add("OutputMaterial", Surface=shader.outputs[0])
    # For `shoot_maps`: the same, to be looked at instead of lit.
    stored = n.add(
        "VectorMath",
        {"operation": "MULTIPLY_ADD"},
        i0=bump.outputs[0],
        i1=(0.5, 0.5, 0.5),
        i2=(0.5, 0.5, 0.5),
    )
    level = n.math("MULTIPLY_ADD", n.add("SeparateXYZ", Vector=place).outputs[2], 1 / RISE, 0.0)
    for name, value in zip(MAPS, (dry, stored.outputs[0], polish, level), strict=True):
        n.add("Emission", {"name": name}, Color=value)
    return material


def damp(n: Nodes, place: object) -> bpy.types.NodeSocket:
    """How damp a place is: more towards the lower right, with a ragged shore."""
    axes = n.add("SeparateXYZ", Vector=place).outputs
    slope = n.math("MULTIPLY_ADD", n.math("SUBTRACT", axes[0], axes[1]), 0.42, 0.12)
    return n.math("ADD", slope, n.math("MULTIPLY", n.noise(place, 3.2, 3.0), 0.5))


def lay_out(rng: np.random.Generator) -> None:
    """Put every stone of the beach into the scene, over coarse sand."""
    material = stone_material()
    fine = [worn_shape(rng, 5, f"Pebble {i}") for i in range(SHAPES)]
    coarse = [worn_shape(rng, 3, f"Grit {i}") for i in range(SHAPES)]
    for mesh in (*fine, *coarse):
        mesh.materials.append(material)
    shares = np.array([rock[0] for rock in ROCKS])
    collection = bpy.context.collection
    for stone in dropped(rng):
        meshes = fine if stone.axes[0] > 0.012 else coarse
        thing = bpy.data.objects.new("Stone", meshes[rng.integers(SHAPES)])
        thing.location, thing.scale, thing.rotation_euler = stone.centre, stone.axes, stone.turn
        _, first, second, veined = ROCKS[rng.choice(len(ROCKS), p=shares / shares.sum())]
        between = rng.random()
        colour = [f + (s - f) * between for f, s in zip(first, second, strict=True)]
        thing.color = (*colour, float(rng.random() < veined))
        collection.objects.link(thing)
    bpy.ops.mesh.primitive_plane_add(size=4 * REACH)
    bed = bpy.context.object
    bed.color = (0.10, 0.085, 0.065, 0.0)
    bed.data.materials.append(material)


def light_and_shoot(path: Path, size: int, samples: int) -> None:
    """Low warm sun, blue sky, a camera straight above; write the picture."""
    scene = bpy.context.scene
    look_down(size, samples)
    sun = bpy.data.lights.new("Sun", "SUN")
    sun.energy, sun.angle, sun.color = 6.0, math.radians(1.2), (1.0, 0.88, 0.72)
    lamp = bpy.data.objects.new("Sun", sun)
    lamp.rotation_euler = Euler((math.radians(50), 0, math.radians(-128)))
    scene.collection.objects.link(lamp)
    scene.world = bpy.data.worlds.new("Sky")
    scene.world.use_nodes = True
    n = Nodes(scene.world.node_tree)
    sky = n.add("Background", Color=(0.42, 0.58, 0.85, 1), Strength=0.75)
    n.add("OutputWorld", Surface=sky.outputs[0])

    scene.view_settings.view_transform, scene.view_settings.look = (
        "AgX",
        "AgX - Medium High Contrast",
    )
    scene.render.image_settings.color_mode = "RGB"
    scene.render.image_settings.compression = 100
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)


def look_down(size: int, samples: int) -> None:
    """A camera straight above, and how it renders."""
    scene = bpy.context.scene
    camera = bpy.data.cameras.new("Camera")
    camera.type, camera.ortho_scale = "ORTHO", 1.0
    scene.camera = bpy.data.objects.new("Camera", camera)
    scene.camera.location = (0, 0, 3)
    scene.collection.objects.link(scene.camera)
    scene.render.engine = "CYCLES"
    scene.cycles.device, scene.cycles.samples, scene.cycles.seed = "CPU", samples, SEED
    scene.cycles.use_denoising = False  # a denoiser would eat the grain of the stones
    scene.cycles.use_adaptive_sampling = False
    scene.cycles.max_bounces = 4
    scene.render.resolution_x = scene.render.resolution_y = size
    scene.render.image_settings.file_format = "PNG"


def shoot_maps(folder: Path, size: int, samples: int) -> None:
    """Write what the material of the stones says at each place, without light."""
    look_down(size, samples)
    scene = bpy.context.scene
    scene.cycles.max_bounces = 0
    tree = bpy.data.materials["Stone"].node_tree
    output = next(node for node in tree.nodes if node.type == "OUTPUT_MATERIAL")
    settings = scene.render.image_settings
    for name in MAPS:
        tree.links.new(tree.nodes[name].outputs[0], output.inputs["Surface"])
        scene.view_settings.view_transform = "Standard" if name == "base_color" else "Raw"
        settings.color_mode = "BW" if name in ("roughness", "height") else "RGB"
        settings.color_depth = "16" if name == "height" else "8"
        scene.render.filepath = str(folder / f"{name}.png")
        bpy.ops.render.render(write_still=True)


def main() -> None:
    """Read the words after ``--`` (all of them under the bpy wheel), build the beach, render."""
    words = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:]
    path = Path(words[0] if words else Path(__file__).with_name("exemplar.png")).resolve()
    size, samples = (int(w) for w in (words[1:] + ["512", "320"][len(words[1:]) :]))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    lay_out(np.random.default_rng(SEED))
    if path.suffix:
        light_and_shoot(path, size, samples)
    else:
        shoot_maps(path, size, samples)


if __name__ == "__main__":
    main()
