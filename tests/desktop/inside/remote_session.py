"""An artist whose engine is on another computer: how long a texture takes, and what a loss costs.

`benchmarks/remote_window.py` runs it, with a real sshd; nothing is asserted of its figures.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import bpy
import helpers
import numpy as np
import screen
import stepping
from stepping import Steps, in_the_panel, jobs, kill_ssh, press_synthesize, showing, wait

SIZE = int(os.environ["TEXCORE_TEST_SIZE"])
HOST = "studio"
GONE = Path(os.environ["TEXCORE_TEST_GONE"])  #: while it is there, no connection succeeds
SHOTS = Path(os.environ["TEXCORE_TEST_SHOTS"])
LOSES_AT = 0.4  #: of the work
results: dict = {}


def prepare() -> Steps:
    """The exemplar of the repository on a plane, and Texcore in the sidebar."""
    preferences = get_preferences()
    for name in ("weights", "device"):
        preferences.property_unset(name)
    stepping.textured_plane(bpy.data.images.load(os.environ["TEXCORE_TEST_PICTURE"]))
    settings = bpy.context.scene.texcore
    settings.size, settings.width, settings.height = "custom", SIZE, SIZE
    settings.quality = "draft"
    bpy.context.preferences.view.ui_scale = 0.8  # all of the panel is seen
    yield from stepping.show_the_panel()


def here() -> Steps:
    """Three textures by the engine on this computer, whose start is in the first."""
    yield from make_three("here")


def there() -> Steps:
    """Three textures by the engine on the other."""
    get_preferences().host = HOST
    yield from make_three("there")


def lost_once() -> Steps:
    """The connection is lost on the way, and comes back by itself."""
    job = press_synthesize()
    yield lambda: job.fraction > LOSES_AT or job.ended
    kill_ssh()
    yield lambda: job.stage.startswith("Connecting") or job.ended
    shoot("lost-once")
    yield lambda: job.ended
    results["lost once"] = job.message


def lost_for_good() -> Steps:
    """The other computer does not come back, and then does: *Resume*."""
    bpy.context.scene.texcore.seed += 1
    job = press_synthesize()
    yield lambda: job.fraction > LOSES_AT or job.ended
    GONE.touch()
    kill_ssh()
    yield lambda: job.ended
    results["lost for good"] = job.message
    yield wait(1.0)
    shoot("lost-for-good")
    GONE.unlink()
    with in_the_panel():
        bpy.ops.texcore.resume("INVOKE_DEFAULT")
    again = jobs().current()
    yield lambda: again.fraction > 0 or again.ended
    yield wait(1.0)
    shoot("resumed")
    yield lambda: again.ended
    results["resumed"] = again.message
    yield wait(1.0)
    shoot("done")


def make_three(where: str) -> Steps:
    """Make textures and note how long each took, and how often a preview was new."""
    figures = results[f"textures {where}"] = []
    for number in range(3):
        bpy.context.scene.texcore.seed += 1
        begun = time.monotonic()
        job = press_synthesize()
        yield lambda job=job: showing() or job.ended
        first = time.monotonic() - begun
        if number == 1:
            yield wait(2.0)
            shoot(where)
        previews = seen = 0
        while not job.ended:
            previews += job.watch._shown != seen
            seen = job.watch._shown
            yield lambda job=job, seen=seen: job.watch._shown != seen or job.ended
        assert job.state is jobs().State.DONE, job.message
        figures.append((round(first, 1), round(time.monotonic() - begun, 1), previews))


def shoot(name: str) -> None:
    np.save(SHOTS / f"{name}.npy", screen.pixels())


def get_preferences():
    return bpy.context.preferences.addons[helpers.PACKAGE].preferences


stepping.run([prepare, here, there, lost_once, lost_for_good], results)
