"""A material of a folder of maps: which file goes where in the node tree."""

from __future__ import annotations

from pathlib import Path

import bpy

from ..bundled.texcore.contract import map_names
from ..bundled.texcore.contract.errors import BadInput
from ..bundled.texcore.contract.map_kinds import KINDS, get_kind
from .wiring import COLUMN, ROW, Wiring

#: What a scalar is plugged into, by name; Specular's name changed in Blender 4.
_SOCKETS = {
    "roughness": "Roughness",
    "metallic": "Metallic",
    "opacity": "Alpha",
    "specular": "Specular IOR Level",
}


def make(folder: Path) -> tuple[bpy.types.Material, str]:
    """A new material of the maps in a folder.

    Returns:
        The material, and what the artist should know.

    Raises:
        BadInput: The folder has no maps, or one of them cannot be read.
    """
    found = map_names.find(folder)
    loaded: list[bpy.types.Image] = []
    pictures: dict[str, bpy.types.Image] = {}
    try:
        for id, path in found.maps.items():
            pictures[id] = _load(path, id)
            loaded.append(pictures[id])
    except BadInput:
        for image in loaded:
            bpy.data.images.remove(image)
        raise
    material = bpy.data.materials.new(folder.resolve().name)
    if bpy.app.version < (5, 0, 0):
        material.use_nodes = True
    _Builder(material).build(pictures)
    passed = ", ".join(path.name for path in found.passed_over)
    return material, f"Passed over: {passed}." if passed else ""


def give(material: bpy.types.Material, context: bpy.types.Context) -> None:
    """Put a material into the active slot of every selected object that takes one."""
    for thing in {*context.selected_objects, context.view_layer.objects.active} - {None}:
        if getattr(thing.data, "materials", None) is None or not thing.is_editable:
            continue
        if thing.material_slots:
            thing.material_slots[thing.active_material_index].material = material
        else:
            thing.data.materials.append(material)


def _load(path: Path, id: str) -> bpy.types.Image:
    """Raises BadInput."""
    try:
        image = bpy.data.images.load(str(path))
    except RuntimeError:
        raise BadInput(f"“{path}” cannot be read.") from None
    if min(image.size) == 0:
        bpy.data.images.remove(image)
        raise BadInput(f"“{path.name}” is damaged or no picture.")
    if get_kind(id).meaning != "colour":
        image.colorspace_settings.name = "Non-Color"
    return image


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
            id: wiring.texture(image, KINDS[id].label, -4 * COLUMN, ROW * (1 - row)).outputs[0]
            for row, (id, image) in enumerate(pictures.items())
        }
        colour = outputs.pop("base_color", None)
        scalars: dict[str, bpy.types.NodeSocket] = {}
        for id, output in outputs.items():
            if len(KINDS[id].channels) > 1:
                separate = wiring.node("ShaderNodeSeparateColor", output)
                scalars |= dict(zip(KINDS[id].channels, separate.outputs, strict=False))
            elif KINDS[id].meaning == "scalars":
                scalars[id] = output
        if "gloss" in scalars and "roughness" not in scalars:
            scalars["roughness"] = wiring.node(
                "ShaderNodeInvert", scalars["gloss"], "Color"
            ).outputs[0]
        if colour is not None and "ao" in scalars:
            colour = wiring.times(colour, scalars["ao"], colour)
        if colour is not None:
            wiring.link(colour, self.shader.inputs["Base Color"])
        if "emission" in outputs:
            wiring.link(outputs["emission"], self.shader.inputs["Emission Color"])
            self.shader.inputs["Emission Strength"].default_value = 1.0
        for id, name in _SOCKETS.items():
            if id in scalars:
                wiring.link(scalars[id], self.shader.inputs[name])
        self._shape(outputs, scalars)

    def _shape(
        self,
        outputs: dict[str, bpy.types.NodeSocket],
        scalars: dict[str, bpy.types.NodeSocket],
    ) -> None:
        """Normals, bump and displacement."""
        normal = None
        for id in ("normal", "normal_dx"):
            if id in outputs:
                normal = self._wiring.normal(outputs[id], id == "normal_dx")
        if "bump" in scalars:
            normal = self._wiring.bump(scalars["bump"], normal)
        if normal is not None:
            self._wiring.link(normal, self.shader.inputs["Normal"])
        if "height" in scalars:
            moved = self._wiring.displacement(scalars["height"])
            self._wiring.link(moved, self.output.inputs["Displacement"])
