"""The verbs that hide a texture's repetition by nodes, and take these out again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

import bpy

from ..bundled.texcore.contract.errors import BadInput, TexcoreError
from ..engine.saying import say
from ..images import marks
from ..nodes import places, targets, untiling
from ..nodes.untiling_cells import DEFAULT_CELL_SIZE
from ..nodes.untiling_choosing import AUTO, LATTICE, SHIFTED, TURNED, choose_cells
from ..synthesis.properties import MAX_WHOLE

_PASSED: dict[str, Any] = {"options": {"SKIP_SAVE"}}  # else Blender repeats the last values
_MATERIAL: dict[str, Any] = {
    "name": "Material",
    "description": "Name of the material. Empty: the active one",
    **_PASSED,
}


class TEXCORE_OT_untile(bpy.types.Operator):
    """Put nodes in front of and behind the maps of a material that hide its repetition.

    A script calls ``bpy.ops.texcore.untile(material="Ground")``, and of a wall that Texcore has
    not made ``untile(material="Wall", method=LATTICE, across=4, up=8)``. All maps that lie on the
    surface as the material's active one does are laid alike. A second call lays them anew.
    """

    bl_idname = "texcore.untile"
    bl_label = "Un-Tile"
    bl_description = "Hide by nodes that this texture repeats on a large surface"
    bl_options: ClassVar[set[str]] = {"REGISTER", "UNDO"}

    material: bpy.props.StringProperty(**_MATERIAL)
    method: bpy.props.EnumProperty(
        name="Method",
        description="How the pieces of the texture are laid",
        items=[
            (
                AUTO,
                "Automatic",
                "By whole patterns where Texcore knows them; else turned if there are normals or "
                "heights; a photo alone is not turned, for it has its light in it",
            ),
            (TURNED, "Turned", "Shifted and turned at will: gravel, grass, rust"),
            (SHIFTED, "Shifted", "Shifted at will, not turned: bark, and photos lit aslant"),
            (LATTICE, "Whole Patterns", "Shifted by whole patterns: bricks, weave"),
        ],
        default=AUTO,
        **_PASSED,
    )
    cell_size: bpy.props.FloatProperty(
        name="Cell Size",
        description="Size of a piece, as a share of the texture's height",
        default=DEFAULT_CELL_SIZE,
        min=0.05,
        max=10.0,
        **_PASSED,
    )
    across: bpy.props.IntProperty(
        name="Repeats Across",
        description="How many patterns lie side by side in the texture. 0: what Texcore knows",
        min=0,
        max=marks.MAX_REPEATS,
        **_PASSED,
    )
    up: bpy.props.IntProperty(
        name="Repeats Up",
        description="How many patterns lie one above the other. 0: what Texcore knows",
        min=0,
        max=marks.MAX_REPEATS,
        **_PASSED,
    )
    per_object: bpy.props.BoolProperty(
        name="Per Object",
        description="Lay the texture otherwise on each object",
        default=True,
        **_PASSED,
    )
    seed: bpy.props.IntProperty(
        name="Seed",
        description="Another seed, another arrangement",
        min=0,
        max=min(MAX_WHOLE, 10_000),
        **_PASSED,
    )

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Put them in."""
        try:
            material, node = _find(context, self.material)
            said = untiling.untile(material, node, self._choose_cells(material, node))
        except TexcoreError as e:
            self.report({"ERROR"}, say(e))
            return {"CANCELLED"}
        self.report({"INFO"}, say(said))
        return {"FINISHED"}

    def _choose_cells(
        self, material: bpy.types.Material, node: bpy.types.ShaderNodeTexImage
    ) -> untiling.Cells:
        """Return what was given; else how it is laid already, or what suits the texture.

        Raises:
            BadInput: Whole patterns are asked for, and nobody knows which.
        """
        cells = untiling.Cells.read(node)
        if cells is None or any(map(self._has, ("method", "across", "up"))):
            way = choose_cells(material, node, self.method, self.across, self.up)
            cells = replace(cells or way, turn=way.turn, repeats=way.repeats)
        if self._has("cell_size"):
            cells = replace(cells, size=self.cell_size)
        if self._has("per_object"):
            cells = replace(cells, per_object=float(self.per_object))
        return replace(cells, seed=float(self.seed)) if self._has("seed") else cells

    def _has(self, name: str) -> bool:
        return bool(self.properties.is_property_set(name))


class TEXCORE_OT_remove_untiling(bpy.types.Operator):
    """Take the nodes of ``texcore.untile`` out of a material; the artist's are as they were."""

    bl_idname = "texcore.remove_untiling"
    bl_label = "Remove Un-Tiling"
    bl_description = "Take the nodes that hide the repetition out again"
    bl_options: ClassVar[set[str]] = {"REGISTER", "UNDO"}

    material: bpy.props.StringProperty(**_MATERIAL)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Take them out."""
        try:
            said = untiling.remove(places.get_material(context, self.material))
        except TexcoreError as e:
            self.report({"ERROR"}, say(e))
            return {"CANCELLED"}
        self.report({"INFO"}, say(said))
        return {"FINISHED"}


def _find(
    context: bpy.types.Context, name: str
) -> tuple[bpy.types.Material, bpy.types.ShaderNodeTexImage]:
    """Return the material that is meant, and which of its nodes.

    Raises:
        BadInput: There is none.
    """
    material = places.get_material(context, name)
    if not material.is_editable:
        raise BadInput(
            f"“{material.name}” is linked from another file: make it local to change it."
        )
    place = targets.find_target(context, material.name).place
    node = place.find() if place else None
    if node is None:
        raise BadInput(f"The material “{material.name}” has no Image Texture node that is used.")
    return material, node


_CLASSES = (TEXCORE_OT_untile, TEXCORE_OT_remove_untiling)


register, unregister = bpy.utils.register_classes_factory(_CLASSES)
