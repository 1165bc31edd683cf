"""The texture in the making is shown in the node, and never kept there: saved, undone, loaded."""

from __future__ import annotations

import os

import bpy
import helpers
from driving import job, until

ENGINE = "painting.py"
SLOW = {"width": 128, "height": 128, "quality": "high", "live": True}


def showing(node) -> bool:
    return node.image is not None and "texcore_stands_for" in node.image


def previewed(**words):
    """A job at work that shows its preview."""
    helpers.textured(helpers.load())
    work = job(**SLOW | words)
    helpers.module("engine.jobs").start(work)
    until(lambda: showing(helpers.the_node()) or work.ended)
    assert not work.ended, work.message
    return work


def nothing_is_left() -> bool:
    return not any("texcore_stands_for" in image for image in bpy.data.images)


def check_the_preview_is_in_the_node_until_the_texture_is():
    helpers.textured(helpers.load())
    work = job(live=True)
    helpers.module("engine.jobs").start(work)
    seen = []

    def ended():
        if showing(helpers.the_node()):
            seen.append(helpers.pixels(helpers.the_node().image).copy())
        return work.ended

    until(ended)
    assert seen and seen[-1][..., :3].std() > 0.02 and seen[-1].shape == (32, 32, 4)
    assert helpers.the_node().image.name == "bricks Texcore" and nothing_is_left()


def check_a_larger_preview_is_as_fine_as_the_texture_will_be():
    work = previewed()
    assert list(helpers.the_node().texture_mapping.scale) == [0.5, 0.5, 1]
    work.cancel()
    assert list(helpers.the_node().texture_mapping.scale) == [1, 1, 1] and nothing_is_left()


def check_previews_of_a_large_texture_are_of_full_size_first_and_then_smaller():
    work = previewed(width=1280, height=1152)
    image = helpers.the_node().image
    assert tuple(image.size) == (1280, 1152)
    until(lambda: work.ended or tuple(image.size) == (1024, 922))
    assert not work.ended, work.message
    assert helpers.the_node().image == image
    assert helpers.pixels(image)[..., :3].std() > 0.2  # the noise of the smaller one
    work.cancel()
    assert nothing_is_left()


def check_the_second_of_two_is_shown_where_the_first_is():
    helpers.textured(helpers.load())
    jobs = helpers.module("engine.jobs")
    first, second = job(), job(**SLOW, seed=3)
    for work in (first, second):
        jobs.start(work)
    until(lambda: (second.keepable and showing(helpers.the_node())) or second.ended)
    assert first.state is jobs.State.DONE and not second.ended, second.message
    preview = helpers.the_node().image
    assert preview["texcore_stands_for"].name == "bricks Texcore"
    second.keep()
    until(lambda: second.ended)
    assert helpers.the_node().image.name == second.task.image_name != first.task.image_name
    assert nothing_is_left()


def check_undo_of_the_first_while_a_second_is_made_leaves_the_second_its_node():
    helpers.textured(helpers.load())
    bpy.ops.ed.undo_push(message="before")
    jobs = helpers.module("engine.jobs")
    first = job()
    jobs.start(first)
    until(lambda: first.ended)
    second = job(**SLOW)
    jobs.start(second)
    until(lambda: showing(helpers.the_node()) or second.ended)
    bpy.ops.ed.undo()
    assert helpers.the_node().image.name == "bricks.png" and not second.ended
    until(lambda: (second.keepable and showing(helpers.the_node())) or second.ended)
    assert helpers.the_node().image["texcore_stands_for"].name == "bricks.png"
    second.keep()
    until(lambda: second.ended)
    assert second.state is jobs.State.DONE and "left alone" not in second.message, second.message
    assert helpers.the_node().image.name == second.task.image_name


def check_the_panel_names_the_old_image_meanwhile():
    work = previewed()
    target = helpers.module("nodes.targets").find_target(bpy.context)
    assert target.image.name == "bricks.png" and target.place.find() == helpers.the_node()
    work.cancel()


def check_a_file_saved_meanwhile_holds_the_old_image():
    work = previewed()
    path = helpers.folder() / "saved.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path), copy=True)
    assert helpers.the_node().image.name == "bricks.png" and nothing_is_left()
    until(lambda: showing(helpers.the_node()) or work.ended)  # it comes back
    assert not work.ended, (work.message, work.log)
    bpy.ops.wm.open_mainfile(filepath=str(path))
    assert work.state is helpers.module("engine.jobs").State.CANCELLED
    assert helpers.the_node().image.name == "bricks.png" and len(bpy.data.images) == 1


