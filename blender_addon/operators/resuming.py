"""Go on with what was cancelled."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import bpy

from ..bundled.texcore.contract.errors import TexcoreError
from ..engine import jobs, suspending
from ..engine.job import EngineJob
from ..engine.saying import say


class TEXCORE_OT_resume(bpy.types.Operator):
    """Go on with the texture that was cancelled last, from where it was."""

    bl_idname = "texcore.resume"
    bl_label = "Resume"
    bl_options: ClassVar[set[str]] = {"REGISTER"}  # the undo step is pushed when it is there

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """There must be something to go on with."""
        if suspending.look() is None:
            cls.poll_message_set("Nothing was cancelled that could be gone on with")
            return False
        return True

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Start the work, or let it wait for its turn, and give Blender back to the artist."""
        return self._do(jobs.start)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Do the work and return when it is done."""
        return self._do(jobs.run)

    def _do(self, way: Callable[[EngineJob], None]) -> set[str]:
        job = jobs.resume()
        if job is None:
            return {"CANCELLED"}
        try:
            way(job)
        except TexcoreError as e:
            self.report({"ERROR"}, say(e))
            return {"CANCELLED"}
        if job.ended:
            self.report({"INFO"}, say(job.message))
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory((TEXCORE_OT_resume,))
