"""Open a picture from the disk, where the panel has none."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import bpy
from bpy.app.translations import pgettext_iface as iface_
from bpy_extras.io_utils import ImportHelper

from ..add_on import CONTEXT
from ..bundled.texcore.contract.errors import BadInput, TexcoreError
from ..engine.redrawing import redraw
from ..engine.saying import say
from ..images import exchange
from ..results import opening
from ..synthesis.declaring import ImageSetting
from ..synthesis.settings import OPTIONS
from . import showing
from .dropping import SUFFIXES

_NODE = ("NODE", "Learn from It", "Put it into the material of the active object")
_BESIDE = {
    name.upper(): (name.upper(), setting.label, setting.description)
    for name, setting in OPTIONS.items()
    if isinstance(setting, ImageSetting)
}


class TEXCORE_OT_open_picture(bpy.types.Operator, ImportHelper):
    """Learn from a picture on disk, or use it as a second exemplar or as regions."""

    bl_idname = "texcore.open_picture"
    bl_label = "Open Picture"
    bl_options: ClassVar[set[str]] = {"REGISTER", "UNDO"}

    filter_glob: bpy.props.StringProperty(
        default=";".join(f"*{suffix}" for suffix in SUFFIXES), options={"HIDDEN"}
    )
    to: bpy.props.EnumProperty(
        name="To",
        description="What it is for",
        items=[_NODE, *_BESIDE.values()],
        options={"SKIP_SAVE", "HIDDEN"},
    )

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Load it, and put it where it is wanted; the 3D View it was asked for in shows it."""
        try:
            path = self._read_path()
            image = exchange.load_picture(path)
            if self.to in _BESIDE:
                setattr(context.scene.texcore, self.to.lower(), image)
                said = f"“{image.name}”: {iface_(_BESIDE[self.to][1], CONTEXT)}."
            else:
                said = opening.put_picture(context, image)
                showing.show_textures(context.space_data)
        except TexcoreError as e:
            self.report({"ERROR"}, say(e))
            return {"CANCELLED"}
        self.report({"INFO"}, say(said))
        redraw()
        return {"FINISHED"}

    def _read_path(self) -> Path:
        """Return the file that was chosen.

        Raises:
            BadInput: None was.
        """
        if not self.filepath:
            raise BadInput("No picture is given: choose one.")
        return Path(bpy.path.abspath(self.filepath))


register, unregister = bpy.utils.register_classes_factory((TEXCORE_OT_open_picture,))