def check_a_file_saved_without_notice_is_healed():
    """Blender's automatic save calls no handler."""
    previewed()
    path = helpers.folder() / "auto.blend"
    handlers = bpy.app.handlers.save_pre
    kept = handlers[:]
    handlers.clear()
    try:
        bpy.ops.wm.save_as_mainfile(filepath=str(path), copy=True)
    finally:
        handlers.extend(kept)
    with bpy.data.libraries.load(str(path)) as (there, _):
        assert "Texcore Preview" in there.images
    bpy.ops.wm.open_mainfile(filepath=str(path))
    assert helpers.the_node().image.name == "bricks.png" and nothing_is_left()
    assert list(helpers.the_node().texture_mapping.scale) == [1, 1, 1]


def check_undo_and_redo_meanwhile():
    helpers.textured(helpers.load())
    bpy.ops.ed.undo_push(message="before")
    work = job(**SLOW)
    helpers.module("engine.jobs").start(work)
    until(lambda: showing(helpers.the_node()) or work.ended)
    bpy.context.scene.frame_current = 7
    bpy.ops.ed.undo_push(message="the artist does something")  # this step holds the preview
    bpy.ops.ed.undo()
    assert helpers.the_node().image.name == "bricks.png" and nothing_is_left()
    until(lambda: showing(helpers.the_node()) or work.ended)
    bpy.ops.ed.redo()
    assert bpy.context.scene.frame_current == 7
    assert helpers.the_node().image.name == "bricks.png" and nothing_is_left()
    until(lambda: showing(helpers.the_node()) or work.ended)
    assert not work.ended, (work.message, work.log)
    work.cancel()
    assert helpers.the_node().image.name == "bricks.png" and nothing_is_left()


def check_undo_after_the_texture_leads_to_the_old_image():
    helpers.textured(helpers.load())
    bpy.ops.ed.undo_push(message="before")
    work = job(live=True, width=64, height=64)
    helpers.module("engine.jobs").start(work)
    until(lambda: showing(helpers.the_node()) or work.ended)
    bpy.ops.ed.undo_push(message="the artist does something")
    until(lambda: work.ended)
    assert helpers.the_node().image.name == "bricks Texcore", work.message
    bpy.ops.ed.undo()
    assert helpers.the_node().image.name == "bricks.png" and nothing_is_left()
    bpy.ops.ed.redo()
    assert helpers.the_node().image.name == "bricks Texcore" and nothing_is_left()


def check_a_copy_of_the_material_gets_the_old_image_too():
    work = previewed()
    copy = bpy.data.materials["Bricks"].copy()
    work.cancel()
    images = [n.image for n in copy.node_tree.nodes if n.bl_idname == "ShaderNodeTexImage"]
    assert [image.name for image in images] == ["bricks.png"]


def check_a_render_meanwhile_shows_the_old_image():
    work = previewed()
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 1
    scene.render.resolution_x = scene.render.resolution_y = 4
    scene.camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(scene.camera)
    seen = []
    look = lambda *_: seen.append(helpers.the_node().image.name)  # noqa: E731
    bpy.app.handlers.render_pre.append(look)
    try:
        bpy.ops.render.render()
    finally:
        bpy.app.handlers.render_pre.remove(look)
    assert seen == ["bricks.png"]
    work.cancel()


def check_what_is_kept_is_the_texture_at_full_size_as_one_undo_step():
    helpers.textured(helpers.load())
    bpy.ops.ed.undo_push(message="before")
    work = job(**{**SLOW, "width": 1280, "height": 1152})
    assert not bpy.ops.texcore.keep.poll()
    helpers.module("engine.jobs").start(work)
    until(lambda: (showing(helpers.the_node()) and work.keepable) or work.ended)
    assert bpy.ops.texcore.keep() == {"FINISHED"}
    assert work.keeping and not work.keepable and not bpy.ops.texcore.keep.poll()
    assert work.stage == "Keeping the texture as it is"
    until(lambda: work.ended)
    assert work.state is helpers.module("engine.jobs").State.DONE, work.message
    kept = helpers.the_node().image
    assert kept.packed_file is not None and kept.name == "bricks Texcore"
    assert tuple(kept.size) == (1280, 1152)  # the preview has at most 1024 a side
    assert "Stopped early." in work.message and nothing_is_left()
    recipe = helpers.module("images.marks").read_recipe(kept)
    assert recipe.size == (1280, 1152) and helpers.pixels(kept)[..., :3].std() > 0.02
    bpy.ops.ed.undo()
    assert helpers.the_node().image.name == "bricks.png"


