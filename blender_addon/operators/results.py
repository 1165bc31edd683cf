"""The verbs for what has been made.

Each works on the node that the panel names (see `materials.find`) and takes the name of a result;
without one it is the result in that node.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import ClassVar

import bpy
from bpy.app.translations import pgettext_rpt as rpt_
from bpy.app.translations import pgettext_tip as tip_
from bpy_extras.io_utils import ExportHelper

from ..bundled.texcore.contract.engine_sets import ENGINE_SETS
from ..bundled.texcore.contract.errors import BadInput
from ..bundled.texcore.contract.recipe import MAX_SCALE, MAX_SIZE, OBJECT, Recipe
from ..bundled.texcore.contract.words import Choice
from ..engine.saying import say
from ..images import marks, tiles
from ..nodes import targets
from ..results import engine_sets, fitting, results, saving, sets
from ..synthesis import companions, object_task
from ..synthesis.properties import MAX_WHOLE, list_items
from ..synthesis.settings import Options, pick_recipe
from .on_result import IMAGE, PASSED, OnResult, has_result
from .options import read_preferences
from .synthesizing import begin_synthesis

_EACH = Choice("none", "Separate", "A file for each map, as it is")


class TEXCORE_OT_compare(OnResult, bpy.types.Operator):
    """Swap the new texture in the node with the image before it, and back."""

    bl_idname = "texcore.compare"
    bl_label = "Compare Old and New"

    def do(self, context: bpy.types.Context) -> str:
        """Swap them."""
        shown = results.compare(context, context.scene.texcore.keep_density)
        return f"Showing “{shown.name}”."


class TEXCORE_OT_assign(OnResult, bpy.types.Operator):
    """Give a texture that has been made to a node, to all users of its image, or to objects."""

    bl_idname = "texcore.assign"
    bl_label = "Assign Texture"

    image: bpy.props.StringProperty(**IMAGE)
    to: bpy.props.EnumProperty(
        name="To",
        description="Who gets the texture",
        items=list_items(fitting.RECEIVERS),
        **PASSED,
    )

    @classmethod
    def description(
        cls, context: bpy.types.Context, properties: bpy.types.OperatorProperties
    ) -> str:
        """Tell why the texture cannot be given so; else, in a menu, who gets it."""
        refusal = fitting.tell_refusal(context, properties.image, properties.to)
        if refusal:
            return say(refusal)
        if not properties.is_property_set("to"):
            return ""  # that of the class
        return tip_(next(r.description for r in fitting.RECEIVERS if r.id == properties.to))

    def do(self, context: bpy.types.Context) -> str:
        """Give it."""
        image = results.chosen(context, self.image)
        keep = context.scene.texcore.keep_density
        fitting.check_receivers(context, image, self.to)
        if self.to == fitting.NODE:
            count = results.put_in_node(context, image, keep)
            if sets.is_set(image) or count > 1:
                return _tell_nodes(image, count)
            return f"“{image.name}” is in the node."
        if self.to == fitting.USERS:
            count = results.put_in_users(context, image, keep)
            return _tell_nodes(image, count)
        material = self._material(context, image)
        count = results.put_on_objects(fitting.list_receivers(context, self.to), material)
        return f"Objects that got “{material.name}”: {count}."

    def _material(self, context: bpy.types.Context, image: bpy.types.Image) -> bpy.types.Material:
        """For selected objects one of theirs, if it has a place for the texture; else a new one."""
        if self.to == fitting.SELECTED:
            own = results.put_in_own(context, image, fitting.list_receivers(context, self.to))
            if own is not None:
                return own
        if sets.is_set(image):
            return results.with_maps(context, image)
        return results.new_material(image)


class TEXCORE_OT_again(bpy.types.Operator):
    """Make a texture again from its recipe, with another seed or larger."""

    bl_idname = "texcore.again"
    bl_label = "Synthesize Again"
    bl_options: ClassVar[set[str]] = {"REGISTER"}

    image: bpy.props.StringProperty(**IMAGE)
    scale: bpy.props.IntProperty(
        name="Scale",
        description="How many times as wide and as high as it is",
        default=1,
        min=1,
        max=MAX_SIZE,
        **PASSED,
    )
    seed: bpy.props.IntProperty(
        name="Seed",
        description="Of the new texture. -1: any other; -2: the same",
        default=-1,
        min=-2,
        max=MAX_WHOLE,
        **PASSED,
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """There must be a result."""
        return has_result(cls, context)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Start the work, or let it wait for its turn, and give Blender back to the artist."""
        return begin_synthesis(self, context, lambda: self._options(context), wait=False)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Do the work and return when it is done."""
        return begin_synthesis(self, context, lambda: self._options(context), wait=True)

    def _options(self, context: bpy.types.Context) -> Options:
        image = results.chosen(context, self.image)
        recipe = marks.read_recipe(image)
        if recipe is None:
            raise BadInput(f"The recipe of “{image.name}” is not one that this Texcore can read.")
        width, height = tiles.measure_made(image, recipe)
        seeds = {-1: random.randint(0, MAX_WHOLE), -2: recipe.seed}
        whole = sets.is_set(image)
        given = {
            **vars(pick_recipe(recipe)),
            # A new seed shall be another texture, not the same with other details.
            "arrangement": "new" if self.seed == -1 else recipe.arrangement,
            "seed": seeds.get(self.seed, self.seed),
        }
        if marks.read_object(image):
            # Things stay as large on it. The engine says it if the object has changed.
            given["scale"] = min(recipe.scale * self.scale, float(MAX_SCALE))
            given["pictures"] = [pair for pair in recipe.pictures if pair[0] == OBJECT]
        words = {
            "material": sets.holder(context, image).name if whole else "",
            "image": "" if whole else _named_source(context, image),
            **companions.read_companions(image, recipe),
            **object_task.read_object(image),
        }
        return Options(
            maps=whole,
            everywhere=context.scene.texcore.all_maps,
            width=width * self.scale,
            height=height * self.scale,
            recipe=Recipe(**given),
            keep_density=context.scene.texcore.keep_density,
            **read_preferences(context, {}),
            **words,
        )


class TEXCORE_OT_mark_asset(OnResult, bpy.types.Operator):
    """Put the material with this texture into the Asset Browser, with tags and a preview."""

    bl_idname = "texcore.mark_asset"
    bl_label = "Mark Texture's Material as Asset"

    image: bpy.props.StringProperty(**IMAGE)

    def do(self, context: bpy.types.Context) -> str:
        """Mark it."""
        material = results.mark_as_asset(context, results.chosen(context, self.image))
        said = rpt_("“{name}” is an asset of the library {folder}: save the file.")
        root = results.find_library(context)
        if root is None:
            said = rpt_("“{name}” is an asset; save the file into a library to use it elsewhere.")
        return said.format(name=material.name, folder=root)


class TEXCORE_OT_save(OnResult, ExportHelper, bpy.types.Operator):
    """Save a texture that has been made as a PNG or OpenEXR file."""

    bl_idname = "texcore.save"
    bl_label = "Save Texture"

    image: bpy.props.StringProperty(**IMAGE)
    filename_ext = ".png"
    filter_glob: bpy.props.StringProperty(default="*.png;*.exr", options={"HIDDEN"})
    format: bpy.props.EnumProperty(
        name="Format", description="Of the file", items=saving.FORMATS, default="PNG8"
    )
    keep_packed: bpy.props.BoolProperty(
        name="Keep Packed",
        description="Leave the texture in this file too, instead of reading it from the new one",
        default=True,
    )
    all_maps: bpy.props.BoolProperty(
        name="All Maps",
        description="Save all maps that were made with it too, beside it",
        default=True,
    )

    engine: bpy.props.EnumProperty(
        name="For",
        description="Which engine the maps are packed and named for",
        items=list_items((_EACH, *(each.words for each in ENGINE_SETS.values()))),
        **PASSED,
    )

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Ask for the file."""
        try:
            image = results.chosen(context, self.image)
        except BadInput as e:
            self.report({"ERROR"}, say(e))
            return {"CANCELLED"}
        self.image = image.name
        self.format = "EXR" if image.is_float and image.file_format == "OPEN_EXR" else self.format
        self.filepath = bpy.path.clean_name(image.name) + saving.SUFFIXES[self.format]
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def check(self, context: bpy.types.Context) -> bool:
        """Let the file's suffix follow the format."""
        path = str(saving.add_suffix(Path(self.filepath), self.format))
        changed = path != self.filepath
        self.filepath = path
        return changed

    def draw(self, context: bpy.types.Context) -> None:
        """Draw what the file dialog asks beside the name."""
        self.layout.use_property_split = True
        self.layout.prop(self, "engine")
        if self.engine != _EACH.id:
            return
        self.layout.prop(self, "format")
        self.layout.prop(self, "keep_packed")
        if sets.is_set(results.chosen(context, self.image)):
            self.layout.prop(self, "all_maps")

    def do(self, context: bpy.types.Context) -> str:
        """Save it."""
        image = results.chosen(context, self.image)
        path = Path(bpy.path.abspath(self.filepath)).absolute()
        if self.engine != _EACH.id:
            kinds, name = engine_sets.find_kinds(image), saving.add_suffix(path, self.format).stem
            return _tell_set(*engine_sets.save_set(kinds, self.engine, path.parent, name))
        if tiles.is_tiled(image):
            return self._save_tiles(image, path)
        path = saving.add_suffix(path, self.format)
        together = marks.list_made_together(image) if self.all_maps else [image]
        files = saving.files(image, together, path, self.format)
        for each, file, form in files:
            saving.save(each, file, form)
            if not self.keep_packed:
                saving.read_from(each, file, form)
        if len(files) == 1:
            return f"Saved “{path}”."
        return f"Saved {len(files)} maps beside “{path}”."

    def _save_tiles(self, image: bpy.types.Image, path: Path) -> str:
        together = marks.list_made_together(image) if self.all_maps else [image]
        names = {each: path.with_name(bpy.path.clean_name(each.name)) for each in together}
        files = tiles.save_tiles({**names, image: path})
        return rpt_("Saved {count} tiles beside {path}.").format(count=len(files), path=files[0])


