"""Where the engine's Python is, what it computes on, and whether it is ready."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import bpy

from . import jobs
from .bundled.texcore import protocol, userdirs
from .bundled.texcore.errors import BadInput, Unavailable
from .bundled.texcore.paths import safely
from .bundled.texcore.protocol import Doctor
from .wrapping import draw_text

PYTHON_VARIABLE = "TEXCORE_PYTHON"
OWN_FILE = "file"

DEVICE_ITEMS = [
    ("auto", "Automatic", "A graphics card if there is one that works, else the processor"),
    ("cuda", "NVIDIA or AMD", "PyTorch's cuda device"),
    ("mps", "Apple", "PyTorch's mps device"),
    ("cpu", "Processor", "Slow, works everywhere"),
]
WEIGHT_ITEMS = [
    ("auto", "Automatic", "The best of those on this computer"),
    ("vgg19", "VGG-19", "Trained on photos of objects; the network of the papers"),
    ("vgg16", "VGG-16", "Smaller than VGG-19, nearly as good"),
    ("random", "Random", "An untrained network: nothing to download, simpler textures"),
    (OWN_FILE, "File", "A file of VGG weights"),
]


class TexcorePreferences(bpy.types.AddonPreferences):
    """The add-on's preferences."""

    bl_idname = __package__

    python: bpy.props.StringProperty(
        name="Engine Python",
        description="A Python that has PyTorch. Empty: the one that “build.py setup” has made",
        subtype="FILE_PATH",
    )
    device: bpy.props.EnumProperty(name="Compute On", items=DEVICE_ITEMS, default="auto")
    weights: bpy.props.EnumProperty(name="Network Weights", items=WEIGHT_ITEMS, default="auto")
    weights_file: bpy.props.StringProperty(name="Weights File", subtype="FILE_PATH")
    rest_minutes: bpy.props.IntProperty(
        name="Rest After",
        description="Minutes without work after which the engine is ended and its memory is free; "
        "the next texture starts it again. 0: never",
        default=5,
        min=0,
        soft_max=60,
    )

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the settings, the Check button and what the last check found."""
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.prop(self, "python", placeholder="Automatic")
        layout.prop(self, "device")
        layout.prop(self, "weights")
        if self.weights == OWN_FILE:
            layout.prop(self, "weights_file")
        layout.prop(self, "rest_minutes")
        row = layout.row()
        row.operator("texcore.check_engine", icon="VIEWZOOM")
        row.operator("texcore.stop_engine", icon="CANCEL")
        job = jobs.latest.get(Check.method)
        if job is not None and isinstance(job.task, Check):
            box = layout.box()
            icon = "CHECKMARK" if job.task.ready else "ERROR" if job.ended else "TIME"
            draw_text(box, job.message if job.ended else f"{job.stage}…", context, icon=icon)
            for line in job.task.lines:
                draw_text(box, line, context, icon="BLANK1")


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
    the environment made last by ``build.py setup``.

    Raises:
        Unavailable: There is none, or its file is missing.
    """
    given = os.environ.get(PYTHON_VARIABLE) or get(context).python
    if not given:
        try:
            given = userdirs.engine_python_file().read_text(encoding="utf-8").strip()
        except OSError:
            raise Unavailable(
                "No engine is set up yet: run “python build.py setup” once, "
                "or choose an engine Python in Texcore's preferences."
            ) from None
    python = _path(given)
    if python.is_dir():
        raise Unavailable(
            f"The engine Python {python} is a folder: choose the program in it, such as bin/python."
        )
    if not python.is_file():
        raise Unavailable(
            f"The engine Python {python} does not exist: run “python build.py setup” again, "
            "or choose another one in Texcore's preferences."
        )
    return python


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
