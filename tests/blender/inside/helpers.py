"""What the checks inside Blender share: pictures, materials, the extension's modules."""

from __future__ import annotations

import functools
import importlib
import os
import stat
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import addon_utils
import bpy
import numpy as np
from engines.png import png

PACKAGE = "bl_ext.user_default.texcore"
ENGINE_PYTHON = os.environ["TEXCORE_PYTHON"]
FAST = {"width": 32, "height": 32, "quality": "draft", "weights": "random", "device": "cpu"}
ENGINES = Path(__file__).parent / "engines"


class Layout:
    """Takes whatever a panel draws; who wants to know of something takes that itself."""

    def __getattr__(self, name: str) -> Callable[..., Layout]:
        return lambda *words, **more: self


def enable() -> None:
    """Enable the extension if the profile has not done so (the wheel reads no preferences)."""
    if PACKAGE not in bpy.context.preferences.addons:
        bpy.ops.preferences.addon_enable(module=PACKAGE)
    assert addon_utils.check(PACKAGE)[1]


def options(**words):
    """What a task is asked for, the recipe's settings among the others, as scripts give them."""
    settings = module("synthesis.settings")
    return settings.change_options(settings.Options(), words)


def module(name: str):
    """A module of the installed extension."""
    return importlib.import_module(f"{PACKAGE}.{name}")


def folder() -> Path:
    """A new temporary folder."""
    return Path(tempfile.mkdtemp(prefix="texcore-test-", dir=os.environ.get("TEXCORE_TEST_FOLDER")))


def files_of(task) -> list[Path]:
    """The temporary files of a task."""
    return [path for path in Path(task._folder.name).rglob("*") if path.is_file()]


def picture(size: int = 64, seed: int = 0) -> np.ndarray:
    """Red bricks: values in 0...1 of shape (size, size, 4)."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:size, :size]
    joint = (y % 16 < 3) | ((x + 8 * (y // 16 % 2)) % 16 < 3)
    rgb = np.where(joint[..., None], [0.7, 0.7, 0.65], [0.6, 0.25, 0.2])
    rgb = np.clip(rgb + rng.normal(0, 0.04, rgb.shape), 0, 1)
    return np.concatenate([rgb, np.ones((size, size, 1))], axis=2)


def write_png(path: Path, pixels: np.ndarray, bits: int = 8) -> Path:
    """Write values in 0...1 of shape (height, width, channels) as a PNG of 8 or 16 bits."""
    path.write_bytes(png(pixels, bits))
    return path


def load(bits: int = 8, channels: int = 3, size: int = 64) -> bpy.types.Image:
    """A picture as an image of the file, loaded from disk as ``bricks.png``."""
    path = write_png(folder() / "bricks.png", picture(size)[..., :channels], bits)
    return bpy.data.images.load(str(path))


def generated(is_float: bool = False, size: int = 64) -> bpy.types.Image:
    """A picture that was never a file."""
    image = bpy.data.images.new("painted", size, size, alpha=True, float_buffer=is_float)
    image.pixels.foreach_set(picture(size).astype(np.float32).ravel())
    return image


def textured(image: bpy.types.Image | None, name: str = "Bricks") -> bpy.types.ShaderNodeTexImage:
    """The Image Texture node of a new material, which feeds its Base Color."""
    material = bpy.data.materials.new(name)
    if bpy.app.version < (5, 0, 0):
        material.use_nodes = True
    tree = material.node_tree
    node = tree.nodes.new("ShaderNodeTexImage")
    node.image = image
    tree.links.new(node.outputs["Color"], tree.nodes["Principled BSDF"].inputs["Base Color"])
    tree.nodes.active = None
    mesh = bpy.data.meshes.new(name)
    mesh.materials.append(material)
    thing = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(thing)
    bpy.context.view_layer.objects.active = thing
    return node


def the_node() -> bpy.types.ShaderNodeTexImage:
    """The Image Texture node of the material “Bricks”; undo makes references to it stale."""
    nodes = bpy.data.materials["Bricks"].node_tree.nodes
    return next(n for n in nodes if n.bl_idname == "ShaderNodeTexImage")


def slices_in(node: bpy.types.ShaderNodeGroup) -> list[bpy.types.Image]:
    """The picture of a solid texture's slices, once for each node that holds it."""
    nodes = node.node_tree.nodes
    return [n.image for n in nodes if isinstance(n, bpy.types.ShaderNodeTexImage) and n.image]


def pixels(image: bpy.types.Image) -> np.ndarray:
    """An image's values, shape (height, width, 4)."""
    flat = np.empty(image.size[0] * image.size[1] * 4, np.float32)
    image.pixels.foreach_get(flat)
    return flat.reshape(image.size[1], image.size[0], 4)


@functools.cache
def engine(name: str) -> str:
    """Path of an “engine Python” that stays the same, so that the engine stays warm."""
    return faulty_engine(name)


def faulty_engine(name: str) -> str:
    """Path of an “engine Python” that runs one of the faulty engines whatever it is told."""
    path = folder() / "python"
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{ENGINES / name}"\n', encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def synthesize(**words) -> bpy.types.Image:
    """Run the operator with fast settings; returns the newest image."""
    before = {image.session_uid for image in bpy.data.images}
    assert bpy.ops.texcore.synthesize(**FAST | words) == {"FINISHED"}
    (new,) = [image for image in bpy.data.images if image.session_uid not in before]
    return new
