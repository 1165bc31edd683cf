"""Tell of images of an opened file whose marks make no sense; see `marks`."""

from __future__ import annotations

import bpy
from bpy.app.translations import pgettext_iface as iface_

from . import marks

#: Names of the images in the file opened last, whose marks are passed over in part.
names: list[str] = []


def in_words() -> str:
    """Say in a sentence which images say of themselves what makes no sense; or nothing."""
    if not names:
        return ""
    if len(names) == 1:
        words = iface_("“{name}” says of itself what makes no sense: such marks are passed over.")
        return words.format(name=names[0])
    words = iface_(
        "{count} images say of themselves what makes no sense: such marks are passed over."
    )
    return words.format(count=len(names))


@bpy.app.handlers.persistent
def _after_load(*_: object) -> None:
    """Look at the file that has been opened, once."""
    names[:] = [image.name for image in bpy.data.images if marks.list_senseless(image)]


def register() -> None:
    """Look at every file when it is opened; before `preview`, which mends what it can."""
    bpy.app.handlers.load_post.append(_after_load)


def unregister() -> None:
    """Look no more."""
    bpy.app.handlers.load_post.remove(_after_load)
    names.clear()
