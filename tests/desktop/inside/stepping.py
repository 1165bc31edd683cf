"""Scripts in Blender's window, step by step, and what they share.

Every step is a generator: it yields conditions, and goes on when they have come true. Blender draws
and hears its events meanwhile.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import bpy
import helpers
import screen

TALL = 24  #: in pixels, of the main button while nothing is being made
SECONDS = 300  # only against hanging for ever
BREATH_SECONDS = 0.005
Steps = Iterator[Callable[[], object]]


def area(kind: str) -> bpy.types.Area:
    """The largest editor of a kind."""
    areas = bpy.context.window_manager.windows[0].screen.areas
    return max((a for a in areas if a.type == kind), key=lambda a: a.width * a.height)


def region(kind: str = "UI") -> bpy.types.Region:
    """A region of the 3D View; its sidebar."""
    return next(r for r in area("VIEW_3D").regions if r.type == kind)


def jobs():
    return helpers.module("engine.jobs")


def showing() -> bool:
    """Whether it shows a preview."""
    return "texcore_stands_for" in helpers.the_node().image


def main_button() -> screen.Button | None:
    """The first tall button of the panel; the verbs below the list touch, and look like one too."""
    return next((b for b in screen.buttons(region()) if b[3] >= TALL), None)


def in_the_panel() -> AbstractContextManager[None]:
    """Have operators called as the panel in the 3D View calls them."""
    window = bpy.context.window_manager.windows[0]
    return bpy.context.temp_override(window=window, area=area("VIEW_3D"), region=region())


def press_synthesize():
    """Call what the panel's button calls; the job."""
    with in_the_panel():
        bpy.ops.texcore.synthesize("INVOKE_DEFAULT")
    return jobs().current()


def kill_ssh() -> None:
    """Kill the process of ssh that the engine's link has started."""
    link = jobs().engine._process.pid
    children = Path(f"/proc/{link}/task/{link}/children").read_text().split()
    for child in children:
        os.kill(int(child), signal.SIGKILL)


def wait(seconds: float) -> Callable[[], bool]:
    """A condition that comes true by itself, for pictures of what is under way."""
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


def textured_plane(image: bpy.types.Image, side: float = 20) -> None:
    """Have nothing in the scene but a large plane with an image."""
    helpers.textured(image)
    plane(side)


def plane(side: float = 20) -> None:
    """Have nothing in the scene but a large plane with the material “Bricks”."""
    for old in list(bpy.data.objects):
        bpy.data.objects.remove(old)
    bpy.ops.mesh.primitive_plane_add(size=side)
    bpy.context.object.data.materials.append(bpy.data.materials["Bricks"])
    bpy.ops.ed.undo_push(message="the scene")  # a script's doing is no step by itself


def show_the_panel() -> Steps:
    """Show the node's image on the plane in the 3D View, and Texcore in its sidebar."""
    space = area("VIEW_3D").spaces.active
    # As good as a material preview here, and drawn at once by a processor.
    space.shading.type, space.shading.color_type = "SOLID", "TEXTURE"
    helpers.the_node().id_data.nodes.active = helpers.the_node()
    space.overlay.show_overlays = False
    space.show_region_ui = True
    yield lambda: region().width > 100

    def chosen() -> bool:
        region().active_panel_category = "Texcore"
        area("VIEW_3D").tag_redraw()
        return region().active_panel_category == "Texcore"

    yield chosen


class _Runner:
    """Looks at a condition each time the timer fires."""

    def __init__(self, steps: Sequence[Callable[[], Steps]], results: dict) -> None:
        self._left = list(steps)
        self._results = results
        self._results |= {step.__name__: "was not reached" for step in steps}
        self._running: Steps | None = None
        self._condition: Callable[[], object] = lambda: True
        self._deadline = 0.0

    def __call__(self) -> float | None:
        name = self._left[0].__name__
        try:
            if self._running is None:
                self._running = self._left[0]()
                self._next()
            elif self._condition():
                self._next()
            elif time.monotonic() > self._deadline:
                job = jobs().latest.get("synthesize")
                raise AssertionError(f"waited in vain; {vars(job) if job else 'no job'}")
        except StopIteration:
            self._results[name] = ""
            self._left.pop(0)
            self._running = None
        except BaseException as e:
            line = self._running.gi_frame.f_lineno if self._running.gi_frame else "?"
            self._results[name] = f"line {line}: {e}\n{traceback.format_exc()}"
            self._left.clear()
        if self._left:
            return 0.2
        times = sorted(1e3 * seconds for seconds in jobs().tick_times)
        self._results["ticks"] = [len(times), times[int(0.95 * len(times))]] if times else []
        path = Path(os.environ["TEXCORE_TEST_FOLDER"]) / "results.json"
        path.write_text(json.dumps(self._results), encoding="utf-8")
        jobs().cancel_all()
        jobs().engine.kill()
        os._exit(0)

    def _next(self) -> None:
        self._condition = next(self._running)
        self._deadline = time.monotonic() + SECONDS


def _breathe() -> float:
    """Let the engine have the processor: a Blender that hears simulated events waits for none."""
    time.sleep(BREATH_SECONDS)
    return 0.0


def run(steps: Sequence[Callable[[], Steps]], results: dict | None = None) -> None:
    """Install the extension and begin; what became of each step is written down, then Blender ends.

    Args:
        steps: One after another, until one fails.
        results: What else shall be written down.
    """
    bpy.ops.extensions.package_install_files(
        filepath=os.environ["TEXCORE_ZIP"], repo="user_default", enable_on_install=True
    )
    preferences = bpy.context.preferences
    preferences.view.show_splash = False
    preferences.addons[helpers.PACKAGE].preferences.weights = "random"
    preferences.addons[helpers.PACKAGE].preferences.device = "cpu"
    runner = _Runner(steps, {} if results is None else results)
    bpy.app.timers.register(runner, first_interval=2, persistent=True)
    if "--enable-event-simulate" in sys.argv:
        bpy.app.timers.register(_breathe, persistent=True)
