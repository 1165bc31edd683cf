"""Say what a Blender that was killed has left; then make textures and save, to be killed at it.

Usage: killed.py FILE.blend ENGINE, where ENGINE is one of those in ``engines``, or ``real``, or
``none`` to end once it has said what was left. What it is at it says line by line.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import bpy
import helpers

#: Of the photo and of the textures; and of a picture that gives the file some weight.
SIDE, WEIGHT = 192, 1024


def say(*words: object) -> None:
    print(*words, flush=True)


def make_file(path: Path) -> None:
    """A material with a photo, and a packed picture that takes a while to save."""
    helpers.textured(helpers.load(size=SIDE))
    weight = helpers.generated(size=WEIGHT)
    weight.use_fake_user = True
    weight.pack()
    bpy.ops.wm.save_as_mainfile(filepath=str(path))


def judge(path: Path) -> Iterator[str]:
    """Open a file; what is wrong with it."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            bpy.ops.wm.open_mainfile(filepath=str(path))
    except RuntimeError as e:
        yield f"the file does not open: {e}"
        return
    if "Traceback" in said.getvalue():
        yield f"a traceback as the file is opened: {said.getvalue()!r}"
    tree = bpy.data.materials["Bricks"].node_tree
    nodes = [node for node in tree.nodes if node.bl_idname == "ShaderNodeTexImage"]
    if len(nodes) != 1 or nodes[0].image is None:
        yield "the material's node has no image"
    marks = helpers.module("images.marks")
    for image in bpy.data.images:
        if not image.users or image.type != "IMAGE":
            continue
        if marks.STANDS_FOR in image:
            yield f"the preview {image.name} is in the file"
        if 0 in image.size or not helpers.pixels(image)[..., :3].any():
            yield f"{image.name} has no pixels"
        if marks.is_result(image) and image.packed_file is None:
            yield f"{image.name} is not packed"


def begin() -> None:
    """Begin a texture as the operator does, with previews."""
    jobs, task = helpers.module("engine.jobs"), helpers.module("synthesis.task")
    words = helpers.FAST | {"width": SIDE, "height": SIDE, "live": True}
    work = task.Synthesis(bpy.context, helpers.options(**words, material="Bricks"))
    python = helpers.module("engine.choices").find_python(bpy.context)
    job = jobs.EngineJob(work, python, work.watch)
    finish = work.finish

    def tell_and_finish(result):
        say("at putting in")
        return finish(result)

    work.finish = tell_and_finish
    jobs.start(job)
    known = None
    while not job.ended:
        jobs._on_timer()
        process = jobs.engine._process
        if process is not None and process.pid != known:
            known = process.pid
            say("engine", known)
    if job.state is not jobs.State.DONE:
        say("wrong the texture was not made:", job.message)


path, engine = Path(sys.argv[1]), sys.argv[2]
helpers.enable()
helpers.module("synthesis.folders")._clearing.join()
say("cleared")
if path.exists():
    for line in judge(path):
        say("wrong", line)
else:
    make_file(path)
if engine == "none":
    say("judged")
    os._exit(0)  # some versions of the wheel hang on their way out
os.environ["TEXCORE_PYTHON"] = helpers.ENGINE_PYTHON if engine == "real" else helpers.engine(engine)
while True:
    say("at work")
    begin()
    say("at saving")
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
