"""New materials from pictures on disk: chosen in a dialog, or dropped into the 3D View."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import bpy
from bpy_extras.io_utils import ImportHelper

from ..bundled.texcore.contract.errors import BadInput, TexcoreError
from ..engine import choices
from ..engine.redrawing import redraw
from ..engine.saying import say
from ..images import exchange
from ..results import results
from ..synthesis.properties import add_properties
from ..synthesis.settings import OPTIONS, Options, change_options
from . import pointing, showing
from .options import read_preferences
from .pointing import Pointed
from .synthesizing import begin_synthesis

SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp", ".tga", ".exr", ".hdr")


@add_properties({"derive": OPTIONS["derive"]}, from_panel=True)
class TEXCORE_OT_new_material(bpy.types.Operator, ImportHelper):
    """Make a material with a new texture from each picture, for objects.

    Of what is dropped the object under the pointer gets the first, in the slot that is pointed at;
    if it is selected, the other selected ones get the rest in turn. Of what is chosen in the dialog
    the selected objects get it. A material that no object gets has a fake user.

    A script calls ``bpy.ops.texcore.new_material(filepath="wall.jpg")``, or gives ``directory`` and
    ``files=[{"name": "wall.jpg"}, …]``. In scripts it returns when the textures are there. With
    ``derive={"normal", "roughness"}`` the materials get these maps too, guessed from their color.
    """

    bl_idname = "texcore.new_material"
    bl_label = "New Texcore Material from Pictures"
    bl_description = (
        "Make a material with a new texture from each picture, for the selected objects; for the "
        "one under the pointer if it is dropped"
    )
    bl_options: ClassVar[set[str]] = {"REGISTER", "UNDO"}

    filter_glob: bpy.props.StringProperty(
        default=";".join(f"*{suffix}" for suffix in SUFFIXES), options={"HIDDEN"}
    )
    directory: bpy.props.StringProperty(
        name="Folder", description="Of the files", subtype="DIR_PATH", options={"SKIP_SAVE"}
    )
    files: bpy.props.CollectionProperty(
        name="Files",
        description="Names of the pictures in the folder",
        type=bpy.types.OperatorFileListElement,
        options={"SKIP_SAVE"},
    )
    assign: bpy.props.BoolProperty(
        name="Put on Selected Objects",
        description="Give the material to the selected objects; of several pictures, the first "
        "object gets the first, the second the second, and so on in turn",
        default=True,
    )

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Start at once with what was dropped; else ask for pictures."""
        self.derive = context.scene.texcore.derive
        if self.directory and self.files:
            under = pointing.find_under_pointer(context, event)
            outcome = self._do(context, False, list_holders(context, under))
            if outcome == {"FINISHED"} and under is not None:
                showing.show_textures(context.space_data)
            return outcome
        return ImportHelper.invoke(self, context, event)

    def draw(self, context: bpy.types.Context) -> None:
        """Draw what the file dialog asks beside the names."""
        self.layout.prop(self, "assign")
        self.layout.column(heading="Derive Maps").prop(self, "derive")

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Make them: beside the artist's work in a window, else at once."""
        wait = bpy.app.background or not self.options.is_invoke
        chosen = [Pointed(thing, thing.active_material_index) for thing in context.selected_objects]
        return self._do(context, wait, chosen)

    def _do(self, context: bpy.types.Context, wait: bool, holders: list[Pointed]) -> set[str]:
        try:
            choices.find_engine(context)  # before anything is made
            pictures = [exchange.load_picture(path) for path in self._paths()]
        except TexcoreError as e:
            self.report({"ERROR"}, say(e))
            return {"CANCELLED"}
        made = [results.new_material(picture, Path(picture.name).stem) for picture in pictures]
        hand_out(made, holders if self.assign else [])
        kinds = OPTIONS["derive"].check(self.derive)
        outcomes = [begin_synthesis(self, context, _ask_for(context, m, kinds), wait) for m in made]
        redraw()
        return {"FINISHED"} if {"FINISHED"} in outcomes else {"CANCELLED"}

    def _paths(self) -> list[Path]:
        folder = Path(bpy.path.abspath(self.directory))
        paths = [folder / file.name for file in self.files if file.name]
        if not paths and self.filepath:
            paths = [Path(bpy.path.abspath(self.filepath))]
        if not paths:
            raise BadInput("No picture is given: choose one.")
        return paths


def list_holders(context: bpy.types.Context, under: Pointed | None) -> list[Pointed]:
    """Return who gets what is dropped: what is under the pointer, then what is selected with it."""
    if under is None:
        return []
    others = context.selected_objects if under.thing in context.selected_objects else []
    rest = [Pointed(each, each.active_material_index) for each in others if each != under.thing]
    return [under, *rest]


def hand_out(made: list[bpy.types.Material], holders: list[Pointed]) -> None:
    """Give materials to objects in turn; one that none takes stays in the file all the same."""
    for number, holder in enumerate(holders):
        results.put_in_slot(holder.thing, holder.slot, made[number % len(made)])
    for material in made:
        if not material.users:
            material.use_fake_user = True  # Blender drops what nothing uses when it saves


class TEXCORE_FH_picture(bpy.types.FileHandler):
    """Pictures dropped into the 3D View."""

    bl_idname = "TEXCORE_FH_picture"
    bl_label = "Texcore material"
    bl_import_operator = "texcore.new_material"
    bl_file_extensions = ";".join(SUFFIXES)

    @classmethod
    def poll_drop(cls, context: bpy.types.Context) -> bool:
        """Elsewhere dropping a picture means something else."""
        return context.area is not None and context.area.type == "VIEW_3D"


def _ask_for(
    context: bpy.types.Context, material: bpy.types.Material, derive: tuple[str, ...]
) -> Callable[[], Options]:
    """Return what `begin_synthesis` wants: the panel's settings for a material."""
    # Materials get the maps that were ticked here, and one picture each to learn from.
    none = dict.fromkeys(("mix", "blend", "flow", "scale_map", "mask", "target_mask", "repair"), "")
    others = {"derive": derive, "maps": bool(derive), **none}
    values = context.scene.texcore.read_values() | read_preferences(context, {}) | others
    return lambda: change_options(Options(material=material.name), values)


_CLASSES = (TEXCORE_OT_new_material, TEXCORE_FH_picture)


register, unregister = bpy.utils.register_classes_factory(_CLASSES)
