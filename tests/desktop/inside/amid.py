"""An artist who paints, moves something or renders while a texture is made.

Before textures waited for that, Blender crashed at the end of the stroke.
"""

from __future__ import annotations

import os
from pathlib import Path

import bpy
import helpers
import stepping
from stepping import Steps, in_the_panel, jobs, press_synthesize, showing, wait

MOVES = 6  #: of the mouse, of a few pixels each


def paint_a_mask_while_a_texture_arrives() -> Steps:
    """It waits for the stroke's end, and is one undo step after that of the stroke."""
    job = yield from begin()
    area = stepping.area("VIEW_3D")
    area.type = "IMAGE_EDITOR"
    yield wait(0.5)
    mask = bpy.data.images.new("mask", 256, 256)
    mask.generated_color = 0.5, 0.5, 0.5, 1
    bpy.ops.ed.undo_push(message="a mask")
    area.spaces.active.image, area.spaces.active.ui_mode = mask, "PAINT"
    yield wait(0.5)
    yield from press_and_drag(*find_middle(area))
    assert list_modal() == ["PAINT_OT_image_paint"]
    job.keep()
    yield wait(1.5)
    assert not job.ended and showing()
    yield from release()
    yield lambda: job.ended
    assert job.state is jobs().State.DONE and helpers.the_node().image.name == "bricks Texcore"
    assert is_painted("mask")
    yield from undo()
    assert helpers.the_node().image.name == "bricks.png"
    assert is_painted("mask")
    yield from undo()  # Blender ended here
    area.type = "VIEW_3D"
    yield wait(0.5)


def move_an_object_while_a_texture_arrives() -> Steps:
    """The move is one undo step, the texture the next."""
    job = yield from begin()
    area = stepping.area("VIEW_3D")
    plane = bpy.context.view_layer.objects.active
    plane.select_set(True)
    x, y = find_middle(area)
    simulate("MOUSEMOVE", "NOTHING", x, y)
    yield wait(0.3)
    for value in ("PRESS", "RELEASE"):
        simulate("G", value, x, y)
    yield lambda: list_modal()
    yield from drag(x, y)
    job.keep()
    yield wait(1.5)
    assert not job.ended and list_modal()
    for value in ("PRESS", "RELEASE"):
        simulate("LEFTMOUSE", value, x + 4 * MOVES, y)
    yield lambda: job.ended
    moved = bpy.data.objects["Plane"].location.copy()
    assert job.state is jobs().State.DONE and moved.length > 0
    yield from undo()
    assert helpers.the_node().image.name == "bricks.png"
    assert bpy.data.objects["Plane"].location == moved
    yield from undo()
    assert bpy.data.objects["Plane"].location.length == 0


def paint_on_the_object() -> Steps:
    """No preview is there to be painted on, nor later one; elsewhere it comes back."""
    job = yield from begin()
    set_mode("TEXTURE_PAINT")
    yield lambda: not showing()
    yield wait(1.0)
    assert not showing() and not job.ended
    set_mode("OBJECT")
    yield showing
    job.cancel()
    assert helpers.the_node().image.name == "bricks.png"


def paint_on_the_image_in_its_editor() -> Steps:
    """The preview leaves an Image Editor in which the artist begins to paint."""
    job = yield from begin()
    area = stepping.area("VIEW_3D")
    area.type = "IMAGE_EDITOR"
    yield wait(0.5)
    space = area.spaces.active
    space.ui_mode, space.image = "VIEW", bpy.data.images["bricks.png"]
    preview = helpers.the_node().image
    space.image = preview
    space.ui_mode = "PAINT"
    yield lambda: space.image.name == "bricks.png"
    yield showing
    assert space.image.name == "bricks.png"
    job.cancel()
    area.type = "VIEW_3D"
    yield wait(0.5)


def close_a_render_with_esc() -> Steps:
    """Esc closes the window of the render, as Blender has it; the texture goes on."""
    job = yield from begin()
    make_ready_to_render(frames=1)
    windows = bpy.context.window_manager.windows
    with in_the_panel():
        bpy.ops.render.render("INVOKE_DEFAULT")
    yield lambda: len(windows) == 2 and not bpy.app.is_job_running("RENDER")
    yield wait(1.0)
    area = max(windows[1].screen.areas, key=lambda area: area.width * area.height)
    assert area.type == "IMAGE_EDITOR"
    x, y = find_middle(area)
    simulate("MOUSEMOVE", "NOTHING", x, y, window=1)
    yield wait(0.3)
    for value in ("PRESS", "RELEASE"):
        simulate("ESC", value, x, y, window=1)
    yield lambda: len(windows) == 1
    assert not job.ended
    job.cancel()


