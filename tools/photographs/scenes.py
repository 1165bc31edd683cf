"""What is done in Blender's window before each photograph, a function for each of `FRAMES`."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import helpers
import pointer
import stepping
import studio
from remote import other_computer
from stepping import Steps, in_the_panel, jobs, kill_ssh, press_synthesize, wait

SEED = 1


def panel() -> Steps:
    """All is ready, with the settings as they are at the beginning."""
    yield from _begin()
    yield from studio.shoot()


def advanced() -> Steps:
    """The parts *Repair* and *Advanced* are open."""
    yield from _begin()
    settings = bpy.context.scene.texcore
    for name in ("Repair", "Advanced"):
        yield from studio.open_part(name)
    settings.renew = "border"
    yield from studio.shoot()


def running() -> Steps:
    """A texture of standard quality, about half done."""
    yield from _begin()
    job = press_synthesize()
    yield lambda: job.fraction > 0.45 or job.ended
    yield from studio.shoot(still=False)
    assert not job.ended, job.message


def done() -> Steps:
    """The same, finished, with the texture in an Image Editor beside it."""
    yield from _begin(0.27, "IMAGE_EDITOR")
    studio.look(7, 0.6, 0.1)
    yield from _finish(press_synthesize())
    stepping.area("IMAGE_EDITOR").spaces.active.image = studio.get_node().image
    _fit("IMAGE_EDITOR", bpy.ops.image.view_all, fit_view=True)
    yield from studio.shoot()


def variations() -> Steps:
    """Four sketches side by side, the mouse over the first."""
    yield from _begin()
    settings = bpy.context.scene.texcore
    settings.size, settings.width, settings.height = "custom", 256, 256
    settings.quality, settings.seed = "sketch", 0
    with in_the_panel():
        bpy.ops.texcore.variations("EXEC_DEFAULT", count=4)
    yield lambda: jobs().current() is None
    with in_the_panel():
        assert bpy.ops.texcore.compare_variations("INVOKE_DEFAULT") == {"RUNNING_MODAL"}
    overlay, kind = helpers.module("operators.overlay"), helpers.module("operators.sheet").Sheet
    (sheet,) = overlay.list_open(kind)
    yield wait(0.5)
    cell = sheet.cells()[0]
    x, y = round(cell.x + cell.width / 2), round(cell.y + cell.height / 2)
    pointer.move(x, studio.FRAME.window[1] - y)
    yield lambda: sheet.under == 0
    yield from studio.shoot()


def derive() -> Steps:
    """Four maps guessed from a photo alone, and their nodes."""
    yield from studio.clear_the_window(0.585, "ShaderNodeTree")
    yield from studio.lay_out_the_beach()
    photo = studio.get_node().image
    photo.scale(192, 192)
    photo.name = "beach.png"
    stepping.area("VIEW_3D").spaces.active.show_region_toolbar = False
    yield from studio.open_part("Derive Maps")
    settings = bpy.context.scene.texcore
    settings.quality, settings.derive = "sketch", {"height", "normal", "roughness", "ao"}
    studio.look(11, 0.9, 2.0)
    yield from _finish(press_synthesize())
    for node in bpy.data.materials["Beach"].node_tree.nodes:
        node.select = False
    _fit("NODE_EDITOR", bpy.ops.node.view_all)
    yield wait(1.0)  # it moves there smoothly
    _fit("NODE_EDITOR", bpy.ops.view2d.zoom_in, zoomfacx=0.11, zoomfacy=0.11)
    yield from studio.shoot(kind="NODE_EDITOR")


def error() -> Steps:
    """The Python that the preferences name has no PyTorch."""
    yield from _begin()
    del os.environ["TEXCORE_PYTHON"]  # which goes before what the preferences name
    studio.get_preferences().python = "/usr/bin/python3"
    yield wait(2.0)
    job = press_synthesize()
    yield lambda: job.ended
    assert job.state is jobs().State.FAILED, job.message
    yield from studio.shoot()


def remote() -> Steps:
    """The connection to another computer is lost while a texture is made there."""
    yield from _begin()
    with other_computer("studio") as home:
        weights = Path(os.environ["TEXCORE_HOME"], "cache", "weights")
        shutil.copytree(weights, home / ".cache" / "texcore" / "weights")
        job = press_synthesize()
        yield lambda: job.fraction > 0.45 or job.ended
        Path(os.environ["TEXCORE_SSH"]).write_text("#!/bin/sh\nexec sleep 60\n")
        kill_ssh()
        yield lambda: job.stage.startswith("Connecting") or job.ended
        yield from studio.shoot(still=False)
        assert not job.ended, job.message
        job.cancel()


def objects_blender() -> Steps:
    """A texture for a monkey's head, over its surface."""
    yield from studio.clear_the_window()
    yield from studio.lay_out_the_beach()
    material = bpy.data.materials["Beach"]
    bpy.data.objects.remove(bpy.context.object)
    bpy.ops.mesh.primitive_monkey_add(size=2)
    head = bpy.context.object
    head.rotation_euler.z = math.radians(45)  # its face towards the camera
    head.data.materials.append(material)
    with in_the_panel():
        bpy.ops.object.subdivision_set(level=2)
        bpy.ops.object.modifier_apply(modifier=head.modifiers[0].name)
        bpy.ops.object.shade_smooth()
        bpy.ops.object.mode_set(mode="EDIT")
        bpy.ops.mesh.select_all(action="SELECT")
        bpy.ops.uv.smart_project(island_margin=0.005)
        bpy.ops.object.mode_set(mode="OBJECT")
    stepping.area("VIEW_3D").spaces.active.shading.type = "MATERIAL"
    studio.look(4, 0.1, 0.2)
    yield from studio.open_part("On an Object")
    settings = bpy.context.scene.texcore
    settings.size, settings.quality, settings.seed, settings.scale = "1024", "sketch", SEED, 0.6
    with in_the_panel():
        bpy.ops.texcore.synthesize_on_object("INVOKE_DEFAULT")
    yield from _finish(jobs().current())
    yield from studio.shoot()