def _tell_set(files: list[Path], left: list[str]) -> str:
    """Say what was saved for an engine, and what has no place there."""
    said = rpt_("Saved {files} in {folder}.")
    said = said.format(files=", ".join(file.name for file in files), folder=files[0].parent)
    if left:
        said += " " + rpt_("No place in this set: {kinds}.").format(kinds=", ".join(left))
    return said


def _named_source(context: bpy.types.Context, image: bpy.types.Image) -> str:
    """Name of the image a result was made from; empty if the panel names that anyway."""
    source = marks.find_original(image)
    try:
        meant = targets.find_target(context).image
    except BadInput:
        meant = None
    return "" if meant is not None and marks.find_original(meant) == source else source.name


def _tell_nodes(image: bpy.types.Image, count: int) -> str:
    """Say how many nodes a texture was put into, and its maps into theirs."""
    if sets.is_set(image):
        return f"Nodes that got “{image.name}” or a map made with it: {count}."
    return f"Nodes that got “{image.name}”: {count}."


_CLASSES = (
    TEXCORE_OT_compare,
    TEXCORE_OT_assign,
    TEXCORE_OT_again,
    TEXCORE_OT_mark_asset,
    TEXCORE_OT_save,
)


register, unregister = bpy.utils.register_classes_factory(_CLASSES)
