"""What mends an error, or a long wait, as a button under the sentence that tells of it."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import bpy

from .. import add_on
from ..bundled.texcore.contract.messages import ErrorCode
from ..bundled.texcore.contract.recipe import MIN_SIZE
from ..engine import jobs, setup_state
from ..engine.job import EngineJob
from ..synthesis.object_task import OnObject
from ..synthesis.outlook import QUICKER
from ..synthesis.task import Synthesis
from . import set_up_panel


def draw(layout: bpy.types.UILayout, context: bpy.types.Context, job: EngineJob) -> None:
    """Draw the buttons for a job that has failed; the last leads to the preferences.

    Args:
        layout: To draw into.
        context: Where.
        job: The job.
    """
    if job.needs_set_up or job.code == ErrorCode.PROTOCOL_MISMATCH:
        # Where the artist has chosen another Python, the own one need not be broken.
        known = setup_state.known
        own = known.record is not None and Path(known.record.python) == known.python
        text = "Repair Engine" if own else "Set Up Engine"
        layout.operator("texcore.set_up", text=text, icon="IMPORT").repair = own
        layout.operator("texcore.choose_python", icon="FILE_FOLDER")
    elif job.code == ErrorCode.NO_ENGINE:
        ended = set_up_panel.find_end(setup_state.known.host)
        if ended is not None:
            set_up_panel.draw_end(layout, context, ended)
        layout.operator("texcore.set_up_there", icon="IMPORT")
    elif job.code == ErrorCode.UNAVAILABLE:
        fetch = layout.operator("texcore.set_up", text="Fetch Weights", icon="IMPORT")
        fetch.weights_only = True
    elif job.code == ErrorCode.OUT_OF_MEMORY:
        layout.operator("texcore.smaller", icon="FULLSCREEN_EXIT")
    elif job.code == ErrorCode.BAD_UNWRAPPING and isinstance(job.task, OnObject):
        unwrap = layout.operator("texcore.unwrap_object", icon="UV")
        unwrap.object = job.task.object_name
    show = layout.operator("preferences.addon_show", text="Preferences", icon="PREFERENCES")
    show.module = add_on.ID


def draw_part(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Draw the button for a photo that is not one texture, of which all was learnt from."""
    if context.scene.texcore.learn_from == "all":
        layout.operator("texcore.learn_even", icon="SELECT_SET")


class TEXCORE_OT_learn_even(bpy.types.Operator):
    """Ask for a texture of the largest part of the photo that is one texture."""

    bl_idname = "texcore.learn_even"
    bl_label = "Learn From the Even Part"
    bl_options: ClassVar[set[str]] = {"UNDO", "INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Set it, for the artist to see and to start."""
        context.scene.texcore.learn_from = "even"
        return {"FINISHED"}


class TEXCORE_OT_smaller(bpy.types.Operator):
    """Ask for half the width and height."""

    bl_idname = "texcore.smaller"
    bl_label = "Half the Size"
    bl_options: ClassVar[set[str]] = {"UNDO", "INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Set it, for the artist to see and to start."""
        settings = context.scene.texcore
        job = jobs.latest.get(Synthesis.method)
        if job is not None:
            width, height = job.task.params.recipe.size
            settings.size = "custom"
            settings.width, settings.height = (max(MIN_SIZE, n // 2) for n in (width, height))
        return {"FINISHED"}


class TEXCORE_OT_quicker(bpy.types.Operator):
    """Ask for the quicker quality."""

    bl_idname = "texcore.quicker"
    bl_label = "Quicker Quality"
    bl_options: ClassVar[set[str]] = {"UNDO", "INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Set it, for the artist to see and to start."""
        settings = context.scene.texcore
        settings.quality = QUICKER.get(settings.quality, settings.quality)
        return {"FINISHED"}


_CLASSES = (TEXCORE_OT_learn_even, TEXCORE_OT_smaller, TEXCORE_OT_quicker)


register, unregister = bpy.utils.register_classes_factory(_CLASSES)
