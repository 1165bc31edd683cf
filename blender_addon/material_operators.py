"""The verbs for whole materials: a new set of maps, and a material from a folder of maps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import bpy

from . import jobs, maps_material, preferences
from .asking import FROM_PANEL, Asked
from .bundled.texcore.errors import TexcoreError
from .material_synthesis import MaterialSynthesis


class _Making(Asked):
    """What both operators do in the end."""

    report: Any  # Blender's

    def _make(
        self, context: bpy.types.Context, material: str, way: Callable[[jobs.Job], None]
    ) -> None:
        python = preferences.engine_python(context)
        task = MaterialSynthesis(context, self.asked(context, material=material))
        job = jobs.Job(task, python)
        way(job)
        if job.ended:
            self.report({"INFO"}, job.message)


class TEXCORE_OT_synthesize_material(_Making, bpy.types.Operator):
    """Make all maps of a material anew, as one, each in its own node.

    A script calls ``bpy.ops.texcore.synthesize_material(material="Bricks", width=1024,
    height=1024)``. It finds every image that feeds the shader or the displacement, whatever nodes
    are between. Width and height are those of the largest map; smaller ones stay in proportion. For
    the rest see ``texcore.synthesize``.
    """

    bl_idname = "texcore.synthesize_material"
    bl_label = "Synthesize Material"
    bl_description = "Make all maps of this material anew, so that they belong together"
    bl_options: ClassVar[set[str]] = {"REGISTER"}  # the undo step is pushed when all are there

    material: bpy.props.StringProperty(
        name="Material", description="Name of a material. Empty: the active one", **FROM_PANEL
    )

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Start the work and give Blender back to the artist."""
        return self._do(context, jobs.start)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Do the work and return when it is done."""
        return self._do(context, jobs.run)

    def _do(self, context: bpy.types.Context, way: Callable[[jobs.Job], None]) -> set[str]:
        try:
            self._make(context, self.material, way)
        except TexcoreError as e:
            self.report({"ERROR"}, str(e))
            return {"CANCELLED"}
        return {"FINISHED"}


class TEXCORE_OT_material_from_maps(_Making, bpy.types.Operator):
    """Make a material of a folder of maps, for the selected objects.

    A script calls ``bpy.ops.texcore.material_from_maps(directory="/maps/wall", synthesize=True)``.
    The maps are told by their names, as Poly Haven, ambientCG, Substance and Unreal write them.
    """

    bl_idname = "texcore.material_from_maps"
    bl_label = "Material from Maps"
    bl_description = "Make a material of a folder of maps and give it to the selected objects"
    bl_options: ClassVar[set[str]] = {"REGISTER", "UNDO"}

    directory: bpy.props.StringProperty(
        name="Folder", description="Of the files", subtype="DIR_PATH", **FROM_PANEL
    )
    filter_folder: bpy.props.BoolProperty(default=True, options={"HIDDEN"})
    filter_image: bpy.props.BoolProperty(default=True, options={"HIDDEN"})
    synthesize: bpy.props.BoolProperty(
        name="Synthesize", description="Make all maps anew on the way", **FROM_PANEL
    )

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Ask for the folder."""
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def draw(self, context: bpy.types.Context) -> None:
        """What the file browser offers beside the folder."""
        self.layout.prop(self, "synthesize")

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Make the material; in a window, its synthesis goes on while the artist works."""
        try:
            folder = Path(bpy.path.abspath(self.directory))
            material, notes = maps_material.make(folder)
            maps_material.give(material, context)
            if notes:
                self.report({"INFO"}, notes)
            if self.synthesize:
                way = jobs.run if bpy.app.background else jobs.start
                self._make(context, material.name, way)
        except TexcoreError as e:
            self.report({"ERROR"}, str(e))
            return {"CANCELLED"}
        return {"FINISHED"}


_CLASSES = (TEXCORE_OT_synthesize_material, TEXCORE_OT_material_from_maps)


def register() -> None:
    """Add the operators."""
    for cls in _CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Remove the operators."""
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
