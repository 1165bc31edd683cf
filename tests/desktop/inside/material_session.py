"""An artist makes all maps of a material in Blender's window, and undoes that by keys.

A quick engine stands in, so that nothing depends on how fast the real one is.
"""

from __future__ import annotations

import os

import bpy
import helpers
import material
import numpy as np
import screen
import stepping
from stepping import Steps, jobs, region, show_the_panel

OLD = {"base_color": "base_color.png", "normal": "normal.png"}
NEW = {"base_color": "base_color Texcore", "normal": "normal Texcore"}


def images() -> dict[str, bpy.types.Image]:
    """The image in each node; undo makes references stale."""
    nodes = bpy.data.materials["Bricks"].node_tree.nodes
    return {n.name: n.image for n in nodes if n.bl_idname == "ShaderNodeTexImage"}


def names() -> dict[str, str]:
    return {kind: image.name for kind, image in images().items()}


def over_the_view() -> tuple[int, int]:
    """A place on the screen that is in the 3D View, outside of its sidebar."""
    view = stepping.area("VIEW_3D")
    return view.x + view.width // 3, screen.pixels().shape[0] - view.y - view.height // 2


def the_view() -> np.ndarray:
    """What the middle of the 3D View shows."""
    x, y = over_the_view()
    return screen.pixels()[y - 60 : y + 60, x - 60 : x + 60].astype(int)


def newest():
    """The last job that makes something, ended or not."""
    return jobs().latest.get("synthesize")


def click_on_synthesize_material() -> Steps:
    """The tallest button, which makes all maps where there are several."""

    def tallest() -> screen.Button | None:
        found = max(screen.buttons(region()), key=lambda b: b[3], default=None)
        return found if found is not None and found[3] >= 24 else None

    yield screen.settles(tallest)
    left, top, width, height = tallest()
    place = left + width // 4, top + height // 2
    screen.move(*place)
    yield lambda: True
    yield lambda: True
    before = newest()
    screen.click(*place)
    # A short job may be over before anybody looks.
    yield lambda: newest() is not before
    assert "picture" not in newest().task.params.maps


def open_the_panel() -> Steps:
    """The sidebar shows the panel."""
    os.environ["TEXCORE_PYTHON"] = helpers.engine("painting.py")
    material.wired(**{kind: material.loaded(kind) for kind in OLD})
    stepping.plane()
    settings = bpy.context.scene.texcore
    settings.size, settings.width, settings.height = "custom", 96, 96
    settings.quality = "high"  # for the engine above: until it is cancelled
    screen.mark_buttons()
    yield from show_the_panel()


def previews_of_all_maps_are_shown() -> Steps:
    """All nodes show what is in the making, and so does the object; Esc puts the old back."""
    before = the_view()
    yield from click_on_synthesize_material()
    yield lambda: all("texcore_stands_for" in image for image in images().values())
    yield lambda: np.abs(the_view() - before).mean() > 2
    job = jobs().current()
    screen.move(*over_the_view())
    yield lambda: True
    screen.press("ESC", *over_the_view())
    yield lambda: job.ended
    assert job.state is jobs().State.CANCELLED and names() == OLD
    yield lambda: not jobs().engine.cancelling


def all_maps_and_a_derived_one_are_made() -> Steps:
    """The nodes get the maps, and a new node the derived one."""
    settings = bpy.context.scene.texcore
    settings.quality, settings.derive = "standard", {"roughness"}
    bpy.ops.ed.undo_push(message="the settings")  # a script's doing is no step by itself
    yield from click_on_synthesize_material()
    job = newest()
    yield lambda: job.ended
    assert job.state is jobs().State.DONE, job.message
    found = names()
    assert found.pop("Texcore Roughness") == "base_color Roughness Texcore" and found == NEW


def undo_and_redo_by_keys() -> Steps:
    """Ctrl-Z takes all maps and the new nodes back at once, Ctrl-Shift-Z brings all again."""
    made = len(bpy.data.materials["Bricks"].node_tree.nodes)
    screen.move(*over_the_view())
    yield lambda: True
    screen.press("Z", *over_the_view(), ctrl=True)
    yield lambda: names() == OLD
    assert len(bpy.data.materials["Bricks"].node_tree.nodes) < made
    assert not [image for image in bpy.data.images if "Texcore" in image.name]
    screen.press("Z", *over_the_view(), ctrl=True, shift=True)
    yield lambda: NEW.items() <= names().items()
    assert names()["Texcore Roughness"] == "base_color Roughness Texcore"
    assert len(bpy.data.materials["Bricks"].node_tree.nodes) == made


def a_dropped_picture_goes_to_the_object_under_the_pointer() -> Steps:
    """Nothing is selected, and yet the plane gets it; dropped beside it, it stays in the file."""
    bpy.ops.object.select_all(action="DESELECT")
    view, window = stepping.area("VIEW_3D"), stepping.region("WINDOW")
    path = helpers.write_png(helpers.folder() / "slate.png", helpers.picture()[..., :3])
    x, y = over_the_view()
    sky = view.y + view.height - 8  # above the horizon
    for name, height in (("slate", y), ("slate.001", screen.pixels().shape[0] - sky)):
        screen.move(x, height)
        yield lambda: True
        yield lambda: True
        words = {"directory": str(path.parent), "files": [{"name": path.name}]}
        with bpy.context.temp_override(area=view, region=window):
            bpy.ops.texcore.new_material("INVOKE_DEFAULT", **words)
        made = bpy.data.materials[name]
        yield lambda: jobs().current() is None
        held = [thing for thing in bpy.data.objects if thing.active_material == made]
        assert (len(held), made.use_fake_user) == ((1, False) if name == "slate" else (0, True))


STEPS = (
    open_the_panel,
    previews_of_all_maps_are_shown,
    all_maps_and_a_derived_one_are_made,
    undo_and_redo_by_keys,
    a_dropped_picture_goes_to_the_object_under_the_pointer,
)


stepping.run(STEPS)
