"""A stand-in for Blender's layout that notes what is drawn, and whether it has room.

The wheels have neither windows nor Blender's own German: what Texcore says is looked up in its own
table, and measured with the font of Blender's interface. Sizes are those of the sidebar at its
default width and a resolution scale of 1, read off a screen.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import blf
import bpy
import helpers

REGION = 280  #: the sidebar's width as Blender opens it, in pixels
PANEL = 226  #: of what is in its panel
POINTS = 11
MARGIN_OF_CHOICE = 3  #: of words beside each other on a switch
ICON, MARGIN, ARROW = 20, 16, 14
NAMES = 0.4  #: of a row for a setting's name, where names and values stand beside each other


@dataclass(frozen=True)
class Word:
    """Something drawn.

    Attributes:
        shown: What an artist reads.
        missing: How many pixels it lacks.
        icon_alone: Whether it was meant to have no words.
        grey: Whether it cannot be pressed.
    """

    shown: str
    missing: float = 0.0
    icon_alone: bool = False
    grey: bool = False


class Context:
    """Blender's context with a sidebar."""

    def __init__(self) -> None:
        self.region = SimpleNamespace(width=REGION)
        self.preferences = SimpleNamespace(
            system=SimpleNamespace(ui_scale=1.0), addons=bpy.context.preferences.addons
        )

    def __getattr__(self, name: str) -> Any:
        return getattr(bpy.context, name)


class Layout:
    """What `bpy.types.UILayout` does that the panels use; anything else is an error."""

    def __init__(self, width: float = PANEL, seen: list[Word] | None = None) -> None:
        self.seen: list[Word] = [] if seen is None else seen
        self._width = width
        self.use_property_split = True
        self.use_property_decorate = self.enabled = self.active = True
        self.scale_y = 1.0
        self.operator_context, self.emboss = "INVOKE_DEFAULT", "NORMAL"

    def _part(self, width: float | None = None) -> Layout:
        part = Layout(self._width if width is None else width, self.seen)
        part.use_property_split = self.use_property_split
        return part

    def column(self, align: bool = False, heading: str = "") -> Layout:
        return self._part()

    def box(self) -> Layout:
        return self._part(self._width - 10)

    def row(self, align: bool = False) -> Layout:
        return Row(self._width, self.seen, self.use_property_split)

    def split(self, factor: float) -> Layout:
        return Split(self._width, self.seen, factor)

    def grid_flow(self, row_major: bool, columns: int, even_columns: bool, align: bool) -> Layout:
        return self._part(self._width / columns)

    def panel(self, name: str, default_closed: bool = False) -> tuple[Layout, Layout]:
        header = Row(self._width - ICON, self.seen, self.use_property_split)
        return header, self._part()

    def separator(self) -> None:
        pass

    def template_icon(self, icon_value: int, scale: float) -> None:
        pass

    def label(self, text: str = "", icon: str = "NONE", translate: bool = True) -> None:
        self._see(translated(text, "*") if translate else text, icon, 4)

    def progress(self, factor: float, type: str, text: str, translate: bool = True) -> None:
        self._see(translated(text, "*") if translate else text)

    def operator(
        self,
        name: str,
        text: str | None = None,
        icon: str = "NONE",
        translate: bool = True,
        depress: bool = False,
    ) -> Any:
        if text is None:
            # Blender's own operators may have no name: such a button has no words.
            category, _, verb = name.partition(".")
            text = getattr(getattr(bpy.ops, category), verb).get_rna_type().name
            alone = False
        else:
            alone = text == ""
        self._see(translated(text, "Operator") if translate else text, icon, alone=alone)
        return SimpleNamespace()

    def menu(self, name: str, icon: str = "NONE") -> None:
        self._see(translated(getattr(bpy.types, name).bl_label, "*"), icon, MARGIN + ARROW)

    def context_pointer_set(self, name: str, data: Any) -> None:
        pass

    def prop(
        self,
        data: Any,
        name: str,
        text: str | None = None,
        expand: bool = False,
        icon: str = "NONE",
        icon_value: int = 0,
        **options: Any,
    ) -> None:
        prop = data.bl_rna.properties[name]
        value = self._width
        label = prop.name if text is None else text
        if options.get("translate", True):
            label = translated(label, prop.translation_context)
        if label and self.use_property_split:
            value *= 1 - NAMES
            room = value - ICON if prop.type == "BOOLEAN" else self._width - value
            self.seen.append(Word(label, width_of(label) + 4 - room))
        elif label:
            self._see(label, icon)
        if prop.type == "ENUM":
            items = [translated(i.name, prop.translation_context) for i in prop.enum_items]
            each = value / len(items) if expand else value - ARROW
            for item in items:
                self.seen.append(Word(item, width_of(item) + MARGIN_OF_CHOICE - each))

    def prop_enum(self, data: Any, name: str, value: str) -> None:
        prop = data.bl_rna.properties[name]
        self._see(translated(prop.enum_items[value].name, prop.translation_context))

    def _see(
        self, text: str, icon: str = "NONE", margin: float = MARGIN, alone: bool = False
    ) -> None:
        width = 0 if alone else width_of(text) + margin
        width += ICON if icon != "NONE" else 0
        self.seen.append(Word(text, width - self._width, alone, not self.enabled))


class Row(Layout):
    """Things beside each other: all of them together have its width."""

    def __init__(
        self, width: float, seen: list[Word], split: bool, around: Row | None = None
    ) -> None:
        super().__init__(width, seen)
        self.use_property_split = split
        self._left = width
        self._around = around

    def row(self, align: bool = False) -> Layout:
        return Row(self._left, self.seen, self.use_property_split, self)

    def prop(self, data: Any, name: str, *words: Any, **options: Any) -> None:
        super().prop(data, name, *words, **options)
        self._left = ICON

    def _see(
        self, text: str, icon: str = "NONE", margin: float = MARGIN, alone: bool = False
    ) -> None:
        width = 0 if alone else width_of(text) + margin
        self._take(width + (ICON if icon != "NONE" else 0))
        self.seen.append(Word(text, -self._left, alone, not self.enabled))

    def _take(self, width: float) -> None:
        """Leave less to what comes after, in the rows around too."""
        self._left -= width
        if self._around is not None:
            self._around._take(width)


class Split(Layout):
    """Two parts: the first has a share of the width, the second what is left."""

    def __init__(self, width: float, seen: list[Word], factor: float) -> None:
        super().__init__(width, seen)
        self._shares = [width * factor, width * (1 - factor)]

    def column(self, align: bool = False, heading: str = "") -> Layout:
        return self._part(self._shares.pop(0))

    def row(self, align: bool = False) -> Layout:
        return Row(self._shares.pop(0), self.seen, self.use_property_split)

    def prop(self, *words: Any, **options: Any) -> None:
        self.column().prop(*words, **options)

    def label(self, *words: Any, **options: Any) -> None:
        self.column().label(*words, **options)

    def template_icon(self, icon_value: int, scale: float) -> None:
        self.column()


def translated(text: str, context: str) -> str:
    """What Blender would show: English, unless a check has `in_german` in its place."""
    return text


def in_german(text: str, context: str = "*") -> str:
    """What Texcore's table has for it."""
    # Blender looks in that context alone.
    return helpers.module("translations.registering").table()["de"].get((context, text), text)


def width_of(text: str) -> float:
    """In pixels, in the font of the interface."""
    blf.size(0, POINTS)
    return blf.dimensions(0, text)[0]
