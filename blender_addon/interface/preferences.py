"""Where the engine is, what it computes on, and whether it is ready; set up, repair, remove."""

from __future__ import annotations

from pathlib import Path

import bpy
from bpy.app.translations import pgettext_iface as iface_

from .. import add_on
from ..engine import jobs, setup_state
from ..engine.check import Check
from ..engine.choices import DEVICES, OWN_FILE, WEIGHTS
from ..engine.saying import say
from ..engine_setup.place import Record
from ..operators.set_up import gigabytes
from ..synthesis.properties import list_items
from . import set_up_panel
from .wrapping import draw_text

_DEVICES = {"cuda": "the graphics card", "mps": "Apple's graphics", "cpu": "the processor"}


def _moved(self: bpy.types.AddonPreferences, context: bpy.types.Context) -> None:
    """Look at the engine again when its place has changed."""
    setup_state.refresh()


class TexcorePreferences(bpy.types.AddonPreferences):
    """The add-on's preferences."""

    bl_idname = add_on.ID

    folder: bpy.props.StringProperty(
        name="Engine Folder",
        description="Where the engine is set up: in a folder tx there, if it holds anything else. "
        "Empty: a folder of the extension's own. On Windows, choose one with a short name",
        subtype="DIR_PATH",
        update=_moved,
    )
    python: bpy.props.StringProperty(
        name="Engine Python",
        description="A Python that has PyTorch, instead of the engine that Texcore sets up",
        subtype="FILE_PATH",
        update=_moved,
    )
    host: bpy.props.StringProperty(
        name="Other Computer",
        description="A computer that your ssh reaches without a password, as ~/.ssh/config names "
        "it, or user@host: the engine works there. Empty: on this one",
        update=_moved,
    )
    device: bpy.props.EnumProperty(
        name="Compute On",
        description="What the engine works with",
        items=list_items(DEVICES),
        default="auto",
    )
    weights: bpy.props.EnumProperty(
        name="Weights",
        description="The network that sees the texture",
        items=list_items(WEIGHTS),
        default="auto",
    )
    weights_file: bpy.props.StringProperty(
        name="Weights File",
        description="A VGG-16 or VGG-19 as torchvision publishes it (.pth), or as .safetensors",
        subtype="FILE_PATH",
    )
    rest_minutes: bpy.props.IntProperty(
        name="Rest After",
        description="Minutes without work after which the engine is ended and its memory is free; "
        "the next texture starts it again. 0: never",
        default=5,
        min=0,
        soft_max=60,
    )

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the engine and what can be done with it, the settings, and the last check."""
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        self._draw_engine(layout.box(), context)
        column = layout.column()
        column.prop(self, "device")
        column.prop(self, "weights")
        if self.weights == OWN_FILE:
            column.prop(self, "weights_file")
        column.prop(self, "rest_minutes")
        self._draw_weights(layout.box(), context)

    def _draw_engine(self, layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
        known = setup_state.known
        if known.running:
            set_up_panel.draw_progress(layout, context)
            return
        if known.looked and known.python is None:
            draw_text(layout, set_up_panel.needed(), context, icon="IMPORT")
            set_up_panel.draw_offer(layout, context)
        elif known.host:
            text = iface_("The engine works on {host}.").format(host=known.host)
            draw_text(layout, text, context, icon="URL")
            ended = set_up_panel.find_end(known.host)
            if ended is not None:
                set_up_panel.draw_end(layout, context, ended)
            layout.operator("texcore.set_up_there", icon="IMPORT")
        elif known.record is not None and Path(known.record.python) == known.python:
            self._draw_own(layout, context, known.record)
        elif known.python is not None:
            draw_text(layout, str(known.python), context, icon="CHECKMARK")
        layout.prop(self, "folder", placeholder=setup_state.shown_folder())
        layout.prop(self, "python", placeholder="Automatic")
        layout.prop(self, "host")
        row = layout.row()
        row.operator("texcore.check_engine", icon="VIEWZOOM")
        row.operator("texcore.stop_engine", icon="CANCEL")
        self._draw_check(layout, context)

    def _draw_own(
        self, layout: bpy.types.UILayout, context: bpy.types.Context, record: Record
    ) -> None:
        """Draw the environment that the add-on has set up."""
        known = setup_state.known
        text = iface_("PyTorch {version} on {device}, {size} on disk.")
        text = text.format(
            version=record.torch,
            device=iface_(_DEVICES.get(record.device, record.device)),
            size=gigabytes(record.bytes),
        )
        draw_text(layout, text, context, icon="CHECKMARK")
        if known.outdated:
            draw_text(layout, iface_("This Texcore wants another version."), context, icon="INFO")
        ended = set_up_panel.find_end()
        if ended is not None:
            set_up_panel.draw_end(layout, context, ended)
        row = layout.row()
        row.operator("texcore.set_up", text="Update", icon="FILE_REFRESH").fresh = True
        row.operator("texcore.set_up", text="Repair", icon="MODIFIER").repair = True
        row.operator("texcore.remove_engine", text="Remove", icon="TRASH")

    def _draw_weights(self, layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
        names, size = setup_state.known.weights
        if names:
            text = f"{', '.join(names)} ({gigabytes(size)})"
            draw_text(layout, text, context, icon="CHECKMARK")
        else:
            text = iface_("No network's weights are here yet: textures are drafts.")
            draw_text(layout, text, context, icon="INFO")
        row = layout.row()
        fetch = row.operator("texcore.set_up", text="Fetch Weights", icon="IMPORT")
        fetch.weights_only = True
        row.operator("texcore.remove_weights", icon="TRASH")

    def _draw_check(self, layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
        job = jobs.latest.get(Check.method)
        if job is None or not isinstance(job.task, Check):
            return
        icon = "CHECKMARK" if job.task.ready else "ERROR" if job.ended else "TIME"
        said = say(job.message) if job.ended else f"{say(job.stage)}…"
        draw_text(layout, said, context, icon=icon)
        for line in job.task.lines:
            draw_text(layout, say(line), context, icon="BLANK1")


def register() -> None:
    """Add the preferences."""
    bpy.utils.register_class(TexcorePreferences)


def unregister() -> None:
    """Remove the preferences."""
    bpy.utils.unregister_class(TexcorePreferences)
