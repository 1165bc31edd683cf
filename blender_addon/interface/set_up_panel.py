"""What the panels and the preferences show of the set-up. Drawing only reads what is in memory."""

from __future__ import annotations

import bpy
from bpy.app.translations import pgettext_iface as iface_

from .. import add_on
from ..add_on import get_preferences
from ..engine import setup_state
from ..engine.saying import say
from ..engine_setup.place import SetUpProgress
from .wrapping import draw_text

_CARDS = {
    "NVIDIA": "PyTorch for the NVIDIA card found here",
    "AMD": "PyTorch for the AMD card found here",
    "Apple": "PyTorch for Apple's processors",
    "none": "PyTorch for the processor",
}


def draw(layout: bpy.types.UILayout, context: bpy.types.Context) -> bool:
    """Draw what is to be done before Texcore can work; returns whether nothing is.

    Args:
        layout: To draw into.
        context: Where.
    """
    known = setup_state.known
    if not known.looked:
        return True
    if known.running:
        draw_progress(layout, context)
        return False
    if known.python is not None:
        return True
    column = layout.column()
    if preferences_name_one(context):
        draw_text(column, say(known.why), context, icon="ERROR")
    else:
        draw_text(column, needed(), context, icon="IMPORT")
    draw_offer(column, context)
    return False


def preferences_name_one(context: bpy.types.Context) -> bool:
    """Whether the artist has chosen a Python or a computer, which then is what is wrong."""
    preferences = get_preferences(context)
    return bool(preferences.python or preferences.host)


def needed() -> str:
    """What a set-up brings and how large it is, in a sentence."""
    needs = setup_state.known.needs
    if needs is None:
        return iface_("Texcore needs its engine, once.")
    text = iface_(
        "Texcore needs its engine, once: {what}, {download} GB to download, {disk} GB on disk."
    )
    text = text.format(
        what=iface_(_CARDS[needs.accelerator]),
        download=f"{needs.download:.1f}",
        disk=f"{needs.disk:.1f}",
    )
    return text.replace(" GB", "\N{NO-BREAK SPACE}GB")


def draw_offer(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Draw the button that sets up, how the last set-up ended if it did not do, and other ways."""
    ended = find_end()
    if ended is not None:
        draw_end(layout, context, ended)
    offline = not bpy.app.online_access
    if offline:
        draw_text(
            layout,
            iface_("Online access is off, so nothing can be downloaded."),
            context,
            icon="INTERNET_OFFLINE",
        )
        row = layout.row()
        row.scale_y = 1.5
        # Blender gives this operator of its own no name.
        row.operator(
            "extensions.userpref_allow_online", text="Allow Online Access", icon="INTERNET"
        )
        layout.operator("texcore.choose_python", icon="FILE_FOLDER")
        layout.operator("texcore.set_up_from_wheels", icon="FILE_FOLDER")
        return
    row = layout.row()
    row.scale_y = 1.5
    text = "Set Up Engine" if ended is None else "Go On"
    row.operator("texcore.set_up", text=text, icon="IMPORT")


def find_end(host: str = "") -> SetUpProgress | None:
    """Return how the last set-up of a computer ended, if not well.

    Args:
        host: The other computer; empty for this one.
    """
    progress = setup_state.known.progress
    if progress is None or progress.host != host:
        return None
    return progress if progress.status in ("failed", "cancelled") else None


def draw_progress(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Draw the bar, what is happening, the log and Cancel."""
    progress = setup_state.known.progress or SetUpProgress(stage="Starting")
    column = layout.column(align=True)
    column.progress(factor=progress.fraction, type="BAR", text=f"{progress.fraction:.0%}")
    stage = f"{iface_(progress.stage or 'Starting')}…"
    column.label(text=stage, translate=False)
    if progress.detail:
        column.label(text=progress.detail, translate=False)
    draw_text(layout, iface_("You can go on working, and even close Blender."), context)
    # Not where the button was that has started it: a second click there must not cancel.
    draw_log(layout, context)
    layout.operator("texcore.cancel_set_up", icon="CANCEL")


def draw_end(
    layout: bpy.types.UILayout, context: bpy.types.Context, progress: SetUpProgress
) -> None:
    """Draw how a set-up ended and what mends it."""
    box = layout.box()
    icon = {"failed": "ERROR", "done": "CHECKMARK"}.get(progress.status, "INFO")
    draw_text(box, say(progress.message), context, icon=icon)
    if progress.status != "failed":
        return
    if progress.host:
        layout.operator("texcore.copy_set_up_log", icon="COPYDOWN")
        return  # what follows is for this computer
    if progress.fix == "folder":
        show = box.operator("preferences.addon_show", text="Choose a Folder", icon="PREFERENCES")
        show.module = add_on.ID
    if progress.fix in ("python", "wheels"):
        box.operator("texcore.choose_python", icon="FILE_FOLDER")
        box.operator("texcore.set_up_from_wheels", icon="FILE_FOLDER")
    box.operator("texcore.copy_set_up_log", icon="COPYDOWN")


def draw_log(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Draw the last lines of the log, folded away."""
    header, body = layout.panel("TEXCORE_PT_setup_log", default_closed=True)
    header.label(text="Log")
    if body is None:
        return
    lines = body.column(align=True)
    lines.scale_y = 0.7
    for line in setup_state.known.tail:
        lines.label(text=line, translate=False)
    body.operator("texcore.copy_set_up_log", icon="COPYDOWN")
