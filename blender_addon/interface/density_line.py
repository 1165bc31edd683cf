"""Below the button, in the panel: texels a metre on the object, as they are and as they will be."""

from __future__ import annotations

import bpy
from bpy.app.translations import pgettext_iface as iface_

from ..images import marks
from ..nodes import density
from ..synthesis.intending import Intention


def draw(layout: bpy.types.UILayout, context: bpy.types.Context, intention: Intention) -> None:
    """Draw it; nothing where it is not known."""
    if intention.target is None or intention.subject is None:
        return
    before = density.find_density(context, intention.target)
    if before is None:
        return
    settings = context.scene.texcore
    factor = 1.0 if settings.keep_density else _measure_growth(context, intention)
    after = before * factor
    words = iface_("On the object: {density} px/m").format(density=_tell(before))
    if _tell(after) != _tell(before):
        words = iface_("On the object: {before} → {after} px/m")
        words = words.format(before=_tell(before), after=_tell(after))
    line = layout.row()
    line.active = False
    line.label(text=words, translate=False)


def _measure_growth(context: bpy.types.Context, intention: Intention) -> float:
    """Return by how much a side grows from the texture in the node to the new one, as a mean."""
    if intention.target is None or intention.subject is None:
        return 1.0
    node = intention.target.place.find() if intention.target.place else None
    shown = node.image if node is not None else None
    sources = [each.source for each in intention.subject.maps]
    # Asking for the size of an image that is not loaded would load it.
    if shown is None or not all(source is not None and source.has_data for source in sources):
        return 1.0
    wide, high = max((tuple(s.size) for s in sources if s), key=lambda size: size[0] * size[1])
    values = context.scene.texcore.read_values()
    width = values["width"] or values["times"] * wide
    height = values["height"] or values["times"] * high
    own = marks.find_original(shown).size
    before = marks.measure_extent(shown)
    area = (own[0] * width / wide) * (own[1] * height / high) / (before[0] * before[1])
    return float(area**0.5)


def _tell(texels: float) -> str:
    """A density in three figures, as somebody tells it."""
    if texels >= 1000:
        return str(round(texels, -1) if texels < 10_000 else round(texels, -2)).removesuffix(".0")
    return f"{texels:.3g}"
