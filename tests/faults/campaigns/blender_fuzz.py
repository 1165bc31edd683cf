"""What .blend files and queues say is damaged, inside a Blender that reads it."""

from __future__ import annotations

import json
import subprocess

from . import in_blender
from .counting import Outcome

#: Faults that are worth a Blender of a version of their own.
_FOR_EACH = 500


def marks(rng, count, folder):
    """Put so many odd properties on images, nodes and materials; draw, and open files with them."""
    return _run("Properties of .blend files, damaged", "MARKS", rng, count, folder)


def queues(rng, count, folder):
    """Read so many damaged queues as Blender does."""
    return _run("Queues read by Blender, damaged", "QUEUES", rng, count, folder)


def _run(title, kind, rng, count, folder):
    outcome = Outcome(title)
    blenders = in_blender.set_up(folder, count, _FOR_EACH)
    seed = rng.getrandbits(32)
    for place, blender in enumerate(blenders):
        begin, end = (count * (place + k) // len(blenders) for k in (0, 1))
        _run_in(blender, (kind, str(seed)), begin, end, outcome)
    outcome.remark = f"In {', '.join(sorted(blender.version for blender in blenders))}"
    return outcome.done()


def _run_in(blender, words, begin, end, outcome):
    """Try some in a Blender, and go on in another with the next if one is lost."""
    while begin < end:
        process = subprocess.Popen(
            blender.command("fuzzing.py", *words, str(begin), str(end)),
            env=blender.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        said = []
        with process:
            for line in process.stdout:
                said = [*said[-20:], line]
                if not line.startswith('{"number"'):
                    continue
                one = json.loads(line)
                begin = one["number"] + 1
                wrong = [f"{blender.version}, {words}: {line}"] if one["wrong"] else []
                outcome.note(one["ending"], *wrong)
        if begin < end:
            last = "".join(said)[-2000:]
            outcome.note("lost Blender", f"{blender.version}, {words}, {begin}: {last}")
            begin += 1