def solid_blender() -> Steps:
    """A solid texture on a ball that a corner is cut out of."""
    yield from studio.clear_the_window()
    yield from studio.lay_out_the_beach()
    material = bpy.data.materials["Beach"]
    bpy.data.objects.remove(bpy.context.object)
    bpy.ops.mesh.primitive_cube_add(size=2, location=(1, -1, 1))
    corner = bpy.context.object
    bpy.ops.mesh.primitive_uv_sphere_add(radius=1, segments=96, ring_count=48)
    ball = bpy.context.object
    ball.data.materials.append(material)
    with in_the_panel():
        bpy.ops.object.shade_smooth()
        cut = ball.modifiers.new("Cut", "BOOLEAN")
        cut.object, cut.operation = corner, "DIFFERENCE"
        bpy.ops.object.modifier_apply(modifier=cut.name)
        bpy.ops.mesh.customdata_custom_splitnormals_clear()
        bpy.ops.object.shade_smooth_by_angle(angle=0.5)
    bpy.data.objects.remove(corner)
    stepping.area("VIEW_3D").spaces.active.shading.type = "MATERIAL"
    studio.look(4, 0.1, 0.2)
    yield from studio.open_part("Solid")
    settings = bpy.context.scene.texcore
    settings.seed = SEED
    with in_the_panel():
        bpy.ops.texcore.synthesize_solid("INVOKE_DEFAULT")
    yield from _finish(jobs().current())
    yield from studio.shoot()


def _begin(share: float = 0, beside: str = "") -> Steps:
    """The picture on a plane, and the panel; see `studio.clear_the_window`."""
    yield from studio.clear_the_window(share, beside)
    yield from studio.lay_out_the_beach()
    bpy.context.scene.texcore.seed = SEED
    studio.look(6, 0.5, -0.6)
    studio.put_the_mouse_aside()


def _finish(job: Any) -> Steps:
    """Wait for a job, which shall succeed."""
    yield lambda: job.ended
    assert job.state is jobs().State.DONE, job.message


def _fit(kind: str, operator: Callable[..., object], **words: bool | float) -> None:
    """Have an editor show all that it holds."""
    area = stepping.area(kind)
    region = next(region for region in area.regions if region.type == "WINDOW")
    with bpy.context.temp_override(area=area, region=region):
        operator(**words)


stepping.run([globals()[studio.NAME.replace("-", "_")]])
