"""From the tab to the first texture, as a new artist goes: how many clicks and seconds that takes.

Then a second texture, twice as large, which the engine that runs by then arranges anew.

`benchmarks/first_texture.py` runs it; nothing is asserted of its figures. The mouse is the screen's
own, and Blender waits for events as it does for an artist. Only in the file browser the picture is
named, where an artist clicks on it and on the browser's button.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import bpy
import helpers
import pointer
import screen
import stepping
from stepping import Steps, jobs, region, wait

PICTURE = Path(os.environ["TEXCORE_TEST_PICTURE"])
IN_THE_BROWSER = 2  #: clicks: on the picture, and on the button
results: dict = {"clicks": 0, "seconds": {}}
_begun = 0.0


def find_the_tab() -> Steps:
    """The place of the tab is found by trying; then another one is shown, and the clock begins."""
    for name in ("weights", "device"):
        bpy.context.preferences.addons[helpers.PACKAGE].preferences.property_unset(name)
    screen.mark_buttons()
    stepping.area("VIEW_3D").spaces.active.show_region_ui = True
    yield lambda: region().width > 100
    yield wait(3.0)  # what the extension looks up after its start
    side = region()
    x, top = side.x + side.width - 12, screen.pixels().shape[0] - side.y - side.height
    for y in range(top + 20, top + side.height, 20):
        pointer.click(x, y)
        yield wait(0.4)
        if region().active_panel_category == "Texcore":
            break
    assert region().active_panel_category == "Texcore"
    region().active_panel_category = "View"
    yield wait(1.0)
    global _begun
    _begun = time.monotonic()
    yield from click(x, y)
    yield lambda: region().active_panel_category == "Texcore"
    note("the panel is there")


def open_the_picture() -> Steps:
    """The cube's material gets it, by the panel's button."""
    yield screen.settles(lambda: next(iter(screen.buttons(region())), None))
    left, top, width, height = screen.buttons(region())[0]
    yield from click(left + width // 2, top + height // 2)
    windows = bpy.context.window_manager.windows
    yield lambda: len(windows) > 1
    window = windows[-1]
    area = window.screen.areas[0]
    yield lambda: area.type == "FILE_BROWSER" and area.spaces.active.params is not None
    yield wait(1.0)
    params = area.spaces.active.params
    params.directory, params.filename = os.fsencode(PICTURE.parent), PICTURE.name
    part = next(each for each in area.regions if each.type == "WINDOW")
    with bpy.context.temp_override(window=window, area=area, region=part):
        bpy.ops.file.execute()
    results["clicks"] += IN_THE_BROWSER
    yield lambda: PICTURE.name in bpy.data.images
    note("the picture is on the cube")


def make_the_texture() -> Steps:
    """The large button; the cube shows the texture in the making, then the texture."""
    yield from press_and_wait("")


def make_a_larger_one() -> Steps:
    """Twice as large, arranged anew, by the engine that runs."""
    settings = bpy.context.scene.texcore
    settings.size = "custom"
    settings.width, settings.height = (2 * n for n in bpy.data.images[PICTURE.name].size)
    region().tag_redraw()  # a script's doing alone is not drawn
    yield wait(2.0)
    yield from press_and_wait("twice as large: ")


def press_and_wait(which: str) -> Steps:
    """Press the large button, and note when there is a first preview, and the texture."""
    yield screen.settles(stepping.main_button)
    left, top, width, height = stepping.main_button()
    yield from click(left + width // 4, top + height // 2)
    note(f"{which}the button is pressed")
    yield lambda: jobs().current() is not None
    job = jobs().current()
    yield lambda: any("texcore_stands_for" in image for image in bpy.data.images) or job.ended
    note(f"{which}the first preview is on the cube")
    yield lambda: job.ended
    assert job.state is jobs().State.DONE, job.message
    note(f"{which}the texture is done")
    results.setdefault("said", []).append(job.message)


def click(x: int, y: int) -> Steps:
    """Click as an artist does, the mouse there first, and count it."""
    pointer.move(x, y)
    yield wait(0.3)
    pointer.click(x, y)
    results["clicks"] += 1


def note(what: str) -> None:
    """Write down when something was so, in seconds from the first click."""
    results["seconds"][what] = round(time.monotonic() - _begun, 1)


stepping.run([find_the_tab, open_the_picture, make_the_texture, make_a_larger_one], results)
