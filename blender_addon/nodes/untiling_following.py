"""Let the nodes inside un-tiled maps follow the artist's, where these are changed by hand.

Blender tells that a tree has changed when the undo step of it is there already. So what follows is
in the next step only, and Blender, which keeps of an undone step what no step has changed, would
keep nodes that hold an image that is gone. They hold none while it undoes, and follow again.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

import bpy

from ..engine import busy
from . import untiling, untiling_taps
from .untiling_taps import BLENDING

SECONDS = 0.1  #: after a change, for changes come by the dozen
# The groups, by ``session_uid``, whose nodes have followed since the file was opened.
_changed: set[int] = set()
# While Blender undoes: by such a group, the image that was taken out of it.
_taken_out: dict[int, int] = {}


def follow() -> None:
    """Let the nodes inside all un-tiled maps that can be changed show what the artist's show."""
    for node in list(_list_untiled()):
        first, *others = untiling_taps.list_taps(node)
        wanted = untiling_taps.read_look(first)
        if any(tap.image != first.image for tap in others):
            is_measured = _is_only_taken_out(others, first.image)
            untiling_taps.set_image(node, first.image)
            if not is_measured:
                untiling.refresh(node)
        elif all(untiling_taps.read_look(tap) == wanted for tap in others):
            continue
        for tap in untiling_taps.list_own_taps(node)[1:]:
            untiling_taps.give_look(tap, wanted)
            _changed.add(tap.id_data.session_uid)


def _is_only_taken_out(
    taps: list[bpy.types.ShaderNodeTexImage], image: bpy.types.Image | None
) -> bool:
    """Return whether a group is the one for an image, which was but taken out for an undo step."""
    uid = _taken_out.get(taps[0].id_data.session_uid)
    return image is not None and image.session_uid == uid and not any(tap.image for tap in taps)


def _list_untiled() -> Iterator[bpy.types.ShaderNodeTexImage]:
    """Go over the artist's nodes of maps that are un-tiled, where all of it can be changed."""
    if not any(untiling_taps.is_part(tree, BLENDING) for tree in bpy.data.node_groups):
        return
    for owner in [*bpy.data.materials, *bpy.data.node_groups]:
        tree = getattr(owner, "node_tree", owner)
        for group in tree.nodes if tree is not None and owner.is_editable else ():
            if not untiling_taps.is_group(group, BLENDING) or not group.node_tree.is_editable:
                continue
            links = group.inputs["Color 1"].links
            node = links[0].from_node if links else None
            if isinstance(node, bpy.types.ShaderNodeTexImage):
                yield node


@bpy.app.handlers.persistent
def _on_change(scene: bpy.types.Scene, graph: bpy.types.Depsgraph) -> None:
    """Follow soon; at once where no timer goes."""
    if not graph.id_type_updated("NODETREE"):
        return
    if not bpy.app.background:
        if not bpy.app.timers.is_registered(_follow_later):
            bpy.app.timers.register(_follow_later, first_interval=SECONDS)
    elif threading.current_thread() is threading.main_thread():
        follow()


def _follow_later() -> float | None:
    """Follow, or return in how many seconds to try again."""
    if busy.is_busy():
        return SECONDS
    follow()
    return None


@bpy.app.handlers.persistent
def _before_undo(*_: object) -> None:
    """Hold no image that may be gone afterwards."""
    for tree in bpy.data.node_groups:
        nodes = tree.nodes if tree.session_uid in _changed else ()
        for node in nodes:
            if isinstance(node, bpy.types.ShaderNodeTexImage) and node.image is not None:
                _taken_out[tree.session_uid] = node.image.session_uid
                node.image = None


@bpy.app.handlers.persistent
def _after_undo(*_: object) -> None:
    follow()
    _taken_out.clear()


@bpy.app.handlers.persistent
def _after_load(*_: object) -> None:
    _changed.clear()
    _taken_out.clear()


_HANDLERS = {
    "depsgraph_update_post": _on_change,
    "undo_pre": _before_undo,
    "redo_pre": _before_undo,
    "undo_post": _after_undo,
    "redo_post": _after_undo,
    "load_post": _after_load,
}


def register() -> None:
    """Follow from now on."""
    for name, handler in _HANDLERS.items():
        getattr(bpy.app.handlers, name).append(handler)


def unregister() -> None:
    """Follow no more."""
    for name, handler in _HANDLERS.items():
        getattr(bpy.app.handlers, name).remove(handler)
    if bpy.app.timers.is_registered(_follow_later):
        bpy.app.timers.unregister(_follow_later)
    _changed.clear()
    _taken_out.clear()
