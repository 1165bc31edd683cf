"""Damaged pictures, recipes, checkpoints and networks: a result, or one sentence."""

from __future__ import annotations

import contextlib
import json
import tempfile
from functools import partial

import numpy as np

from tests.making import bricks

from . import children, mutating
from .counting import Outcome

#: Bytes of address space that a reader gets: many times what any of these files takes.
ROOM = 3 << 30
#: Of memory that the engine is told is free: what it lets pass has to find its place within.
_TOLD_FREE = 1 << 30
#: Of all that OpenImageIO writes, so that each of its readers gets good files to begin with.
_SUFFIXES = (
    *("exr", "tif", "jpg", "bmp", "dpx", "fits", "gif", "hdr", "ico", "iff", "jp2"),
    *("jxl", "png", "pnm", "rla", "sgi", "tga", "webp", "zfile"),
)
_DEPTHS = ("uint8", "uint16", "half", "float")


def pictures(rng, count, folder):
    """Damage pictures of every format, and read them as an exemplar and for their recipe."""
    folder.mkdir(parents=True)
    good = _in_child(folder, _make_pictures, folder / "good")
    outcome = Outcome(f"Pictures of {len({p.suffix for p in good})} formats, damaged")
    contents = {path: path.read_bytes() for path in good}
    few = [content[:4000] for content in contents.values()]
    seeds = [rng.getrandbits(64) for _ in range(count)]

    def read(number):
        own = type(rng)(seeds[number])
        path = good[number % len(good)]
        other = folder / f"damaged{path.suffix}"
        other.write_bytes(mutating.bytes_of(own, contents[path], few))
        return _ending(_read_picture, other)

    for number, answer in enumerate(children.each(read, count, folder / "log.txt", ROOM)):
        _note(outcome, f"{good[number % len(good)].name} by {seeds[number]}", answer)
    return outcome.done()


def recipes(rng, count, folder):
    """Damage recipes: values of them, and their texts."""
    return _files(rng, count, folder, "Recipes, damaged", _make_recipes, _read_recipe)


def checkpoints(rng, count, folder):
    """Damage checkpoints: what is read from them is what was written."""
    return _files(rng, count, folder, "Checkpoints, damaged", _make_checkpoint, _read_checkpoint)


def networks(rng, count, folder):
    """Damage files of weights, in both formats that are read."""
    return _files(rng, count, folder, "Files of weights, damaged", _make_weights, _read_weights)


def _files(rng, count, folder, title, make, read):
    folder.mkdir(parents=True)
    good = _in_child(folder, make, folder / "good")
    outcome = Outcome(title)
    contents = {path: path.read_bytes() for path in good}
    seeds = [rng.getrandbits(64) for _ in range(count)]

    def one(number):
        own = type(rng)(seeds[number])
        path = good[number % len(good)]
        other = folder / f"damaged{path.suffix}"
        if path.suffix == ".json" and own.random() < 0.7:
            content = mutating.json_of(own, json.loads(contents[path])).encode()
        else:
            content = mutating.bytes_of(own, contents[path])
        other.write_bytes(content)
        return _ending(read, other)

    for number, answer in enumerate(children.each(one, count, folder / "log.txt", ROOM)):
        _note(outcome, f"{good[number % len(good)].name} by {seeds[number]}", answer)
    return outcome.done()


def _in_child(folder, make, where):
    """Make good files in a child, for this process shall not run the engine; their paths."""
    where.mkdir()
    status = children.end(children.begin(partial(make, where), folder / "log.txt"))
    if status:
        raise AssertionError((folder / "log.txt").read_text(encoding="utf-8"))
    return sorted(where.iterdir())


def _ending(read, path):
    """How reading ends: a word, and the sentence or the error."""
    import os

    from texcore.contract.errors import TexcoreError
    from texcore.pictures import reading

    reading.machine_free = lambda: _TOLD_FREE
    os.environ["TEXCORE_HOME"] = str(path.parent / "home")
    tempfile.tempdir = str(path.parent)
    try:
        return read(path), ""
    except TexcoreError as e:
        return "refused", str(e)
    except BaseException as e:
        return "error", f"{type(e).__name__}: {e}"


