"""How long a texture of 4096 × 4096 in the making holds Blender's main thread.

As such a job takes hours on a processor, a quick engine stands in; it sends previews of 512 × 512
and messages faster than any real one. Blender shows four of them a second on an object. The last
act, taking in the finished picture, is timed with a picture of that size.
"""

from __future__ import annotations

import math
import os
import time

import bpy
import helpers
import numpy as np
import stepping
from stepping import Steps, jobs, showing

SIDE = 4096
TICKS = int(os.environ["TEXCORE_TEST_TICKS"])
results: dict = {}


def make_a_large_texture() -> Steps:
    """Previews come until there have been enough ticks."""
    stepping.textured_plane(helpers.load(size=256))
    settings = bpy.context.scene.texcore
    settings.size, settings.width, settings.height = "custom", SIDE, SIDE
    settings.quality = "high"  # for the engine below: until it is cancelled
    os.environ["TEXCORE_PYTHON"] = helpers.engine("painting.py")
    # Whatever drawing them takes: what they take of a tick is wanted.
    helpers.module("synthesis.preview").SHARE_OF_PROCESSOR = math.inf
    yield from stepping.show_the_panel()
    with bpy.context.temp_override(area=stepping.area("VIEW_3D")):
        bpy.ops.texcore.synthesize("INVOKE_DEFAULT")
    job = jobs().current()
    yield lambda: showing() or job.ended
    jobs().tick_times.clear()  # the engine's start and the first preview are no ticks like others
    previews = 0
    last = None
    while len(jobs().tick_times) < TICKS and not job.ended:
        count = len(jobs().tick_times)
        yield lambda count=count: len(jobs().tick_times) > count
        previews += job.watch._shown != last
        last = job.watch._shown
    assert not job.ended, job.message
    times = np.sort(np.array(jobs().tick_times)) * 1e3
    results["count"] = len(times)
    results["milliseconds"] = {q: float(np.quantile(times, q / 100)) for q in (50, 95, 99, 100)}
    results["previews"] = previews
    job.cancel()


def take_in_a_large_picture() -> Steps:
    """The engine's picture is loaded and packed in one tick."""
    pixels = np.tile(helpers.picture(256)[..., :3], (SIDE // 256, SIDE // 256, 1))
    path = helpers.write_png(helpers.folder() / "large.png", pixels)
    images = helpers.module("images.exchange")
    photo = helpers.the_node().image
    exemplar = images.export_image(photo, helpers.folder())
    start = time.perf_counter()
    images.bring_in(path, exemplar, "large", photo, "{}")
    results["taking in"] = 1e3 * (time.perf_counter() - start)
    yield lambda: True


stepping.run((make_a_large_texture, take_in_a_large_picture), results)
