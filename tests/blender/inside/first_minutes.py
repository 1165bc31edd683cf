"""What an artist meets in the first minutes: a picture dropped or opened, and what is said."""

from __future__ import annotations

from pathlib import Path

import bpy
import helpers
from driving import job, until
from mathutils import Vector

ENGINE = "painting.py"


def wall(name: str, x: float) -> bpy.types.Object:
    """A square of two faces at a place, upright to the z axis, each with a material of its own."""
    mesh = bpy.data.meshes.new(name)
    corners = [(x, 0, 0), (x + 1, 0, 0), (x + 2, 0, 0), (x, 2, 0), (x + 1, 2, 0), (x + 2, 2, 0)]
    mesh.from_pydata(corners, [], [(0, 1, 4, 3), (1, 2, 5, 4)])
    for number in range(2):
        mesh.materials.append(bpy.data.materials.new(f"{name} {number}"))
        mesh.polygons[number].material_index = number
    thing = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(thing)
    return thing


def names_of(thing: bpy.types.Object) -> list[str]:
    return [slot.material.name for slot in thing.material_slots]


def check_what_is_under_the_pointer_is_found_with_its_slot():
    pointing = helpers.module("operators.pointing")
    left, _ = wall("Left", 0), wall("Right", 5)
    down = Vector((0, 0, -1))
    found = pointing.find_along(bpy.context, Vector((1.5, 1, 9)), down)
    assert found == pointing.Pointed(left, 1), found
    assert pointing.find_along(bpy.context, Vector((0.5, 1, 9)), down).slot == 0
    assert pointing.find_along(bpy.context, Vector((4, 1, 9)), down) is None


def check_what_is_dropped_goes_to_what_is_under_the_pointer():
    dropping, pointing = helpers.module("operators.dropping"), helpers.module("operators.pointing")
    left, right, third = wall("Left", 0), wall("Right", 5), wall("Third", 9)
    made = [bpy.data.materials.new(name) for name in ("New", "Newer")]
    right.select_set(True)
    third.select_set(True)
    under = pointing.Pointed(left, 1)
    assert dropping.list_holders(bpy.context, under) == [under]
    assert dropping.list_holders(bpy.context, None) == []
    dropping.hand_out(made, [under])
    assert names_of(left) == ["Left 0", "New"] and names_of(right) == ["Right 0", "Right 1"]
    assert not made[0].use_fake_user and made[1].use_fake_user  # nothing has it, yet it stays
    together = dropping.list_holders(bpy.context, pointing.Pointed(right, 0))
    assert [holder.thing for holder in together] == [right, third]


def check_a_picture_for_no_object_is_in_the_saved_file():
    path = helpers.write_png(helpers.folder() / "slate.png", helpers.picture()[..., :3])
    assert bpy.ops.texcore.new_material(filepath=str(path)) == {"FINISHED"}
    said = helpers.module("engine.jobs").latest["synthesize"].message
    assert "“slate” is on no object" in said, said
    file = helpers.folder() / "saved.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(file))
    bpy.ops.wm.open_mainfile(filepath=str(file))
    assert "slate" in bpy.data.materials and "slate Texcore" in bpy.data.images


def cancelled_at_work():
    """A job that was cancelled with something done, and the folder of its files."""
    jobs = helpers.module("engine.jobs")
    work = job(quality="high")
    jobs.start(work)
    until(lambda: work.keepable)
    bpy.ops.texcore.cancel()
    return work, Path(work.task._folder.name)


def check_what_was_cancelled_is_kept_until_the_artist_goes_another_way():
    suspending = helpers.module("engine.suspending")
    helpers.textured(helpers.load())
    _, first = cancelled_at_work()
    assert first.is_dir()
    work, second = cancelled_at_work()
    assert suspending.look().task is work.task and second.is_dir() and not first.exists()
    helpers.synthesize()
    assert suspending.look() is None and not second.exists()
    _, third = cancelled_at_work()
    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    assert suspending.look() is None and not third.exists()
    assert not bpy.ops.texcore.resume.poll()


def check_what_had_not_begun_is_not_kept():
    helpers.textured(helpers.load())
    work = job(quality="high")
    helpers.module("engine.jobs").start(work)
    bpy.ops.texcore.cancel()
    assert helpers.module("engine.suspending").look() is None
    assert not Path(work.task._folder.name).exists()