def check_previews_wait_while_drawing_takes_the_processor():
    """As it does where Cycles, or a processor instead of a graphics card, draws the viewport."""
    preview = helpers.module("synthesis.preview")
    cores = os.cpu_count() or 1

    class Clock:
        now = used = 100.0

        def monotonic(self):
            return self.now

        def process_time(self):
            return self.used

    class Part:
        shown = 0

        def read(self):
            return True

        def show(self):
            self.shown += 1

    clock, part = Clock(), Part()
    watch = preview.Preview({"picture": part}, None, lambda images: None)

    def shows(after, used):
        """Whether one more is shown after so many seconds, in which Blender used the processor."""
        clock.now, clock.used, before = clock.now + after, clock.used + used * cores, part.shown
        watch.update()
        return part.shown > before

    before, preview.time = preview.time, clock
    try:
        assert shows(0, 0)
        assert not shows(0.2, 0) and shows(0.1, 0)
        assert shows(1.0, 0.2)  # less than its share
        assert not shows(1.0, 1.0) and not shows(2.9, 0) and shows(0.2, 0)
        assert not shows(9.9, 9.9) and shows(0.2, 0.2)  # none waits for longer
    finally:
        preview.time = before


def check_without_a_live_preview_it_can_be_kept_too():
    node = helpers.textured(helpers.load())
    jobs = helpers.module("engine.jobs")
    work = job(**{**SLOW, "live": False})
    jobs.start(work)
    until(lambda: work.keepable or work.ended)
    assert node.image.name == "bricks.png"
    work.keep()
    until(lambda: work.ended)
    assert work.state is jobs.State.DONE and node.image.name == "bricks Texcore"


def check_a_cancel_after_it_leaves_the_old_image():
    jobs = helpers.module("engine.jobs")
    work = previewed()
    until(lambda: work.keepable)
    work.keep()
    bpy.ops.texcore.cancel()
    assert work.state is jobs.State.CANCELLED and helpers.the_node().image.name == "bricks.png"
    until(lambda: not jobs.engine.cancelling)
    assert nothing_is_left() and len(bpy.data.images) == 1


def unheard():
    """A job at work whose preview shall be kept, of which the engine does not hear."""
    jobs = helpers.module("engine.jobs")
    work = previewed()
    until(lambda: work.keepable)
    jobs.engine.finish = lambda id: None
    try:
        work.keep()
    finally:
        del jobs.engine.finish
    assert work.keeping
    return work


def preview_is_kept(work) -> None:
    until(lambda: work.ended)
    kept = helpers.the_node().image
    assert kept.packed_file is not None and kept.name == "bricks Texcore Preview"
    assert "The last preview is kept: 128 × 128 pixels." in work.message and nothing_is_left()
    assert helpers.module("images.marks").read_recipe(kept).size == (128, 128)


def check_where_the_engine_ends_the_last_preview_is_kept():
    work = unheard()
    helpers.module("engine.jobs").engine._process.kill()
    preview_is_kept(work)
    assert "stopped unexpectedly" in work.message


def check_where_the_engine_does_not_answer_the_last_preview_is_kept():
    jobs, the_job = helpers.module("engine.jobs"), helpers.module("engine.job")
    before, the_job.KEEP_SECONDS = the_job.KEEP_SECONDS, 0.1
    try:
        preview_is_kept(unheard())
    finally:
        the_job.KEEP_SECONDS = before
    until(lambda: not jobs.engine.cancelling)


def check_the_image_without_a_node():
    old = helpers.load()
    work = job(image=old.name, live=True)
    helpers.module("engine.jobs").start(work)
    until(lambda: work.ended)
    assert work.task.image_name == "bricks Texcore" and nothing_is_left()