def _note(outcome, which, answer):
    if answer is None:
        outcome.note("lost the process", f"{which}: the process is lost")
        return
    ending, words = answer
    wrong = []
    if ending in ("error", "another"):
        wrong.append(f"{which}: {ending} {words}")
    elif ending == "refused" and ("\n" in words or not words.strip() or len(words) > 2000):
        wrong.append(f"{which}: no sentence: {words[:200]!r}")
    outcome.note(ending, *wrong)


def _read_picture(path):
    from texcore import pictures
    from texcore.contract.errors import TexcoreError

    with contextlib.suppress(TexcoreError):
        pictures.read_recipe(path)
    found = pictures.read(path)
    if not np.isfinite(found.pixels).all():
        return "another"
    return "read"


def _read_recipe(path):
    from texcore import pictures

    pictures.read_recipe(path).dumps()
    return "read"


def _read_checkpoint(path):
    import torch

    from texcore.contract.recipe import Recipe
    from texcore.service.checkpoint import Checkpoint

    checkpoint = Checkpoint(path, Recipe(seed=3, size=(40, 40)))
    checkpoint.path = path
    state, written = checkpoint.load(), _state()
    same = (state.level, state.evaluations, state.in_level) == (1, 9, 4) and all(
        torch.equal(state.tensors[name], tensor) for name, tensor in written.tensors.items()
    )
    return "read as written" if same else "another"


def _read_weights(path):
    from texcore.features import weights

    weights.load(str(path), online=False)
    return "read"


def _make_pictures(where):
    import OpenImageIO as oiio  # noqa: N813 – the name its documentation uses

    from texcore import pictures
    from texcore.contract.recipe import Recipe

    colour = bricks(24, 28)
    np.save(where / "array.npy", colour.transpose(1, 2, 0))
    for suffix, depth in (
        (".png", "uint8"),
        (".tif", "uint16"),
        (".exr", "half"),
        (".jpg", "uint8"),
    ):
        made = pictures.Picture(colour, depth, linear=suffix == ".exr")
        pictures.write(where / f"ours{suffix}", made, Recipe(seed=3))
    for suffix in _SUFFIXES:
        for depth in _DEPTHS:
            for channels in (1, 3, 4):
                pixels = np.concatenate([colour, colour[:1]])[:channels].transpose(1, 2, 0)
                _write_with(oiio, where / f"{depth}-{channels}.{suffix}", depth, pixels.copy())


def _write_with(oiio, path, depth, pixels):
    """Write a picture if the format has that depth and so many channels."""
    output = oiio.ImageOutput.create(str(path))
    if not output:
        oiio.geterror()
        return
    spec = oiio.ImageSpec(pixels.shape[1], pixels.shape[0], pixels.shape[2], depth)
    if not (output.open(str(path), spec) and output.write_image(pixels) and output.close()):
        output.geterror()
        path.unlink(missing_ok=True)


def _make_recipes(where):
    from texcore.contract.recipe import Recipe

    many = [
        Recipe(),
        Recipe(seed=3, size=(512, 256), quality="high", tile="x"),
        Recipe(layers=(("conv1_1", 1.0), ("conv3_1", 0.5)), octaves=(1.0, 0.5)),
    ]
    for number, recipe in enumerate(many):
        (where / f"{number}.json").write_text(recipe.dumps(), encoding="utf-8")


def _state():
    import torch

    from texcore.synthesis.state import State

    generator = torch.Generator().manual_seed(0)
    return State(
        level=1,
        evaluations=9,
        in_level=4,
        tensors={
            "canvas": torch.rand(1, 3, 8, 8, generator=generator),
            "pairs": torch.arange(7),
            "flags": torch.tensor([True, False]),
        },
    )


def _make_checkpoint(where):
    from texcore.contract.recipe import Recipe
    from texcore.service.checkpoint import Checkpoint

    Checkpoint.INTERVAL = 0.0
    checkpoint = Checkpoint(where / "out.png", Recipe(seed=3, size=(40, 40)))
    checkpoint.path = where / "out.checkpoint"
    if not checkpoint.keep(_state):
        raise AssertionError(checkpoint.notes)


def _make_weights(where):
    import safetensors.torch
    import torch

    from tests.making import state_dict

    # As few numbers as can be, so that more of the damage meets what says what they are.
    state = {name: tensor for name, tensor in state_dict(13).items() if "classifier" not in name}
    torch.save(state, where / "vgg.pth")
    safetensors.torch.save_file(state, where / "vgg.safetensors")
