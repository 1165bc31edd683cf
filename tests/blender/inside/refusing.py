"""Bad input: each has its sentence, and the material keeps its image."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from unittest import mock

import bpy
import helpers


def refuses(*words: str, **arguments) -> None:
    """The operator must fail with a sentence that has these words, and change nothing."""
    before = state()
    try:
        bpy.ops.texcore.synthesize(**helpers.FAST | arguments)
    except RuntimeError as e:
        said = str(e)
    else:
        raise AssertionError("nothing was refused")
    assert all(word in said for word in words), said
    assert "Traceback" not in said and "mistake" not in said, said
    assert state() == before


def state() -> list[tuple]:
    """Every image with its users, and every node with its image."""
    images = [(i.name, i.users, i.use_fake_user, i.packed_file is None) for i in bpy.data.images]
    nodes = [
        (material.name, node.name, node.image.name if node.image else None)
        for material in bpy.data.materials
        if material.node_tree
        for node in material.node_tree.nodes
        if node.bl_idname == "ShaderNodeTexImage"
    ]
    return sorted(images) + sorted(nodes, key=str)


def check_no_material():
    refuses("no active material")


def check_unknown_names():
    helpers.textured(helpers.load())
    refuses("no material named “Wood”", material="Wood")
    refuses("no image named “wood.png”", image="wood.png")
    painted = helpers.generated()
    refuses("does not use the image", material="Bricks", image=painted.name)


def check_no_image():
    helpers.textured(None)
    refuses("has no image")


def check_missing_file():
    image = helpers.load()
    image.filepath = "//gone.png"
    helpers.textured(image)
    refuses("file of “bricks.png” is missing")


def check_file_that_is_no_picture():
    path = helpers.folder() / "words.png"
    path.write_text("no picture")
    helpers.textured(bpy.data.images.load(str(path)))
    refuses("“words.png” cannot be read")


def check_truncated_file():
    path = helpers.write_png(helpers.folder() / "half.png", helpers.picture()[..., :3])
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    helpers.textured(bpy.data.images.load(str(path)))
    refuses("half.png")


def check_sizes():
    helpers.textured(helpers.load())
    refuses("The size is 5 × 32", width=5)
    refuses("The size is -3 × 32", width=-3)
    refuses("The size is 32 × 999999", height=999999)


def check_seed():
    helpers.textured(helpers.load())
    refuses("The seed is -1", seed=-1)


def check_unknown_colour_space():
    image = helpers.load()
    image.colorspace_settings.name = "AgX Log"
    helpers.textured(image)
    refuses("colour space “AgX Log”")


def check_other_kinds_of_image():
    image = helpers.load()
    helpers.textured(image)
    for source, word in (("MOVIE", "movie"), ("SEQUENCE", "sequence")):
        image.source = source
        refuses(word)


def check_too_small():
    helpers.textured(helpers.generated(size=5))
    refuses("“painted” has 5 × 5 pixels", "at least 16 × 16")


def check_a_damaged_packed_image_is_named():
    image = helpers.load()
    path = Path(image.filepath)
    half = path.read_bytes()[: path.stat().st_size // 2]
    image.name = "wall of bricks.png"
    image.pack(data=half, data_len=len(half))
    helpers.textured(image)
    refuses("wall")


def check_a_full_disk():
    helpers.textured(helpers.generated())
    full = OSError(28, "No space left on device")
    images, synthesis = helpers.module("images.exchange"), helpers.module("synthesis.folders")
    with mock.patch.object(images.np, "save", side_effect=full):
        refuses("temporary folder (No space left on device)")
    short = OSError("4096 requested and 0 written")  # as numpy says it, without a number
    with mock.patch.object(images.np, "save", side_effect=short):
        refuses("temporary folder (4096 requested and 0 written)")
    with mock.patch.object(synthesis.tempfile, "TemporaryDirectory", side_effect=full):
        refuses("temporary folder (No space left on device)")


def check_engine_python_is_a_folder():
    helpers.textured(helpers.load())
    os.environ["TEXCORE_PYTHON"] = str(helpers.folder())
    refuses("is a folder", "bin/python")


def check_missing_weights_file():
    helpers.textured(helpers.load())
    refuses("nowhere.pth", weights="nowhere.pth")


def check_engine_python_missing():
    helpers.textured(helpers.load())
    os.environ["TEXCORE_PYTHON"] = "/nowhere/python"
    refuses("/nowhere/python does not exist", "set the engine up")


def check_engine_not_set_up():
    helpers.textured(helpers.load())
    del os.environ["TEXCORE_PYTHON"]
    os.environ["TEXCORE_HOME"] = str(helpers.folder())
    try:
        refuses("not set up yet", "set the engine up")
    finally:
        del os.environ["TEXCORE_HOME"]


def check_engine_python_is_no_program():
    helpers.textured(helpers.load())
    os.environ["TEXCORE_PYTHON"] = str(
        helpers.write_png(helpers.folder() / "a.png", helpers.picture())
    )
    refuses("cannot be run", "preferences")


def check_engine_python_without_torch():
    helpers.textured(helpers.load())
    os.environ["TEXCORE_PYTHON"] = sys.executable
    refuses("PyTorch", "set the engine up")


def check_engine_of_another_protocol():
    helpers.textured(helpers.load())
    os.environ["TEXCORE_PYTHON"] = helpers.faulty_engine("other_protocol.py")
    refuses("speaks protocol 99, this extension protocol 3")


def check_engine_that_dies_at_work():
    helpers.textured(helpers.load())
    os.environ["TEXCORE_PYTHON"] = helpers.faulty_engine("dying.py")
    refuses("stopped unexpectedly (exit code 7)")
    assert "last words" in helpers.module("engine.jobs").latest["synthesize"].log


def check_engine_that_writes_nonsense():
    helpers.textured(helpers.load())
    os.environ["TEXCORE_PYTHON"] = helpers.faulty_engine("nonsense.py")
    refuses("Blender cannot read the engine's picture")


def check_a_full_disk_leaves_no_file():
    helpers.textured(helpers.load())
    folders, exchange = helpers.module("synthesis.folders"), helpers.module("images.exchange")
    full = OSError(errno.ENOSPC, "No space left on device")
    before = list(folders._get_own_folder().iterdir())
    with mock.patch.object(exchange, "export_image", side_effect=full):
        refuses("cannot be written to Blender's temporary folder (No space left on device)")
    assert list(folders._get_own_folder().iterdir()) == before
    with mock.patch.object(folders.tempfile, "TemporaryDirectory", side_effect=full):
        refuses("cannot be written to Blender's temporary folder (No space left on device)")


def check_engine_that_never_answers():
    helpers.textured(helpers.load())
    os.environ["TEXCORE_PYTHON"] = helpers.faulty_engine("silent.py")
    engine = helpers.module("engine.process")
    kept, engine.HELLO_SECONDS = engine.HELLO_SECONDS, 0.5
    try:
        refuses("did not answer")
    finally:
        engine.HELLO_SECONDS = kept
    assert not helpers.module("engine.jobs").engine.running
