"""Where the engine is, what it computes on, and whether it is ready; set up, repair, remove."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import bpy
from bpy.app.translations import pgettext_iface as iface_

from . import jobs, setup_panel, setup_state
from .bundled.texcore import protocol, userdirs
from .bundled.texcore.errors import BadInput, Unavailable
from .bundled.texcore.paths import safely
from .bundled.texcore.protocol import Doctor
from .engine import SET_UP
from .engine_setup.place import Record, read
from .setup_operators import gigabytes
from .wrapping import draw_text

PYTHON_VARIABLE = "TEXCORE_PYTHON"
OWN_FILE = "file"

DEVICE_ITEMS = [
    ("auto", "Automatic", "A graphics card if there is one that works, else the processor"),
    ("cuda", "NVIDIA or AMD", "PyTorch's cuda device"),
    ("mps", "Apple", "PyTorch's mps device"),
    ("cpu", "Processor", "Slow, works everywhere"),
]
_DEVICES = {"cuda": "the graphics card", "mps": "Apple's graphics", "cpu": "the processor"}
WEIGHT_ITEMS = [
    ("auto", "Automatic", "The best of those on this computer"),
    ("vgg19", "VGG-19", "Trained on photos of objects; the network of the papers"),
    ("vgg16", "VGG-16", "Smaller than VGG-19, nearly as good"),
    ("random", "Random", "An untrained network: nothing to download, simpler textures"),
    (OWN_FILE, "File", "A file of VGG weights"),
]


def _moved(self: bpy.types.AddonPreferences, context: bpy.types.Context) -> None:
    """Look at the engine again when its place has changed."""
    setup_state.refresh()


class TexcorePreferences(bpy.types.AddonPreferences):
    """The add-on's preferences."""

    bl_idname = __package__

    folder: bpy.props.StringProperty(
        name="Engine Folder",
        description="Where the engine is set up. Empty: a folder of the extension's own. On "
        "Windows, choose one with a short name",
        subtype="DIR_PATH",
        update=_moved,
    )
    python: bpy.props.StringProperty(
        name="Engine Python",
        description="A Python that has PyTorch, instead of the engine that Texcore sets up",
        subtype="FILE_PATH",
        update=_moved,
    )
    device: bpy.props.EnumProperty(
        name="Compute On",
        description="What the engine works with",
        items=DEVICE_ITEMS,
        default="auto",
    )
    weights: bpy.props.EnumProperty(
        name="Network Weights",
        description="The network that sees the texture",
        items=WEIGHT_ITEMS,
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
            setup_panel.draw_progress(layout, context)
            return
        if known.looked and known.python is None:
            draw_text(layout, setup_panel.needed(), context, icon="IMPORT")
            setup_panel.draw_offer(layout, context)
        elif known.record is not None and Path(known.record.python) == known.python:
            self._draw_own(layout, context, known.record)
        elif known.python is not None:
            draw_text(layout, str(known.python), context, icon="CHECKMARK")
        layout.prop(self, "folder", placeholder=setup_state.shown_folder())
        layout.prop(self, "python", placeholder="Automatic")
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
        if known.progress is not None and known.progress.status != "done":
            setup_panel.draw_end(layout, context, known.progress)
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
        draw_text(layout, job.message if job.ended else f"{job.stage}…", context, icon=icon)
        for line in job.task.lines:
            draw_text(layout, line, context, icon="BLANK1")


class Check:
    """Asking the engine whether everything it needs is there: the task of a job.

    Attributes:
        ready: Whether it is; False before the answer.
        lines: What is there and what to do, in the engine's words.
    """

    method = "doctor"
    params = None
    title = "the engine"

    def __init__(self) -> None:
        self.ready = False
        self.lines: list[str] = []

    def finish(self, result: Any) -> str:
        """Take the engine's answer; returns it in one sentence.

        Raises:
            ProtocolError: It is not an answer to ``doctor``.
        """
        doctor = protocol.read(Doctor, result)
        self.ready, self.lines = doctor.ready, doctor.lines
        return "The engine is ready." if doctor.ready else "The engine is not ready yet."

    def close(self) -> None:
        """Nothing to clean up."""


def get(context: bpy.types.Context) -> TexcorePreferences:
    """The preferences."""
    return context.preferences.addons[__package__].preferences


def engine_python(context: bpy.types.Context) -> Path:
    """The interpreter to run the engine with.

    It is the environment variable ``TEXCORE_PYTHON``; without that, the preference; without that,
    the environment that was set up in the preferences' folder; without that, the one that another
    Blender of this user or ``build.py setup`` has made last.

    Raises:
        Unavailable: There is none, or its file is missing.
    """
    given = os.environ.get(PYTHON_VARIABLE) or get(context).python
    if not given:
        record = read(Record, setup_state.place().record)
        given = record.python if record and record.complete else _made_elsewhere()
    if not given:
        raise Unavailable(f"The engine is not set up yet: {SET_UP}.")
    python = _path(given)
    if python.is_dir():
        raise Unavailable(
            f"The engine Python {python} is a folder: choose the program in it, such as bin/python."
        )
    if not python.is_file():
        raise Unavailable(f"The engine Python {python} does not exist: {SET_UP}.")
    return python


def _made_elsewhere() -> str:
    """The Python that another Blender or the build script has told of; empty if none has."""
    try:
        return userdirs.engine_python_file().read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def weights(context: bpy.types.Context, given: str | None = None) -> str:
    """The protocol's word for the weights chosen, or their file's absolute path.

    Args:
        context: Where the user is.
        given: What a script or command asked for; None: what the preferences say.

    Raises:
        BadInput: The file chosen in the preferences is not there.
    """
    if given is not None:
        # The engine works in another folder and knows no “//”.
        file = _path(given)
        return str(file) if safely(file.is_file) else given
    preferences = get(context)
    if preferences.weights != OWN_FILE:
        return preferences.weights
    path = _path(preferences.weights_file)
    if not path.is_file():
        raise BadInput(f"The weights file {path} does not exist: choose another one.")
    return str(path)


def _path(given: str) -> Path:
    """A path as users write it, absolute: with “//” of the blend file's folder, or “~”."""
    return Path(bpy.path.abspath(given)).expanduser().absolute()


def register() -> None:
    """Add the preferences."""
    bpy.utils.register_class(TexcorePreferences)


def unregister() -> None:
    """Remove the preferences."""
    bpy.utils.unregister_class(TexcorePreferences)
