"""What the panel shows in a low window, as Blender divides it, when a texture is done.

The settings are those that take the most rows of the panel: a custom size, and a quality whose
words fill several lines.
"""

from __future__ import annotations

import bpy
import helpers
import screen
import stepping
from stepping import Steps, jobs, press_synthesize, region, show_the_panel

CHOSEN = (0, 255, 0)  #: the colour given to the button of what is chosen in the list
LINES, LINE_ROWS = 2, 18  #: of a result in the list; rows of pixels that a line has at the least


def make_a_sketch_of_a_custom_size() -> Steps:
    """The panel of a finished texture."""
    stepping.textured_plane(helpers.load(size=128))
    settings = bpy.context.scene.texcore
    settings.size, settings.width, settings.height = "custom", 96, 64
    settings.quality = "sketch"
    yield from show_the_panel()
    job = press_synthesize()
    yield lambda: job.ended
    assert job.state is jobs().State.DONE, job.message
    assert tuple(helpers.the_node().image.size) == (96, 64)


def the_first_result_is_in_view() -> Steps:
    """Both lines of it are whole, without a turn of the wheel."""
    colours = bpy.context.preferences.themes[0].user_interface.wcol_tool
    colours.show_shaded = False
    colours.inner_sel = tuple(value / 255 for value in (*CHOSEN, 255))
    region().tag_redraw()
    yield lambda: count_rows_of_the_chosen() > 0
    yield screen.settles(lambda: (0, 0, 0, count_rows_of_the_chosen()))
    assert count_rows_of_the_chosen() >= LINES * LINE_ROWS, count_rows_of_the_chosen()


def count_rows_of_the_chosen() -> int:
    """How many rows of the sidebar's pixels show what is chosen in the list."""
    shown = screen.of_region(region())
    # The words of the line interrupt its colour: a fifth of a row is enough.
    return int(((shown == CHOSEN).all(axis=2).mean(axis=1) > 0.2).sum())


stepping.run((make_a_sketch_of_a_custom_size, the_first_result_is_in_view))
