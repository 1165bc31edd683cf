"""A material of a folder of maps: which file goes where in the node tree."""

from __future__ import annotations

from pathlib import Path

import bpy

from .bundled.texcore.errors import BadInput
from .bundled.texcore.material import names
from .bundled.texcore.material.kinds import KINDS, kind

COLUMN, ROW = 300, 280  # of the node tree, in its units
#: What a scalar is plugged into, by name; Specular's name changed in Blender 4.
_SOCKETS = {
    "roughness": "Roughness",
    "metallic": "Metallic",
    "opacity": "Alpha",
    "specular": "Specular IOR Level",
}
# Metres from black to white: a wall's joints, a gravel's stones.
_DISPLACEMENT = 0.05
_BUMP = 0.02


def make(folder: Path) -> tuple[bpy.types.Material, str]:
    """A new material of the maps in a folder.

    Returns:
        The material, and what the artist should know.

    Raises:
        BadInput: The folder has no maps, or one of them cannot be read.
    """
    found = names.find(folder)
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
    if kind(id).meaning != "colour":
        image.colorspace_settings.name = "Non-Color"
    return image


class _Builder:
    """Puts maps into the tree of a new material."""

    def __init__(self, material: bpy.types.Material) -> None:
        self.tree = material.node_tree
        self.shader = next(n for n in self.tree.nodes if n.type == "BSDF_PRINCIPLED")
        self.output = next(n for n in self.tree.nodes if n.type == "OUTPUT_MATERIAL")
        self._rows = 0

    def build(self, pictures: dict[str, bpy.types.Image]) -> None:
        """Put every map into its place."""
        outputs = {id: self._texture(id, image) for id, image in pictures.items()}
        colour = outputs.pop("base_color", None)
        scalars: dict[str, bpy.types.NodeSocket] = {}
        for id, output in outputs.items():
            if len(KINDS[id].channels) > 1:
                separate = self._node("ShaderNodeSeparateColor", output)
                scalars |= dict(zip(KINDS[id].channels, separate.outputs, strict=False))
            elif KINDS[id].meaning == "scalars":
                scalars[id] = output
        if "gloss" in scalars and "roughness" not in scalars:
            scalars["roughness"] = self._node(
                "ShaderNodeInvert", scalars["gloss"], "Color"
            ).outputs[0]
        if colour is not None and "ao" in scalars:
            colour = self._times(colour, scalars["ao"])
        if colour is not None:
            self._link(colour, self.shader.inputs["Base Color"])
        if "emission" in outputs:
            self._link(outputs["emission"], self.shader.inputs["Emission Color"])
            self.shader.inputs["Emission Strength"].default_value = 1.0
        for id, name in _SOCKETS.items():
            if id in scalars:
                self._link(scalars[id], self.shader.inputs[name])
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
                normal = self._normal(outputs[id], id == "normal_dx")
        if "bump" in scalars:
            bump = self._node("ShaderNodeBump", scalars["bump"], "Height")
            bump.inputs["Distance"].default_value = _BUMP
            if normal is not None:
                self._link(normal, bump.inputs["Normal"])
            normal = bump.outputs[0]
        if normal is not None:
            self._link(normal, self.shader.inputs["Normal"])
        if "height" in scalars:
            displacement = self._node("ShaderNodeDisplacement", scalars["height"], "Height")
            displacement.inputs["Scale"].default_value = _DISPLACEMENT
            self._link(displacement.outputs[0], self.output.inputs["Displacement"])

    def _normal(self, colour: bpy.types.NodeSocket, directx: bool) -> bpy.types.NodeSocket:
        """Normals of either convention; Blender's own is OpenGL's."""
        knows_both = "convention" in bpy.types.ShaderNodeNormalMap.bl_rna.properties  # from 5.1 on
        if directx and not knows_both:
            separate = self._node("ShaderNodeSeparateColor", colour)
            flip = self._node("ShaderNodeInvert", separate.outputs[1], "Color")
            combine = self._node("ShaderNodeCombineColor", separate.outputs[0])
            self._link(flip.outputs[0], combine.inputs[1])
            self._link(separate.outputs[2], combine.inputs[2])
            colour = combine.outputs[0]
        node = self._node("ShaderNodeNormalMap", colour, "Color")
        if directx and knows_both:
            node.convention = "DIRECTX"
        return node.outputs[0]

    def _times(
        self, colour: bpy.types.NodeSocket, grey: bpy.types.NodeSocket
    ) -> bpy.types.NodeSocket:
        """The colour darkened where the grey is dark."""
        node = self.tree.nodes.new("ShaderNodeMix")
        node.data_type, node.blend_type = "RGBA", "MULTIPLY"
        node.inputs[0].default_value = 1.0
        node.location = self._beside(colour)
        # A Mix node has sockets of all its types; those of colours are the last.
        first, second = (s for s in node.inputs if s.type == "RGBA")
        self._link(colour, first)
        self._link(grey, second)
        return next(s for s in node.outputs if s.type == "RGBA")

    def _texture(self, id: str, image: bpy.types.Image) -> bpy.types.NodeSocket:
        node = self.tree.nodes.new("ShaderNodeTexImage")
        node.image, node.label = image, KINDS[id].label
        node.location = (-4 * COLUMN, ROW * (1 - self._rows))
        self._rows += 1
        return node.outputs["Color"]

    def _node(
        self, type: str, source: bpy.types.NodeSocket, entry: str | int = 0
    ) -> bpy.types.Node:
        """A new node to the right of another, which feeds one of its inputs."""
        node = self.tree.nodes.new(type)
        node.location = self._beside(source)
        self._link(source, node.inputs[entry])
        return node

    def _beside(self, source: bpy.types.NodeSocket) -> tuple[float, float]:
        x, y = source.node.location
        return x + COLUMN, y

    def _link(self, source: bpy.types.NodeSocket, entry: bpy.types.NodeSocket) -> None:
        self.tree.links.new(source, entry)
