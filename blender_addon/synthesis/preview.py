"""Textures in the making, shown on the object and in the Image Editor.

A preview is an image of its own. It is linked into the node, and shown by the Image Editors that
show the old image, only while nothing can keep it: before the file is saved, undone, redone,
rendered or baked, everything is put back (`heal`), and the next preview links it again. What has
no handler, such as Blender's automatic save, is met from the other side: the preview knows which
image it stands for (`marks.resolve_preview`), and wherever one turns up, in a file opened or a step
undone, that image takes its place again.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from bpy.app.translations import pgettext_iface as iface_

from ..bundled.texcore.contract.recipe import Recipe
from ..engine import busy
from ..images import exchange, handover, marks
from ..nodes import places, putting, untiling_taps
from .sources import MapSource

SECONDS_BETWEEN = 0.25
SECONDS_AT_ONCE = 0.03  #: on Blender's main thread, after which further maps wait for their turn
#: Share of the processor that Blender may have used since a preview for the next one to follow: a
#: viewport that is drawn by the processor would take it from the engine. But none waits for longer.
SHARE_OF_PROCESSOR, LONGEST_SECONDS_BETWEEN = 0.25, 10.0
_HANDLERS_BEFORE = (
    "save_pre",
    "undo_pre",
    "redo_pre",
    "load_pre",
    "render_init",
    "object_bake_pre",
)
_HANDLERS_AFTER = ("load_post", "undo_post", "redo_post")


class InTheMaking:
    """One image in the making.

    Args:
        where: Where it will be put. The preview is shown there, and stands for what is there by
            then, which may be another texture of the same photo.
        extent: Width and height of what is in the making, if the nodes' coordinates will be scaled
            to it, see `nodes.scale`; else None.
        colorspace: Of the preview's numbers.
        name: Of the image that `make_result` makes.
        path: Of the file that the engine refreshes: uint8 of shape (height, width, 4), top row
            first; None if it never will.
    """

    def __init__(
        self,
        where: MapSource,
        extent: tuple[float, float] | None,
        colorspace: str,
        name: str,
        path: Path | None,
    ) -> None:
        self._where = where
        self._extent = extent
        self._colorspace = colorspace
        self._name = name
        self._path = path
        self._pixels: np.ndarray | None = None

    @property
    def old(self) -> bpy.types.Image | None:
        """The image that it would take the place of now, or None if that is gone."""
        nodes = self._where.find_nodes()
        return marks.resolve_preview(nodes[0].image) if nodes else self._where.shown

    def read(self) -> bool:
        """Take what is in the file; whether there was anything."""
        if self._path is None:
            return False
        try:
            pixels = handover.read_preview(self._path)
        except (OSError, ValueError):
            return False  # the engine has just ended, or is writing the next; there will be another
        self._pixels = pixels[::-1].astype(np.float32).ravel() / np.float32(255)
        self._height, self._width = pixels.shape[:2]
        return True

    def show(self) -> None:
        """Show what was read."""
        old = self.old
        if old is None:
            return
        image = next((i for i in bpy.data.images if _is_preview_of(i, old)), None)
        if image is None:
            image = self._make_image(old)
            show_in_editors(old, image)
        for node in self._where.find_nodes():
            if node.image == old:
                self._link(node, image, old)
        if tuple(image.size) != (self._width, self._height):
            image.scale(self._width, self._height)  # the first of a large texture is larger
        image.pixels.foreach_set(self._pixels)
        image.update_tag()  # Cycles looks at nothing else

    def make_result(self, recipe: Recipe) -> bpy.types.Image | None:
        """Make a result of the last preview, with the recipe of what it would have become."""
        old = self.old
        if self._pixels is None or old is None or old.source == "TILED":
            return None  # a single picture would lie on each tile once
        image = exchange.make_from_pixels(
            self._name, self._width, self._height, self._pixels, self._colorspace
        )
        image[marks.RECIPE_PROPERTY] = recipe.dumps()  # so that “Again” finishes it
        image[marks.SOURCE_PROPERTY] = marks.find_original(old)
        return image

    def _make_image(self, old: bpy.types.Image) -> bpy.types.Image:
        image = bpy.data.images.new("Texcore Preview", self._width, self._height, alpha=True)
        image.colorspace_settings.name = self._colorspace
        image.alpha_mode = old.alpha_mode
        image[marks.STANDS_FOR] = old
        return image

    def _link(
        self, node: bpy.types.ShaderNodeTexImage, image: bpy.types.Image, old: bpy.types.Image
    ) -> None:
        untiling_taps.set_image(node, image)
        if self._extent and all(marks.measure_extent(old)):
            # No node is put in for the preview's sake: a hidden property of the node serves.
            scale = node.texture_mapping.scale
            before = {name: list(each) for name, each in marks.read_scales(image).items()}
            image[marks.SCALE_BEFORE] = {**before, node.name: list(scale)}
            width, height = marks.measure_extent(old)
            x, y = width / self._extent[0], height / self._extent[1]
            shown = (scale[0] * x, scale[1] * y, scale[2])
            for tap in untiling_taps.list_taps(node):
                tap.texture_mapping.scale = shown


class Preview:
    """Who watches a job: see `jobs.Watch`.

    Args:
        parts: What is in the making, by kind of map.
        recipe: Of all that is in the making.
        put: Puts what is kept into the nodes for good, by the names of the parts.
    """

    def __init__(
        self,
        parts: Mapping[str, InTheMaking],
        recipe: Recipe,
        put: Callable[[dict[str, bpy.types.Image]], None],
    ) -> None:
        self._parts = dict(parts)
        self._recipe = recipe
        self._put = put
        self._shown = -LONGEST_SECONDS_BETWEEN
        self._used = 0.0  # of the processor by Blender, when the last ones were shown
        self._turn = list(parts)

    def update(self) -> None:
        """Show the previews, as many as do not hold Blender up."""
        now, used = time.monotonic(), time.process_time()
        drawing = (used - self._used) / (SHARE_OF_PROCESSOR * (os.cpu_count() or 1))
        if now - self._shown < max(SECONDS_BETWEEN, min(drawing, LONGEST_SECONDS_BETWEEN)):
            return
        self._shown, self._used = now, used
        is_hidden = busy.is_rendering() or _paints_on_an_object()
        for kind in list(self._turn):
            part = self._parts[kind]
            if part.read() and not is_hidden:
                part.show()
            self._turn.append(self._turn.pop(0))  # those that are left come first next time
            if time.monotonic() - now > SECONDS_AT_ONCE:
                break

    def make_room(self) -> None:
        """Leave the images to an artist who paints: strokes on a preview would be lost with it."""
        if _paints_on_an_object() or any(
            space.image is not None and marks.STANDS_FOR in space.image
            for space in _list_image_editors()
            if space.ui_mode == "PAINT"
        ):
            heal()

    def withdraw(self) -> None:
        """Put the old images back everywhere, and remove the previews."""
        heal()

    def keep(self) -> str:
        """Put the last previews into the nodes for good, as one undo step."""
        for part in self._parts.values():
            part.read()  # there may be a newer one than is shown
        kept = {kind: part.make_result(self._recipe) for kind, part in self._parts.items()}
        made = {kind: image for kind, image in kept.items() if image is not None}
        if not made:
            return ""
        self._put(made)
        first = next(iter(made.values()))
        putting.push_undo_step(iface_("Keep {name}").format(name=first.name))
        width, height = first.size
        return f"The last preview is kept: {width} × {height} pixels."


def show_in_editors(old: bpy.types.Image, new: bpy.types.Image | None) -> None:
    """Let the Image Editors that show one image show another; not a preview to be painted on."""
    for space in _list_image_editors():
        is_preview = new is not None and marks.STANDS_FOR in new
        if space.image == old and not (is_preview and space.ui_mode == "PAINT"):
            space.image = new


def _list_image_editors() -> list[Any]:
    """Return what is shown in all Image Editors."""
    return [
        area.spaces.active
        for window in bpy.context.window_manager.windows
        for area in window.screen.areas
        if isinstance(area.spaces.active, bpy.types.SpaceImageEditor)
    ]


def _paints_on_an_object() -> bool:
    """Return whether the artist paints textures in a 3D View, onto what the active node holds."""
    windows = bpy.context.window_manager.windows
    active = (window.view_layer.objects.active for window in windows)
    return any(object.mode == "TEXTURE_PAINT" for object in active if object is not None)


def _is_preview_of(image: bpy.types.Image, old: bpy.types.Image) -> bool:
    """Return whether an image is the preview that stands for another."""
    return image != old and marks.resolve_preview(image) == old


def heal() -> None:
    """Put the image that each preview stands for in its place, and remove the preview.

    An image that says it is a preview and cannot be one stays where it is, without that mark.
    """
    marked = [image for image in bpy.data.images if marks.STANDS_FOR in image]
    # All are looked at before the first is removed: what stands for each other is no preview.
    previews = [image for image in marked if marks.is_preview(image)]
    # A render calls its handlers from its own thread, where little is safe.
    is_main = threading.current_thread() is threading.main_thread()
    for image in marked:
        if is_main and image not in previews:
            del image[marks.STANDS_FOR]
    for image in previews:
        real = image[marks.STANDS_FOR]  # None if the artist has removed it
        before = marks.read_scales(image)
        for node in places.find_nodes(image):
            if node.name in before:
                for tap in untiling_taps.list_taps(node):
                    tap.texture_mapping.scale = before[node.name]
            untiling_taps.set_image(node, real)
        if is_main:
            show_in_editors(image, real)
            if real is not None:
                image.user_remap(real)
            bpy.data.images.remove(image)


@bpy.app.handlers.persistent
def _on_event(*_: object) -> None:
    heal()


def register() -> None:
    """Watch over the artist's file."""
    for name in (*_HANDLERS_BEFORE, *_HANDLERS_AFTER):
        getattr(bpy.app.handlers, name).append(_on_event)


def unregister() -> None:
    """Leave no preview and no handler behind."""
    heal()
    for name in (*_HANDLERS_BEFORE, *_HANDLERS_AFTER):
        getattr(bpy.app.handlers, name).remove(_on_event)
