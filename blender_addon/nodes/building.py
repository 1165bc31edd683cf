"""Make a material of a folder of maps: each file goes into its place in the node tree."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import bpy

from ..bundled.texcore.contract import map_names, udim
from ..bundled.texcore.contract.errors import BadInput
from ..bundled.texcore.contract.map_kinds import KINDS, get_kind
from ..images import map_files
from .wiring import COLUMN, ROW, Wiring

#: What a scalar is plugged into, by name; Specular's name changed in Blender 4.
_SOCKETS = {
    "roughness": "Roughness",
    "metallic": "Metallic",
    "opacity": "Alpha",
    "specular": "Specular IOR Level",
}


class Built(NamedTuple):
    """A material that was made of a folder.

    Attributes:
        material: It.
        loaded: Its images that were not in the artist's file before.
        notes: What the artist should know.
    """

    material: bpy.types.Material
    loaded: list[bpy.types.Image]
    notes: str


def build_material(folder: Path) -> Built:
    """Make a new material of the maps in a folder.

    Raises:
        BadInput: The folder has no maps, or one of them cannot be read; nothing has been changed.
    """
    found = map_names.find(folder)
    tiles = udim.find_tiles([*found.maps.values(), *found.passed_over])
    pictures: dict[str, bpy.types.Image] = {}
    loaded: list[bpy.types.Image] = []
    try:
        for kind, path in found.maps.items():
            is_data = get_kind(kind).meaning != "colour"
            image, is_new = map_files.load_map(path, tiles.get(path), is_data)
            pictures[kind] = image
            if is_new:
                loaded.append(image)
    except BadInput:
        _remove_images(loaded)
        raise
    material = bpy.data.materials.new(folder.resolve().name)
    if bpy.app.version < (5, 0, 0):
        material.use_nodes = True
    _Builder(material).build(pictures)
    taken = {tiles[path] for path in found.maps.values() if path in tiles}
    passed = ", ".join(path.name for path in found.passed_over if tiles.get(path) not in taken)
    return Built(material, loaded, f"Passed over: {passed}." if passed else "")


def discard_material(built: Built) -> None:
    """Remove a material that `build_material` has made, and the images that came with it."""
    bpy.data.materials.remove(built.material)
    _remove_images(built.loaded)


def _remove_images(images: Iterable[bpy.types.Image]) -> None:
    for image in images:
        bpy.data.images.remove(image)


class _Builder:
    """Puts maps into the tree of a new material."""

    def __init__(self, material: bpy.types.Material) -> None:
        tree = material.node_tree
        self.shader = next(n for n in tree.nodes if n.type == "BSDF_PRINCIPLED")
        self.output = next(n for n in tree.nodes if n.type == "OUTPUT_MATERIAL")
        self._wiring = Wiring(tree)

    def build(self, pictures: dict[str, bpy.types.Image]) -> None:
        """Put every map into its place."""
        wiring = self._wiring
        outputs = {
            kind: wiring.add_texture(
                image, KINDS[kind].label, -4 * COLUMN, ROW * (1 - row)
            ).outputs[0]
            for row, (kind, image) in enumerate(pictures.items())
        }
        colour = outputs.pop("base_color", None)
        scalars: dict[str, bpy.types.NodeSocket] = {}
        for kind, output in outputs.items():
            if len(KINDS[kind].channels) > 1:
                separate = wiring.add_node("ShaderNodeSeparateColor", output)
                scalars |= dict(zip(KINDS[kind].channels, separate.outputs, strict=False))
            elif KINDS[kind].meaning == "scalars":
                scalars[kind] = output
        if "gloss" in scalars and "roughness" not in scalars:
            scalars["roughness"] = wiring.add_node(
                "ShaderNodeInvert", scalars["gloss"], "Color"
            ).outputs[0]
        if colour is not None and "ao" in scalars:
            colour = wiring.multiply(colour, scalars["ao"], colour)
        if colour is not None:
            wiring.link(colour, self.shader.inputs["Base Color"])
        if "emission" in outputs:
            wiring.link(outputs["emission"], self.shader.inputs["Emission Color"])
            self.shader.inputs["Emission Strength"].default_value = 1.0
        for kind, name in _SOCKETS.items():
            if kind in scalars:
                wiring.link(scalars[kind], self.shader.inputs[name])
        self._shape(outputs, scalars)

    def _shape(
        self,
        outputs: dict[str, bpy.types.NodeSocket],
        scalars: dict[str, bpy.types.NodeSocket],
    ) -> None:
        """Plug in normals, bump and displacement."""
        normal = None
        for kind in ("normal", "normal_dx"):
            if kind in outputs:
                normal = self._wiring.add_normal(outputs[kind], kind == "normal_dx")
        if "bump" in scalars:
            normal = self._wiring.add_bump(scalars["bump"], normal)
        if normal is not None:
            self._wiring.link(normal, self.shader.inputs["Normal"])
        if "height" in scalars:
            moved = self._wiring.add_displacement(scalars["height"])
            self._wiring.link(moved, self.output.inputs["Displacement"])
