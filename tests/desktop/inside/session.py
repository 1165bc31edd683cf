"""An artist's session in Blender's window, from the first button to the reopened file.

Each step leaves the file as the next wants it.
"""

from __future__ import annotations

import os
from pathlib import Path

import bpy
import helpers
import numpy as np
import screen
import stepping
from stepping import Steps, jobs, main_button, region, show_the_panel, showing

FOLDER = Path(os.environ["TEXCORE_TEST_FOLDER"])


def over_the_view() -> tuple[int, int]:
    """A place on the screen that is in the 3D View, outside of its sidebar."""
    view = stepping.area("VIEW_3D")
    return view.x + view.width // 3, screen.pixels().shape[0] - view.y - view.height // 2


def the_view() -> np.ndarray:
    """What the middle of the 3D View shows."""
    x, y = over_the_view()
    return screen.pixels()[y - 60 : y + 60, x - 60 : x + 60].astype(int)


def click(button: screen.Button, where: float = 1 / 4) -> Steps:
    """Move the mouse to a button, let Blender see that, and click; some share of it from left."""
    left, top, width, height = button
    place = left + round(width * where), top + height // 2
    screen.move(*place)
    yield lambda: True
    yield lambda: True
    screen.click(*place)


def open_the_panel() -> Steps:
    """The sidebar shows the panel with one large button."""
    stepping.textured_plane(helpers.load(size=128))
    settings = bpy.context.scene.texcore
    # So much work that it does not end while the steps look at it.
    settings.size, settings.width, settings.height = "custom", 512, 512
    settings.quality = "high"
    # While work is going on the panel is longer than the window would be otherwise.
    bpy.context.preferences.view.ui_scale = 0.8
    screen.mark_buttons()
    yield from show_the_panel()
    yield screen.settles(main_button)


def press_the_button_and_see_progress() -> Steps:
    """A click starts the work; the bar advances, and the object shows what is coming."""
    before = the_view()
    yield from click(main_button())
    yield lambda: jobs().current() is not None
    fractions: set[float] = set()

    def advanced() -> bool:
        fractions.add(jobs().current().fraction)
        return len(fractions) > 3

    yield advanced
    yield showing
    yield lambda: np.abs(the_view() - before).mean() > 2
    assert max(fractions) > 0


def cancel_by_the_button() -> Steps:
    """Cancel puts the old image back, in the node and on the object."""
    job = jobs().current()
    # The first wide one from above is Cancel, the next Queue Another.
    yield lambda: len(screen.buttons(region())) >= 2
    yield from click(screen.buttons(region())[0])
    yield lambda: job.ended
    assert job.state is jobs().State.CANCELLED, (job.state, job.message)
    assert helpers.the_node().image.name == "bricks.png"
    yield lambda: not jobs().engine.cancelling


def keep_what_there_is() -> Steps:
    """The button beside Cancel ends the work: the node gets the texture at full size."""
    bpy.ops.ed.undo_push(message="the settings")
    yield screen.settles(main_button)
    yield from click(main_button())
    yield lambda: jobs().current() is not None and jobs().current().keepable and showing()
    job = jobs().current()
    yield lambda: len(screen.buttons(region())) >= 2
    yield from click(screen.buttons(region())[0], where=3 / 4)
    yield lambda: job.keeping
    yield lambda: job.ended
    assert job.state is jobs().State.DONE and "Stopped after" in job.message, job.message
    assert helpers.the_node().image.name == "bricks Texcore" and tuple(
        helpers.the_node().image.size
    ) == (512, 512)
    screen.move(*over_the_view())
    yield lambda: True
    screen.press("Z", *over_the_view(), ctrl=True)
    yield lambda: helpers.the_node().image.name == "bricks.png"
    # The next one shall have its name.
    for left in [image for image in bpy.data.images if "texcore_recipe" in image]:
        bpy.data.images.remove(left)


