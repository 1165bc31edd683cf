"""Small pictures of what some settings' choices make, as icons of Blender.

They are made by ``demo/model_pictures.py`` and lie in ``pictures``, in a folder for each setting,
named as the choices are. Blender reads a file when it first draws it; in the background, where it
draws nothing, it gives icons no number, and there are none.
"""

from __future__ import annotations

import bpy
import bpy.utils.previews

from ..add_on import FOLDER
from ..bundled.texcore.contract.settings import ChoiceSetting
from ..synthesis.settings import list_panel_settings

#: Settings whose choices all have one.
PICTURED = ("model",)
PICTURES = FOLDER / "interface" / "pictures"

_icons: dict[str, dict[str, int]] = {}
_collections: list[bpy.utils.previews.ImagePreviewCollection] = []


def list_icons() -> dict[str, dict[str, int]]:
    """Return the numbers of the icons by the names of settings, and then of their choices."""
    return _icons


def find_icon(setting: str, choice: str) -> int:
    """Return the number of a choice's icon; 0, which is none of Blender's, if there is none."""
    return _icons.get(setting, {}).get(choice, 0)


def register() -> None:
    """Give all pictures their icons."""
    collection = bpy.utils.previews.new()
    _collections.append(collection)
    for name in PICTURED:
        setting = list_panel_settings()[name]
        assert isinstance(setting, ChoiceSetting)
        for id in setting.ids:
            path = PICTURES / name / f"{id}.png"
            preview = collection.load(f"{name}/{id}", str(path), "IMAGE")
            _icons.setdefault(name, {})[id] = preview.icon_id


def unregister() -> None:
    """Free the icons and their pictures."""
    _icons.clear()
    while _collections:
        bpy.utils.previews.remove(_collections.pop())
