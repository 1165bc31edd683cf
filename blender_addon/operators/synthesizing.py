"""The verbs. ``texcore.synthesize`` is also how scripts use Texcore."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

import bpy

from ..bundled.texcore.contract.errors import TexcoreError
from ..engine import choices, jobs
from ..engine.check import Check
from ..engine.job import EngineJob, engine
from ..engine.redrawing import redraw
from ..engine.saying import say
from ..synthesis.making import make_task
from ..synthesis.properties import MAX_WHOLE, add_properties
from ..synthesis.settings import OPTIONS, Options
from ..synthesis.task import Synthesis
from .options import COMMON, ON_MATERIAL, TakesOptions

_LEFT_OUT_AS_PANEL = {"options": {"SKIP_SAVE"}}  # else Blender repeats the last values


@add_properties({"image": OPTIONS["image"], **ON_MATERIAL, **COMMON}, from_panel=True)
class TEXCORE_OT_synthesize(TakesOptions, bpy.types.Operator):
    """Make a new texture from the active material's image and put it into the same node.

    A script calls ``bpy.ops.texcore.synthesize(material="Bricks", width=1024, height=1024)``. It
    returns when the texture is in the material; what goes wrong is a RuntimeError with the
    sentence that the artist would read, and the file is as it was. What is left out is taken from
    ``scene.texcore`` (the panel) and from the preferences. ``width`` or ``height`` 0 means that of
    the image. The new image is packed; its ``["texcore_recipe"]`` says how it was made. The old
    one is kept.
    """

    bl_idname = "texcore.synthesize"
    bl_label = "Synthesize Texture"
    bl_description = "Make a new texture from this image and put it into the same node"
    bl_options: ClassVar[set[str]] = {
        "REGISTER"
    }  # the undo step is pushed when the texture is there

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Start the work, or let it wait for its turn, and give Blender back to the artist."""
        return begin_synthesis(self, context, lambda: self.read_options(context), wait=False)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Do the work and return when it is done."""
        return begin_synthesis(self, context, lambda: self.read_options(context), wait=True)


def begin_synthesis(
    operator: bpy.types.Operator,
    context: bpy.types.Context,
    options: Callable[[], Options],
    wait: bool,
) -> set[str]:
    """Make a texture, or all maps of a material, for an operator.

    Args:
        operator: It reports what went wrong, or what was done.
        context: Where the user is.
        options: Called for what to make; a `TexcoreError` of it is reported too.
        wait: Return when the texture is there, rather than at once.

    Returns:
        What the operator returns.
    """
    try:
        python = choices.find_engine(context)
        live = not wait and context.scene.texcore.live
        wanted = replace(options(), live=live)
        task = make_task(context, wanted)
        job = EngineJob(task, python, task.watch)
        (jobs.run if wait else jobs.start)(job)
    except TexcoreError as e:
        operator.report({"ERROR"}, say(e))
        return {"CANCELLED"}
    if job.ended:
        operator.report({"INFO"}, say(job.message))
    return {"FINISHED"}


class TEXCORE_OT_cancel(bpy.types.Operator):
    """Stop making the texture; Esc over an editor does the same."""

    bl_idname = "texcore.cancel"
    bl_label = "Cancel Synthesis"
    bl_options: ClassVar[set[str]] = {"REGISTER"}

    which: bpy.props.IntProperty(
        name="Which",
        description="Place in the queue of the texture to cancel; 0 is the one being made",
        min=0,
        **_LEFT_OUT_AS_PANEL,
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """There must be something to stop."""
        if jobs.current() is None:
            cls.poll_message_set("Nothing is being made")
            return False
        return True

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Leave Esc to an animation that plays, and to the window of a render, which it closes."""
        image = getattr(context.space_data, "image", None)
        is_render = image is not None and image.type == "RENDER_RESULT"
        if event.type == "ESC" and (context.screen.is_animation_playing or is_render):
            return {"PASS_THROUGH"}
        return self.execute(context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Stop it."""
        jobs.current()  # drops those that have ended
        if self.which >= len(jobs.queue):
            self.report({"ERROR"}, say(f"There is no texture number {self.which} in the queue."))
            return {"CANCELLED"}
        jobs.queue[self.which].cancel()
        redraw()
        return {"FINISHED"}


class TEXCORE_OT_keep(bpy.types.Operator):
    """End the work now and put the texture as it is, at full size, into the node.

    The work goes on until the engine has written it. Its recipe is that of the finished texture.
    """

    bl_idname = "texcore.keep"
    bl_label = "Keep as It Is"
    bl_description = "End the work now and put the texture as it is into the node, at full size"
    bl_options: ClassVar[set[str]] = {"REGISTER"}  # the undo step is pushed when it is there

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """There must be something to keep."""
        job = jobs.current()
        if job is None or not job.keepable:
            cls.poll_message_set("There is nothing to keep yet")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Tell the engine."""
        job = jobs.current()
        if job is not None:
            job.keep()
        redraw()
        return {"FINISHED"}


class TEXCORE_OT_check_engine(bpy.types.Operator):
    """Start the engine and ask whether everything it needs is there."""

    bl_idname = "texcore.check_engine"
    bl_label = "Check Engine"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """The engine does one thing at a time."""
        return _idle(cls)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Start the check; the preferences show what it finds."""
        return self._do(context, jobs.start)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Check, and report what is there; a RuntimeError in scripts if the engine is not ready."""
        return self._do(context, jobs.run)

    def _do(self, context: bpy.types.Context, way: Callable[[EngineJob], None]) -> set[str]:
        check = Check()
        try:
            job = EngineJob(check, choices.find_engine(context))
            way(job)
        except TexcoreError as e:
            self.report({"ERROR"}, say(e))
            return {"CANCELLED"}
        if job.ended:
            text = "\n".join(map(say, [job.message, *check.lines]))
            self.report({"INFO"} if check.ready else {"ERROR"}, text)
        return {"FINISHED"}


class TEXCORE_OT_stop_engine(bpy.types.Operator):
    """Stop the engine and give its memory back; the next texture starts it again."""

    bl_idname = "texcore.stop_engine"
    bl_label = "Stop Engine"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """It must be there and have nothing to do."""
        if not engine.running:
            cls.poll_message_set("The engine is not running")
            return False
        return _idle(cls)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Stop it."""
        engine.stop()
        return {"FINISHED"}


class TEXCORE_OT_new_seed(bpy.types.Operator):
    """Another seed, another texture."""

    bl_idname = "texcore.new_seed"
    bl_label = "New Seed"
    bl_options: ClassVar[set[str]] = {"UNDO", "INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Set the seed to a random number."""
        context.scene.texcore.seed = random.randint(0, MAX_WHOLE)
        return {"FINISHED"}


class TEXCORE_OT_copy_log(bpy.types.Operator):
    """Copy what went wrong and the engine's last lines, for a bug report."""

    bl_idname = "texcore.copy_log"
    bl_label = "Copy Log"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Put it on the clipboard."""
        job = jobs.latest.get(Synthesis.method)
        if job is not None:
            context.window_manager.clipboard = f"{job.message}\n\n{job.log}".strip()
        return {"FINISHED"}


def _idle(operator: type[bpy.types.Operator]) -> bool:
    """Whether no job is running; says so to the artist otherwise."""
    if jobs.current() is not None:
        operator.poll_message_set("Texcore is busy: wait for it, or cancel")
        return False
    return True


_CLASSES = (
    TEXCORE_OT_synthesize,
    TEXCORE_OT_cancel,
    TEXCORE_OT_keep,
    TEXCORE_OT_check_engine,
    TEXCORE_OT_stop_engine,
    TEXCORE_OT_new_seed,
    TEXCORE_OT_copy_log,
)


_NODE_KEYMAP = ("Node Editor", "NODE_EDITOR")
_keymap_items: list[tuple[bpy.types.KeyMap, bpy.types.KeyMapItem]] = []


def register() -> None:
    """Add the operators, and Esc for Cancel; the preferences' keymap editor shows the latter."""
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    configuration = bpy.context.window_manager.keyconfigs.addon
    if configuration is None:  # in background mode
        return
    for name, space in (("3D View", "VIEW_3D"), ("Image", "IMAGE_EDITOR"), _NODE_KEYMAP):
        keymap = configuration.keymaps.new(name=name, space_type=space)
        item = keymap.keymap_items.new("texcore.cancel", "ESC", "PRESS")
        _keymap_items.append((keymap, item))


def unregister() -> None:
    """Remove the operators and their keys."""
    while _keymap_items:
        keymap, item = _keymap_items.pop()
        keymap.keymap_items.remove(item)
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