def render_an_animation_while_a_texture_arrives() -> Steps:
    """All its frames have one image."""
    job = yield from begin()
    scene = make_ready_to_render(frames=6)
    seen = []

    def look(*_: object) -> None:
        seen.append(helpers.the_node().image.name)

    bpy.app.handlers.render_pre.append(look)
    with in_the_panel():
        bpy.ops.render.render("INVOKE_DEFAULT", animation=True)
    yield lambda: len(seen) > 1
    job.keep()
    yield lambda: not bpy.app.is_job_running("RENDER")
    bpy.app.handlers.render_pre.remove(look)
    assert len(seen) == scene.frame_end and set(seen) == {"bricks.png"}, seen
    yield lambda: job.ended
    assert helpers.the_node().image.name == "bricks Texcore", job.message


def begin():
    """A texture in the making, its preview on a plane, by an engine that goes on until told."""
    for collection in (bpy.data.objects, bpy.data.materials, bpy.data.images):
        for old in [*collection]:
            collection.remove(old)
    stepping.textured_plane(helpers.load(size=128))
    settings = bpy.context.scene.texcore
    settings.size, settings.width, settings.height = "custom", 128, 128
    settings.quality = "high"
    os.environ["TEXCORE_PYTHON"] = helpers.engine("painting.py")
    yield from stepping.show_the_panel()
    bpy.ops.ed.undo_push(message="ready")
    job = press_synthesize()
    yield lambda: (job.keepable and showing()) or job.ended
    assert not job.ended, job.message
    return job


def press_and_drag(x: int, y: int):
    simulate("MOUSEMOVE", "NOTHING", x, y)
    yield wait(0.3)
    simulate("LEFTMOUSE", "PRESS", x, y)
    yield wait(0.3)
    yield from drag(x, y)


def drag(x: int, y: int):
    for number in range(MOVES):
        simulate("MOUSEMOVE", "NOTHING", x + 4 * number, y)
        yield lambda: True


def release():
    x, y = find_middle(max(window().screen.areas, key=lambda area: area.width * area.height))
    simulate("LEFTMOUSE", "RELEASE", x + 4 * MOVES, y)
    yield lambda: not list_modal()


def undo():
    with in_the_panel() if any(a.type == "VIEW_3D" for a in window().screen.areas) else override():
        bpy.ops.ed.undo()
    yield wait(0.5)


def override():
    """The context of the largest editor."""
    area = max(window().screen.areas, key=lambda area: area.width * area.height)
    return bpy.context.temp_override(window=window(), area=area)


def is_painted(name: str) -> bool:
    return helpers.pixels(bpy.data.images[name])[..., :3].std() > 0


def set_mode(mode: str) -> None:
    with in_the_panel():
        bpy.ops.object.mode_set(mode=mode)


def make_ready_to_render(frames: int) -> bpy.types.Scene:
    """A camera over the plane, and so many frames."""
    scene = bpy.context.scene
    scene.camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(scene.camera)
    scene.camera.location.z = 20
    scene.render.engine, scene.cycles.device = "CYCLES", "CPU"
    scene.cycles.samples = 1 if frames == 1 else 60
    scene.render.resolution_x = scene.render.resolution_y = 64 if frames == 1 else 192
    scene.frame_start, scene.frame_end = 1, frames
    scene.render.filepath = str(Path(os.environ["TEXCORE_TEST_FOLDER"], "frame"))
    return scene


def window() -> bpy.types.Window:
    return bpy.context.window_manager.windows[0]


def list_modal() -> list[str]:
    return [operator.bl_idname for operator in window().modal_operators]


def find_middle(area: bpy.types.Area) -> tuple[int, int]:
    region = next(region for region in area.regions if region.type == "WINDOW")
    return region.x + region.width // 2, region.y + region.height // 2


def simulate(type: str, value: str, x: int, y: int, window: int = 0) -> None:
    windows = bpy.context.window_manager.windows
    windows[window].event_simulate(type=type, value=value, x=x, y=y)


stepping.run(
    (
        paint_a_mask_while_a_texture_arrives,
        move_an_object_while_a_texture_arrives,
        paint_on_the_object,
        paint_on_the_image_in_its_editor,
        close_a_render_with_esc,
        render_an_animation_while_a_texture_arrives,
    )
)
