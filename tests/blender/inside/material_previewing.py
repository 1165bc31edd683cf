"""All maps in the making are shown in their nodes, and never kept there."""

from __future__ import annotations

import bpy
import helpers
from driving import until
from material import graph, loaded, wired
from previewing import nothing_is_left

ENGINE = "painting.py"
OLD = {"base_color": "base_color.png", "normal": "normal.png", "roughness": "roughness.png"}


def started(wait: bool = True, **words):
    """A job at work on a material of three maps, all of whose previews are shown."""
    material = wired(**{kind: loaded(kind) for kind in OLD})
    bpy.ops.ed.undo_push(message="before")
    synthesis = helpers.module("synthesis.task")
    words = {**helpers.FAST, "width": 96, "height": 96, "quality": "high", "live": True, **words}
    options = helpers.options(material=material.name, maps=True, **words)
    task = synthesis.Synthesis(bpy.context, options)
    jobs = helpers.module("engine.jobs")
    work = jobs.EngineJob(
        task, helpers.module("engine.choices").find_python(bpy.context), task.watch
    )
    jobs.start(work)
    if wait:
        until(lambda: showing() == set(OLD) or work.ended)
        assert not work.ended, work.message
    return work


def images() -> dict[str, bpy.types.Image]:
    """The image in each node; undo makes references stale."""
    nodes = bpy.data.materials["Bricks"].node_tree.nodes
    return {n.name: n.image for n in nodes if n.bl_idname == "ShaderNodeTexImage"}


def names() -> dict[str, str]:
    return {kind: image.name for kind, image in images().items()}


def showing() -> set[str]:
    """Which nodes show a preview."""
    return {kind for kind, image in images().items() if "texcore_stands_for" in image}


def check_all_maps_are_shown_until_they_are_there():
    work = started(wait=False, quality="standard", width=48, height=48)
    seen = {}

    def ended() -> bool:
        for kind in showing():
            seen[kind] = helpers.pixels(images()[kind])[..., :3].std()
            space = images()[kind].colorspace_settings.name
            assert space == ("sRGB" if kind == "base_color" else "Non-Color")
        return work.ended

    until(ended)
    assert work.state is helpers.module("engine.jobs").State.DONE, work.message
    assert "base_color" in seen and min(seen.values()) > 0.02
    assert names() == {kind: f"{kind} Texcore" for kind in OLD} and nothing_is_left()


def check_larger_previews_are_as_fine_as_the_maps_will_be():
    work = started()
    nodes = bpy.data.materials["Bricks"].node_tree.nodes
    assert all(list(nodes[kind].texture_mapping.scale) == [0.5, 0.5, 1] for kind in OLD)
    work.cancel()
    assert all(list(nodes[kind].texture_mapping.scale) == [1, 1, 1] for kind in OLD)
    assert names() == OLD and nothing_is_left()


def check_saved_meanwhile_the_file_holds_the_old_maps():
    work = started()
    path = helpers.folder() / "saved.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path), copy=True)
    assert names() == OLD and nothing_is_left()
    until(lambda: showing() == set(OLD) or work.ended)  # they come back
    assert not work.ended, work.message
    bpy.ops.wm.open_mainfile(filepath=str(path))
    assert names() == OLD and len(bpy.data.images) == 3


def check_saved_without_notice_the_file_is_healed():
    started()
    path = helpers.folder() / "auto.blend"
    handlers = bpy.app.handlers.save_pre
    kept = handlers[:]
    handlers.clear()
    try:
        bpy.ops.wm.save_as_mainfile(filepath=str(path), copy=True)
    finally:
        handlers.extend(kept)
    with bpy.data.libraries.load(str(path)) as (there, _):
        assert sum("Texcore Preview" in name for name in there.images) == 3
    bpy.ops.wm.open_mainfile(filepath=str(path))
    assert names() == OLD and nothing_is_left()
    nodes = bpy.data.materials["Bricks"].node_tree.nodes
    assert all(list(nodes[kind].texture_mapping.scale) == [1, 1, 1] for kind in OLD)


def check_undo_and_redo_meanwhile_and_afterwards():
    work = started()
    before = graph(bpy.data.materials["Bricks"])
    bpy.context.scene.frame_current = 7
    bpy.ops.ed.undo_push(message="the artist does something")  # this step holds the previews
    bpy.ops.ed.undo()
    assert names() == OLD and nothing_is_left()
    until(lambda: showing() == set(OLD) or work.ended)
    bpy.ops.ed.redo()
    assert bpy.context.scene.frame_current == 7 and names() == OLD and nothing_is_left()
    assert not work.ended, work.message
    until(lambda: showing() == set(OLD) or work.ended)
    work.cancel()
    assert names() == OLD and nothing_is_left()
    assert graph(bpy.data.materials["Bricks"]) == before


def check_a_render_meanwhile_shows_the_old_maps():
    work = started()
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 1
    scene.render.resolution_x = scene.render.resolution_y = 4
    scene.camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(scene.camera)
    seen = []
    look = lambda *_: seen.append(names())  # noqa: E731
    bpy.app.handlers.render_pre.append(look)
    try:
        bpy.ops.render.render()
    finally:
        bpy.app.handlers.render_pre.remove(look)
    assert seen == [OLD]
    work.cancel()


def check_what_is_kept_are_all_maps_as_one_undo_step():
    work = started(derive={"ao"})
    until(lambda: work.keepable)
    bpy.ops.texcore.keep()
    until(lambda: work.ended)
    kept = images()
    assert {kind: kept[kind].name for kind in OLD} == {kind: f"{kind} Texcore" for kind in OLD}
    assert all(image.packed_file for image in kept.values()) and nothing_is_left()
    assert len(kept) == 4 and len({image["texcore_set"] for image in kept.values()}) == 1
    assert "Stopped early." in work.message
    made = helpers.module("images.marks")
    assert made.read_recipe(kept["normal"]).maps == "base_color,normal,roughness"
    bpy.ops.ed.undo()
    assert names() == OLD


def check_where_the_engine_ends_all_previews_are_kept():
    jobs = helpers.module("engine.jobs")
    work = started()
    until(lambda: work.keepable)
    jobs.engine.finish = lambda id: None
    try:
        work.keep()
    finally:
        del jobs.engine.finish
    jobs.engine._process.kill()
    until(lambda: work.ended)
    kept = images()
    assert {kind: image.name for kind, image in kept.items()} == {
        kind: f"{kind} Texcore Preview" for kind in OLD
    }
    assert len({image["texcore_set"] for image in kept.values()}) == 1 and "kept" in work.message
    assert helpers.module("images.marks").measure_extent(kept["normal"]) == (96, 96)
    bpy.ops.ed.undo()
    assert names() == OLD


def check_a_preview_of_one_more_map_than_time_allows_waits_for_its_turn():
    preview = helpers.module("synthesis.preview")
    before = preview.SECONDS_AT_ONCE
    preview.SECONDS_AT_ONCE = 0.0
    try:
        work = started()  # all of them come, one after the other
        work.cancel()
    finally:
        preview.SECONDS_AT_ONCE = before
    assert names() == OLD
