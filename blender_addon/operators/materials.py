"""The verbs for whole materials: a new set of maps, and a material from a folder of maps."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import bpy

from ..bundled.texcore.contract.errors import TexcoreError
from ..engine.saying import say
from ..nodes import building
from ..results import results
from ..synthesis.properties import add_properties
from ..synthesis.settings import OPTIONS, Options
from .options import COMMON, ON_MATERIAL, TakesOptions
from .synthesizing import begin_synthesis


@add_properties({**ON_MATERIAL, **COMMON}, from_panel=True)
class TEXCORE_OT_synthesize_material(TakesOptions, bpy.types.Operator):
    """Make all maps of a material anew, as one, each in its own node.

    A script calls ``bpy.ops.texcore.synthesize_material(material="Bricks", width=1024,
    height=1024, derive={"height", "normal"})``. It finds every image that feeds the shader or the
    displacement, whatever nodes are between. Width and height are those of the largest map; smaller
    ones stay in proportion. Maps to derive are plugged into the Principled BSDF where nothing is.
    For the rest see ``texcore.synthesize``.
    """

    bl_idname = "texcore.synthesize_material"
    bl_label = "Synthesize Material"
    bl_description = "Make all maps of this material anew, so that they belong together"
    bl_options: ClassVar[set[str]] = {"REGISTER"}  # the undo step is pushed when all are there

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Start the work, or let it wait for its turn, and give Blender back to the artist."""
        return begin_synthesis(self, context, lambda: self._options(context), wait=False)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Do the work and return when it is done."""
        return begin_synthesis(self, context, lambda: self._options(context), wait=True)

    def _options(self, context: bpy.types.Context) -> Options:
        return self.read_options(context, maps=True)


@add_properties({"derive": OPTIONS["derive"], **COMMON}, from_panel=True)
class TEXCORE_OT_material_from_maps(TakesOptions, bpy.types.Operator):
    """Make a material of a folder of maps, for the selected objects.

    A script calls ``bpy.ops.texcore.material_from_maps(directory="/maps/wall", synthesize=True)``.
    The maps are told by their names, as Poly Haven, ambientCG, Substance and Unreal write them.
    What is synthesised can get derived maps too, see ``texcore.synthesize_material``.
    """

    bl_idname = "texcore.material_from_maps"
    bl_label = "Material from Maps"
    bl_description = "Make a material of a folder of maps and give it to the selected objects"
    bl_options: ClassVar[set[str]] = {"REGISTER", "UNDO"}

    directory: bpy.props.StringProperty(
        name="Folder", description="Of the files", subtype="DIR_PATH", options={"SKIP_SAVE"}
    )
    filter_folder: bpy.props.BoolProperty(default=True, options={"HIDDEN"})
    filter_image: bpy.props.BoolProperty(default=True, options={"HIDDEN"})
    synthesize: bpy.props.BoolProperty(
        name="Synthesize", description="Make all maps anew on the way", options={"SKIP_SAVE"}
    )

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Ask for the folder."""
        self.derive = context.scene.texcore.derive
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def draw(self, context: bpy.types.Context) -> None:
        """What the file browser offers beside the folder."""
        self.layout.prop(self, "synthesize")
        column = self.layout.column(heading="Derive Maps")
        column.enabled = self.synthesize
        column.prop(self, "derive")

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Make the material; in a window, its synthesis goes on while the artist works."""
        try:
            folder = Path(bpy.path.abspath(self.directory))
            built = building.build_material(folder)
        except TexcoreError as e:
            self.report({"ERROR"}, say(e))
            return {"CANCELLED"}
        done = self._begin(context, built.material) if self.synthesize else {"FINISHED"}
        if done == {"CANCELLED"}:
            building.discard_material(built)
            return done
        results.give_material(context, built.material)
        if built.notes:
            self.report({"INFO"}, say(built.notes))
        return done

    def _begin(self, context: bpy.types.Context, material: bpy.types.Material) -> set[str]:
        """Make its maps anew, or begin to."""
        wait = bpy.app.background or not self.options.is_invoke
        return begin_synthesis(self, context, lambda: self._options(context, material.name), wait)

    def _options(self, context: bpy.types.Context, material: str) -> Options:
        return self.read_options(context, material=material, maps=True)


_CLASSES = (TEXCORE_OT_synthesize_material, TEXCORE_OT_material_from_maps)


register, unregister = bpy.utils.register_classes_factory(_CLASSES)
