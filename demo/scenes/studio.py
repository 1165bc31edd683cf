"""Lay a surface out as geometry under sun and sky, take its picture, and write its maps."""

from __future__ import annotations

import math
from pathlib import Path

import bpy
import numpy as np

from .fields import CELLS, Field, Surface

PHOTO_SIDE, MAP_SIDE = 256, 192  #: in pixels
POINTS = 512  #: of the geometry along one side; finer relief is in its normals
JPEG_QUALITY = 92
MAPS = ("base_color", "normal", "roughness", "height")


def shoot(surface: Surface, path: Path, sun: tuple[float, float], samples: int) -> None:
    """Write a picture of a surface, as a camera straight above it takes it.

    Args:
        surface: One unit wide; the picture shows all but its outermost hundredth.
        path: Of a JPEG file.
        sun: How high it stands, and from where it shines, anticlockwise from the right; degrees.
        samples: Of Cycles.
    """
    bpy.ops.wm.read_factory_settings(use_empty=True)
    lay_out(surface)
    light(*sun)
    look_down()
    render(path, samples)


def look_down() -> None:
    """A camera straight above the square."""
    camera = bpy.data.cameras.new("Camera")
    camera.type, camera.ortho_scale = "ORTHO", 0.98
    place = bpy.data.objects.new("Camera", camera)
    place.location = (0.5, 0.5, 2)
    bpy.context.scene.collection.objects.link(place)
    bpy.context.scene.camera = place


def light(elevation: float, azimuth: float, strength: float = 4.2) -> None:
    """A sun that a haze makes a little soft, and a sky brighter on its side."""
    sun = bpy.data.lights.new("Sun", "SUN")
    sun.energy, sun.angle, sun.color = strength, math.radians(2.5), (1.0, 0.90, 0.76)
    lamp = bpy.data.objects.new("Sun", sun)
    lamp.rotation_euler = (0, math.radians(90 - elevation), math.radians(azimuth))
    bpy.context.scene.collection.objects.link(lamp)
    world = bpy.data.worlds.new("Sky")
    world.use_nodes = True
    sky = next(node for node in world.node_tree.nodes if node.type == "BACKGROUND")
    sky.inputs["Color"].default_value = (0.58, 0.72, 1.0, 1)
    sky.inputs["Strength"].default_value = 0.75
    bpy.context.scene.world = world


def render(path: Path, samples: int) -> None:
    """Render the scene by Cycles into a JPEG."""
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.device, scene.cycles.samples, scene.cycles.seed = "CPU", samples, 1
    scene.cycles.use_denoising, scene.cycles.max_bounces = True, 3
    scene.view_settings.view_transform = "AgX"
    scene.view_settings.look = "AgX - Medium High Contrast"
    scene.render.resolution_x = scene.render.resolution_y = PHOTO_SIDE
    scene.render.image_settings.file_format = "JPEG"
    scene.render.image_settings.quality = JPEG_QUALITY
    scene.render.threads_mode, scene.render.threads = "FIXED", 1
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)


def write_maps(surface: Surface, folder: Path) -> None:
    """Write the maps of a surface: what it is, without any light.

    The height's white is the highest place, black the lowest; its normals are OpenGL's.
    """
    height = shrink(surface.height, MAP_SIDE)
    span = float(np.ptp(height)) or 1.0
    images = {
        "base_color": encode(np.clip(shrink(surface.colour, MAP_SIDE), 0, 1)),
        "normal": 0.5 + 0.5 * find_normals(height),
        "roughness": np.repeat(shrink(surface.roughness, MAP_SIDE)[..., None], 3, -1),
        "height": np.repeat(((height - height.min()) / span)[..., None], 3, -1),
    }
    scene = bpy.context.scene
    for name in MAPS:
        settings = scene.render.image_settings
        settings.file_format, settings.compression = "PNG", 100
        settings.color_mode = "BW" if name in ("roughness", "height") else "RGB"
        settings.color_depth = "16" if name == "height" else "8"
        scene.view_settings.view_transform, scene.view_settings.look = "Raw", "None"
        image = make_image(name, images[name])
        image.save_render(str(folder / f"{name}.png"), scene=scene)


def find_normals(height: Field) -> Field:
    """Give the normals of heights in widths of the square; y points up."""
    down, right = np.gradient(height, 1 / height.shape[0])
    normal = np.stack([-right, down, np.ones_like(height)], axis=-1)
    return np.asarray(normal / np.linalg.norm(normal, axis=-1, keepdims=True))


def shrink(field: Field, side: int) -> Field:
    """Average cells into so many a side."""
    factor = field.shape[0] // side
    parts = field.reshape(side, factor, side, factor, *field.shape[2:])
    return np.asarray(parts.mean(axis=(1, 3)))


def encode(linear: Field) -> Field:
    """Encode linear light as sRGB does."""
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def make_image(name: str, pixels: Field) -> bpy.types.Image:
    """Make an image of shape (rows, columns, 3), top row first, of plain numbers."""
    rows, columns = pixels.shape[:2]
    image = bpy.data.images.new(name, columns, rows, float_buffer=True, is_data=True)
    full = np.ones((rows, columns, 4), np.float32)
    full[..., :3] = pixels[::-1]
    image.pixels.foreach_set(full.ravel())
    image.update()
    return image


def lay_out(surface: Surface) -> None:
    """A grid of points at the surface's heights, with its colours, roughness and normals."""
    line = (np.arange(POINTS) + 0.5) / POINTS
    x, y = np.meshgrid(line, 1 - line)
    cells = np.clip((line * CELLS).astype(int), 0, CELLS - 1)
    z = surface.height[np.ix_(cells, cells)]
    points = np.stack([x, y, z], axis=-1).reshape(-1, 3)
    first = (np.arange(POINTS - 1)[:, None] * POINTS + np.arange(POINTS - 1)).ravel()
    faces = np.stack([first, first + POINTS, first + POINTS + 1, first + 1], axis=-1)
    mesh = bpy.data.meshes.new("Surface")
    mesh.vertices.add(len(points))
    mesh.vertices.foreach_set("co", points.astype(np.float32).ravel())
    mesh.loops.add(faces.size)
    mesh.loops.foreach_set("vertex_index", faces.astype(np.int32).ravel())
    mesh.polygons.add(len(faces))
    mesh.polygons.foreach_set("loop_start", np.arange(0, faces.size, 4, dtype=np.int32))
    mesh.update(calc_edges=True)
    mesh.shade_smooth()
    mesh.materials.append(_material(surface))
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("Surface", mesh))


def _material(surface: Surface) -> bpy.types.Material:
    """The surface's own numbers, at the place that is above each point."""
    material = bpy.data.materials.new("Surface")
    material.use_nodes = True
    tree = material.node_tree
    shader = next(node for node in tree.nodes if node.type == "BSDF_PRINCIPLED")
    where = tree.nodes.new("ShaderNodeNewGeometry").outputs["Position"]
    rough = np.repeat(surface.roughness[..., None], 3, -1)
    for socket, pixels in (("Base Color", surface.colour), ("Roughness", rough)):
        texture = tree.nodes.new("ShaderNodeTexImage")
        texture.image = make_image(socket, pixels)
        texture.extension = "EXTEND"
        tree.links.new(where, texture.inputs["Vector"])
        tree.links.new(texture.outputs["Color"], shader.inputs[socket])
    return material
