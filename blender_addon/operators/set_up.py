"""The verbs of the set-up. In scripts and in background mode they return when the work is done."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import bpy
from bpy.app.translations import pgettext_iface as iface_
from bpy.app.translations import pgettext_rpt as rpt_
from bpy.app.translations import pgettext_tip as tip_

from ..add_on import get_preferences
from ..bundled.texcore.contract.errors import BadInput, TexcoreError
from ..engine import choices, setup_state
from ..engine.saying import say

_NOT_SAVED: dict[str, Any] = {"options": {"SKIP_SAVE"}}
OFFLINE = "Online access is off in Blender's preferences (System › Network)"


class TEXCORE_OT_set_up(bpy.types.Operator):
    """Make the engine's environment and fetch the network's weights.

    A script calls ``bpy.ops.texcore.set_up()``, or ``set_up(wheels="/folder")`` where there is no
    network. It returns when the engine is ready; what goes wrong is a RuntimeError with the
    sentence that the artist would read. What is there is not made again, unless ``fresh`` or
    ``repair``.
    """

    bl_idname = "texcore.set_up"
    bl_label = "Set Up Engine"
    bl_description = (
        "Fetch what Texcore works with into a folder of its own. You can go on working, and even "
        "close Blender"
    )
    bl_options: ClassVar[set[str]] = {"REGISTER"}

    wheels: bpy.props.StringProperty(
        name="Folder of Wheels",
        description="Install from the files in this folder, without a network",
        subtype="DIR_PATH",
        **_NOT_SAVED,
    )
    fresh: bpy.props.BoolProperty(
        name="Anew",
        description="Make a new environment with the newest versions; the old one is then deleted",
        **_NOT_SAVED,
    )
    repair: bpy.props.BoolProperty(
        name="Repair", description="Make everything anew, with what it is made with", **_NOT_SAVED
    )
    weights_only: bpy.props.BoolProperty(
        name="Only the Weights", description="Only fetch the network's weights", **_NOT_SAVED
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """One at a time."""
        if setup_state.known.running:
            cls.poll_message_set("The engine is being set up already")
            return False
        return True

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Start it and give Blender back to the artist."""
        return self._start()

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Set up and return when it is done."""
        if self._start() == {"CANCELLED"}:
            return {"CANCELLED"}
        ended = setup_state.wait()
        self.report({"INFO"} if ended.status == "done" else {"ERROR"}, say(ended.message))
        return {"FINISHED"} if ended.status == "done" else {"CANCELLED"}

    def _start(self) -> set[str]:
        if not self.wheels and not bpy.app.online_access:
            self.report({"ERROR"}, rpt_(OFFLINE))
            return {"CANCELLED"}
        words: list[str | Path] = []
        if self.wheels:
            words += ["--wheels", Path(bpy.path.abspath(self.wheels)).absolute()]
        words += ["--fresh"] * self.fresh + ["--repair"] * self.repair
        try:
            if self.weights_only:
                words += ["--weights-only", "--python", choices.find_python(bpy.context)]
            else:
                # Who sets the engine up wants that one, not a Python chosen before.
                get_preferences(bpy.context).python = ""
            setup_state.start(*words)
        except TexcoreError as e:
            self.report({"ERROR"}, say(e))
            return {"CANCELLED"}
        return {"FINISHED"}


class TEXCORE_OT_set_up_there(bpy.types.Operator):
    """Set the engine up on the other computer of the preferences.

    A script calls ``bpy.ops.texcore.set_up_there()``, which returns when it is ready.
    """

    bl_idname = "texcore.set_up_there"
    bl_label = "Set Up There"
    bl_description = (
        "Fetch what Texcore works with, on the other computer, into a folder of its own there. "
        "You can go on working"
    )
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """One at a time."""
        return TEXCORE_OT_set_up.poll(context)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Start it and give Blender back to the artist."""
        return self._start(context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Set up and return when it is done."""
        if self._start(context) == {"CANCELLED"}:
            return {"CANCELLED"}
        ended = setup_state.wait()
        self.report({"INFO"} if ended.status == "done" else {"ERROR"}, say(ended.message))
        return {"FINISHED"} if ended.status == "done" else {"CANCELLED"}

    def _start(self, context: bpy.types.Context) -> set[str]:
        if not bpy.app.online_access:
            self.report({"ERROR"}, rpt_(OFFLINE))
            return {"CANCELLED"}
        try:
            host = choices.find_host(context)
            if not host:
                raise BadInput("Name the other computer in Texcore's preferences first.")
            setup_state.start_there(host)
        except TexcoreError as e:
            self.report({"ERROR"}, say(e))
            return {"CANCELLED"}
        return {"FINISHED"}


class TEXCORE_OT_set_up_from_wheels(bpy.types.Operator):
    """Install the engine from a folder of wheels, without a network."""

    bl_idname = "texcore.set_up_from_wheels"
    bl_label = "Install from a Folder of Wheels…"
    bl_description = (
        "Choose a folder that holds PyTorch and everything else that the engine needs as wheels, "
        "as “pip download” makes it on another computer"
    )
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    directory: bpy.props.StringProperty(name="Folder", subtype="DIR_PATH", **_NOT_SAVED)
    filter_folder: bpy.props.BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """One at a time."""
        return TEXCORE_OT_set_up.poll(context)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Let the artist choose."""
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Start it, and give Blender back to the artist."""
        return bpy.ops.texcore.set_up("INVOKE_DEFAULT", wheels=self.directory)


class TEXCORE_OT_choose_python(bpy.types.Operator):
    """Use a Python that has PyTorch already."""

    bl_idname = "texcore.choose_python"
    bl_label = "Use an Existing Python…"
    bl_description = "Choose the Python program of an environment that has PyTorch, and check it"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    filepath: bpy.props.StringProperty(name="Python", subtype="FILE_PATH", **_NOT_SAVED)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Let the artist choose."""
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Remember it in the preferences, and let the engine look at itself."""
        get_preferences(context).python = self.filepath
        setup_state.refresh()
        if setup_state.known.python is None:
            self.report({"ERROR"}, say(setup_state.known.why))
            return {"CANCELLED"}
        return bpy.ops.texcore.check_engine("INVOKE_DEFAULT")


class TEXCORE_OT_cancel_set_up(bpy.types.Operator):
    """Stop setting the engine up; what was downloaded is kept for the next time."""

    bl_idname = "texcore.cancel_set_up"
    bl_label = "Cancel Set-Up"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """There must be something to stop."""
        return setup_state.known.running

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Stop it."""
        setup_state.cancel()
        return {"FINISHED"}


class TEXCORE_OT_remove_engine(bpy.types.Operator):
    """Delete the engine's environment from the disk; textures and settings stay."""

    bl_idname = "texcore.remove_engine"
    bl_label = "Remove Engine"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Not while it is being made."""
        return setup_state.known.record is not None and TEXCORE_OT_set_up.poll(context)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Ask, and say how much it is."""
        record = setup_state.known.record
        size = record.bytes if record else 0
        return _ask_to_remove(self, context, event, size, choices.get_folder())

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Delete it."""
        try:
            setup_state.remove_engine()
        except OSError as e:
            message = rpt_("{file} cannot be deleted ({why}): close what uses it, and try again")
            self.report({"ERROR"}, message.format(file=e.filename, why=e.strerror))
            return {"CANCELLED"}
        return {"FINISHED"}


class TEXCORE_OT_remove_weights(bpy.types.Operator):
    """Delete the weights that can be fetched again from the disk; networks of your own stay."""

    bl_idname = "texcore.remove_weights"
    bl_label = "Remove Weights"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """There must be some."""
        return setup_state.known.removable > 0 and TEXCORE_OT_set_up.poll(context)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Ask, and say how much it is."""
        size = setup_state.known.removable
        return _ask_to_remove(self, context, event, size, setup_state.weights_folder())

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Delete them."""
        setup_state.remove_weights()
        return {"FINISHED"}


class TEXCORE_OT_copy_set_up_log(bpy.types.Operator):
    """Copy everything that the set-up's programs said, for a bug report."""

    bl_idname = "texcore.copy_set_up_log"
    bl_label = "Copy Log"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Put it on the clipboard."""
        context.window_manager.clipboard = setup_state.log(choices.get_place(), 1 << 20)
        return {"FINISHED"}


def _ask_to_remove(
    operator: bpy.types.Operator,
    context: bpy.types.Context,
    event: bpy.types.Event,
    size: float,
    folder: object,
) -> set[str]:
    """Have an operator ask whether it shall delete what takes so many bytes in a folder."""
    answer: set[str] = context.window_manager.invoke_confirm(
        operator,
        event,
        title=iface_(operator.bl_label),
        message=tip_("{size} in {folder}").format(size=gigabytes(size), folder=folder),
        confirm_text=iface_("Remove"),
    )
    return answer


def gigabytes(bytes: float) -> str:
    """A size for people, such as “0.9 GB” or “31 MB”."""
    return f"{bytes / 1e9:.1f} GB" if bytes > 2e8 else f"{bytes / 1e6:.0f} MB"


_CLASSES = (
    TEXCORE_OT_set_up,
    TEXCORE_OT_set_up_there,
    TEXCORE_OT_set_up_from_wheels,
    TEXCORE_OT_choose_python,
    TEXCORE_OT_cancel_set_up,
    TEXCORE_OT_remove_engine,
    TEXCORE_OT_remove_weights,
    TEXCORE_OT_copy_set_up_log,
)


def register() -> None:
    """Add the operators."""
    for cls in _CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Remove the operators."""
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