def cancel_by_escape() -> Steps:
    """So does Esc over the 3D View."""
    yield screen.settles(main_button)
    yield from click(main_button())
    yield lambda: jobs().current() is not None and showing()
    job = jobs().current()
    screen.move(*over_the_view())
    yield lambda: True
    screen.press("ESC", *over_the_view())
    yield lambda: job.ended
    assert job.state is jobs().State.CANCELLED and helpers.the_node().image.name == "bricks.png"
    yield lambda: not jobs().engine.cancelling


def run_to_the_end() -> Steps:
    """The node gets the texture."""
    settings = bpy.context.scene.texcore
    settings.width = settings.height = 64
    settings.quality = "draft"
    yield screen.settles(main_button)
    yield from click(main_button())
    yield lambda: jobs().current() is not None
    job = jobs().current()
    yield lambda: job.ended
    assert job.state is jobs().State.DONE, job.message
    made = helpers.the_node().image
    assert made.name == "bricks Texcore" and tuple(made.size) == (64, 64), (made, made.size[:])


def undo_and_redo_by_keys() -> Steps:
    """Ctrl-Z leads to the old image, Ctrl-Shift-Z back to the new one."""
    screen.move(*over_the_view())
    yield lambda: True
    screen.press("Z", *over_the_view(), ctrl=True)
    yield lambda: helpers.the_node().image.name == "bricks.png"
    screen.press("Z", *over_the_view(), ctrl=True, shift=True)
    yield lambda: helpers.the_node().image.name == "bricks Texcore"


def save_and_reopen() -> Steps:
    """The file holds the texture with its recipe."""
    made = helpers.pixels(helpers.the_node().image).copy()
    path = FOLDER / "session.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    bpy.ops.wm.open_mainfile(filepath=str(path))
    yield lambda: bpy.data.filepath == str(path)
    assert np.array_equal(helpers.pixels(helpers.the_node().image), made)
    assert helpers.the_node().image["texcore_recipe"]


def reload_during_a_job() -> Steps:
    """Reopening the file cancels the work, and the file is as it was saved."""
    settings = bpy.context.scene.texcore
    settings.width = settings.height = 512
    yield screen.settles(main_button)
    yield from click(main_button())
    yield lambda: jobs().current() is not None and showing()
    job = jobs().current()
    bpy.ops.wm.revert_mainfile()
    yield lambda: helpers.the_node().image.name == "bricks Texcore"
    assert job.state is jobs().State.CANCELLED and not showing()


def choose_among_variations() -> Steps:
    """The sheet covers the 3D View; a click puts that texture into the node, and the sheet away."""
    settings = bpy.context.scene.texcore
    settings.width = settings.height = 64
    settings.quality = "sketch"
    bpy.ops.texcore.variations(count=2)
    made = helpers.module("results.presses").list_pressed(helpers.the_node().image)
    assert helpers.the_node().image == made[1]
    yield lambda: True
    yield lambda: True
    before = the_view()
    window = bpy.context.window_manager.windows[0]
    with bpy.context.temp_override(window=window, area=stepping.area("VIEW_3D"), region=region()):
        assert bpy.ops.texcore.compare_variations("INVOKE_DEFAULT") == {"RUNNING_MODAL"}
    overlay, kind = helpers.module("operators.overlay"), helpers.module("operators.sheet").Sheet
    (sheet,) = overlay.list_open(kind)
    cell = sheet.cells()[0]
    place = round(cell.x + cell.width / 2), round(cell.y + cell.height / 2)
    place = place[0], screen.pixels().shape[0] - place[1]
    yield lambda: np.abs(the_view() - before).mean() > 2
    screen.move(*place)
    yield lambda: sheet.under == 0
    screen.click(*place)
    yield lambda: helpers.the_node().image == made[0]
    yield lambda: not overlay.list_open(kind)


STEPS = (
    open_the_panel,
    press_the_button_and_see_progress,
    cancel_by_the_button,
    keep_what_there_is,
    cancel_by_escape,
    run_to_the_end,
    undo_and_redo_by_keys,
    save_and_reopen,
    reload_during_a_job,
    choose_among_variations,
)


stepping.run(STEPS)
