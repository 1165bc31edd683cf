"""The texture in the making, shown on the object and in the Image Editor.

The preview is an image of its own. It is linked into the node, and shown by the Image Editors that
show the old image, only while nothing can keep it: before the file is saved, undone, redone,
rendered or baked, everything is put back (`heal`), and the next preview links it again. What has
no handler, such as Blender's automatic save, is met from the other side: the preview knows which
image it stands for (`images.meant`), and wherever one turns up, in a file opened or a step undone,
that image takes its place again.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from . import images, materials
from .bundled.texcore.recipe import Recipe
from .materials import Target

SCALE_BEFORE = "texcore_scale_before"  #: of the coordinates of the node that shows a preview
SECONDS_BETWEEN = 0.25
_HANDLERS_BEFORE = (
    "save_pre",
    "undo_pre",
    "redo_pre",
    "load_pre",
    "render_init",
    "object_bake_pre",
)
_HANDLERS_AFTER = ("load_post", "undo_post", "redo_post")
_BUSY = ("RENDER", "OBJECT_BAKE")


class Preview:
    """Who watches a job: see `jobs.Watch`.

    Args:
        target: Where the texture will be.
        recipe: Of the texture to be, with its size.
        density_kept: Whether the node's coordinates will be scaled, see `density`.
        colorspace: Of the preview's numbers.
        name: Of the image that `keep` makes.
    """

    def __init__(
        self,
        target: Target,
        recipe: Recipe,
        density_kept: bool,
        colorspace: str,
        name: str,
    ) -> None:
        self._target = target
        self._recipe = recipe
        self._density_kept = density_kept and target.place is not None
        self._colorspace = colorspace
        self._name = name
        self._pixels: np.ndarray | None = None
        self._shown = 0.0

    def update(self, path: Path) -> None:
        """Show the preview in a file: uint8 of shape (height, width, 4), top row first."""
        now = time.monotonic()
        if now - self._shown < SECONDS_BETWEEN:
            return
        self._shown = now
        try:
            pixels = np.load(path)
        except (OSError, ValueError, EOFError):
            return  # the engine has just ended or is writing the next one; there will be another
        self._pixels = pixels[::-1].astype(np.float32).ravel() / np.float32(255)
        self._height, self._width = pixels.shape[:2]
        if not any(bpy.app.is_job_running(kind) for kind in _BUSY):
            self._show()

    def withdraw(self) -> None:
        """Put the old image back everywhere, and remove the preview."""
        heal()

    def keep(self) -> str:
        """Put the last preview into the node for good, as one undo step."""
        old = self._target.image
        if self._pixels is None or old is None:
            return ""
        image = images.from_pixels(
            self._name, self._width, self._height, self._pixels, self._colorspace
        )
        image[images.RECIPE_PROPERTY] = self._recipe.dumps()  # so that “Again” finishes it
        image[images.SOURCE_PROPERTY] = images.original(old)
        if not self._target.put_in(image, self._density_kept):
            image.use_fake_user = True
        materials.undo_step(f"Keep {image.name}")
        return f"Stopped; the last preview is kept: {self._width} × {self._height} pixels."

    def _show(self) -> None:
        old = self._target.image
        if old is None:
            return
        image = next((i for i in bpy.data.images if i.get(images.STANDS_FOR) == old), None)
        if image is None:
            image = self._new(old)
            show_in_editors(old, image)
        node = self._target.place.find() if self._target.place else None
        if node is not None and node.image == old:
            self._link(node, image, old)
        image.pixels.foreach_set(self._pixels)
        image.update_tag()  # Cycles looks at nothing else

    def _new(self, old: bpy.types.Image) -> bpy.types.Image:
        image = bpy.data.images.new("Texcore Preview", self._width, self._height, alpha=True)
        image.colorspace_settings.name = self._colorspace
        image.alpha_mode = old.alpha_mode
        image[images.STANDS_FOR] = old
        return image

    def _link(
        self, node: bpy.types.ShaderNodeTexImage, image: bpy.types.Image, old: bpy.types.Image
    ) -> None:
        node.image = image
        if self._density_kept and self._recipe.size and all(images.extent(old)):
            # No node is put in for the preview's sake: a hidden property of the node serves.
            scale = node.texture_mapping.scale
            image[SCALE_BEFORE] = list(scale)
            width, height = images.extent(old)
            scale[0] *= width / self._recipe.size[0]
            scale[1] *= height / self._recipe.size[1]


def show_in_editors(old: bpy.types.Image, new: bpy.types.Image | None) -> None:
    """Let the Image Editors that show one image show another."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            space: Any = area.spaces.active
            if isinstance(space, bpy.types.SpaceImageEditor) and space.image == old:
                space.image = new


def heal() -> None:
    """Put the image that each preview stands for in its place, and remove the preview."""
    for image in [image for image in bpy.data.images if images.STANDS_FOR in image]:
        real = image[images.STANDS_FOR]  # None if the artist has removed it
        for node in materials.nodes_with(image):
            if SCALE_BEFORE in image:
                node.texture_mapping.scale = image[SCALE_BEFORE]
            node.image = real
        # A render calls its handlers from its own thread, where no more than this is safe.
        if threading.current_thread() is threading.main_thread():
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
