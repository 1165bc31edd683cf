"""Try faults on the extension, drawn by a seed, and say of each as JSON what came of it.

Usage: fuzzing.py MARKS|QUEUES SEED BEGIN END
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import sys
import traceback
from pathlib import Path

import bpy
import helpers
import odd_files

# What damages; it needs the standard library alone.
sys.path.insert(0, str(Path(__file__).parents[2] / "faults" / "campaigns"))
import mutating

#: Faults between two files that are saved with them, and opened.
FILES_BETWEEN = 50
OTHER = "texcore_other"  #: the mark of a node
MODES = {"MARKS": "look_at_marks", "QUEUES": "read_a_queue"}


def look_at_marks(rng: random.Random, number: int) -> str:
    """Put odd marks on images, material and node, and do all that reads them."""
    node = odd_files.scene() if "Bricks" not in bpy.data.materials else renew()
    holders = [node, bpy.data.materials["Bricks"], *bpy.data.images]
    stored = 0
    for _ in range(rng.randint(1, 4)):
        holder = rng.choice(holders)
        name = rng.choice((*odd_files.MARKS, OTHER))
        with contextlib.suppress(TypeError, ValueError, OverflowError, KeyError):
            holder[name] = draw_value(rng)  # Blender refuses some of them itself
            stored += 1
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        if number % FILES_BETWEEN == 0:
            reopen()
        look()
    if "Traceback" in said.getvalue():
        raise AssertionError(said.getvalue())
    return "looked at" if stored else "refused by Blender itself"


def renew() -> bpy.types.ShaderNodeTexImage:
    """The scene of `odd_files` once more; an image that is removed leaves its marks with it."""
    for image in list(bpy.data.images):
        bpy.data.images.remove(image)
    photo = bpy.data.images.new("bricks.png", 32, 32)
    plain = bpy.data.images.new("plain", 32, 32)
    first, second = odd_files.result("first", photo), odd_files.result("second", photo)
    material = bpy.data.materials["Bricks"]
    material.pop(OTHER, None)
    for name in odd_files.MARKS:
        material.pop(name, None)
    nodes = material.node_tree.nodes
    node = next(each for each in nodes if each.bl_idname == "ShaderNodeTexImage")
    for name in list(node.keys()):
        del node[name]
    for image in (photo, plain, first, second):
        image.use_fake_user = True
    node.image = second
    bpy.context.view_layer.objects.active = bpy.data.objects["Bricks"]
    return node


def reopen() -> None:
    """Save the file as it is, without Texcore's handlers, and open it with them."""
    path = helpers.folder() / "odd.blend"
    handlers = bpy.app.handlers.save_pre
    kept = handlers[:]
    handlers.clear()
    try:
        bpy.ops.wm.save_as_mainfile(filepath=str(path), copy=True)
    finally:
        handlers.extend(kept)
    bpy.ops.wm.open_mainfile(filepath=str(path))
    path.unlink()


def look() -> None:
    """Draw, call what is called as a file is opened, and ask all that reads marks."""
    helpers.module("images.senseless")._after_load()
    odd_files.draw()
    helpers.module("synthesis.preview")._on_event()
    odd_files.draw()
    material = bpy.data.materials["Bricks"]
    nodes = material.node_tree.nodes
    node = next(each for each in nodes if each.bl_idname == "ShaderNodeTexImage")
    helpers.module("nodes.putting").find_other(node)
    results, sets = helpers.module("results.results"), helpers.module("results.sets")
    marks = helpers.module("images.marks")
    for image in list(bpy.data.images):
        results.of_source(image)
        sets.holders(image)
        marks.find_lineage(image)
        marks.list_made_together(image)
        marks.read_scales(image)
        factors = helpers.module("nodes.scale").measure_factors(image, bpy.data.images[0])
        assert all(0 < factor < float("inf") for factor in factors), factors
    sets.show_derived(material, "")
    if node.image is None:
        return  # its preview's original was nothing
    found = helpers.module("nodes.maps").find_maps(material)
    deriving = helpers.module("nodes.deriving")
    deriving.split_derived(found)
    deriving.list_lacking(material, ("height", "normal"), found)


def draw_value(rng: random.Random) -> object:
    """Something that a file can hold under a name."""
    recipe = json.loads(helpers.module("bundled.texcore.contract.recipe").Recipe().dumps())
    match rng.randrange(8):
        case 0:
            return rng.choice(list(odd_files.ODD.values()))
        case 1:
            return mutating.json_of(rng, recipe)
        case 2:
            content = mutating.bytes_of(rng, json.dumps(recipe).encode())
            return content if rng.random() < 0.3 else content.decode(errors="replace")
        case 3:
            return rng.choice((*bpy.data.images, *bpy.data.materials, *bpy.data.objects))
        case 4:
            return [rng.choice((*mutating.NUMBERS, rng.uniform(-1e9, 1e9))) for _ in range(3)]
        case 5:
            return {
                rng.choice(("Image Texture", *mutating.WORDS)): [rng.uniform(-2, 2)] * 3,
                "Image Texture": mutating.value_of(rng),
            }
        case 6:
            return rng.choice(("height", "normal", "base_color", "a set", *mutating.WORDS))
        case _:
            return mutating.value_of(rng)


def read_a_queue(rng: random.Random, number: int) -> str:
    """Write a queue that is nearly right and read it."""
    batch = helpers.module("synthesis.batch")
    path = FOLDER / "queue.json"
    item = {
        "material": "Bricks",
        "seed": 4,
        "width": 48,
        "height": 32,
        "quality": "draft",
        "tile": "xy",
        "keep_density": True,
        "maps": False,
    }
    good = [item, {"material": "Wood", "derive": "height"}, {}]
    if rng.random() < 0.7:
        path.write_bytes(mutating.json_of(rng, good).encode(errors="surrogatepass"))
    else:
        path.write_bytes(mutating.bytes_of(rng, json.dumps(good).encode()))
    try:
        read = batch.read_queue(path, helpers.options())
    except helpers.module("bundled.texcore.contract.errors").BadInput as e:
        assert str(e) and len(str(e).splitlines()) == 1, repr(str(e))
        return "refused in a sentence"
    assert read
    return "read"


FOLDER = helpers.folder()
helpers.enable()
bpy.ops.wm.read_homefile(app_template="", use_empty=True)
work = globals()[MODES[sys.argv[1]]]
for number in range(int(sys.argv[3]), int(sys.argv[4])):
    outcome = {"number": number, "ending": "raised", "wrong": ""}
    print(json.dumps({"begun": number}), flush=True)
    try:
        outcome["ending"] = work(random.Random(f"{sys.argv[1]} {sys.argv[2]} {number}"), number)
    except BaseException:
        outcome["wrong"] = traceback.format_exc()
    print(json.dumps(outcome), flush=True)
os._exit(0)  # some versions of the wheel hang on their way out
