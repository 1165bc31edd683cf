"""The engine that Blender would start is killed: at its start, at work, and while it saves."""

from __future__ import annotations

import os
import time
from unittest import mock

from tests.running import Engine
from texcore.contract.jobs import Job
from texcore.contract.recipe import Recipe

from .counting import Outcome
from .kills import judge, list_temporary

#: Seconds within which a killed engine has to be gone.
_GONE = 5.0
#: Seconds that its start is taken to last before one has been seen.
_START = 2.0


def campaign(rng, count, folder, exemplar):
    """Kill so many engines, each a program of its own; the next one shows what is left of them.

    Args:
        rng: A ``random.Random``.
        count: How many are killed.
        folder: Of this campaign; it need not be there.
        exemplar: A picture, which is copied.
    """
    outcome = Outcome("Engines behind the service, killed")
    work, own = folder / "work", folder / "temporary"
    for made in (work, own):
        made.mkdir(parents=True)
    (work / "photo.png").write_bytes(exemplar.read_bytes())
    with mock.patch.dict(os.environ, {"TMPDIR": str(own)}):
        start = _START
        for number in range(count):
            with Engine(folder / "home", fresh=True) as engine:
                ending, start, *wrong = _kill(engine, rng, work, own, number, start, outcome)
            engine.log.unlink()
            outcome.note(ending, *wrong)
        with Engine(folder / "home", fresh=True) as engine:
            engine.greet()
            outcome.fallen += _judge_a_whole_one(engine, work, own, f"after kill {count - 1}")
            if status := engine.end_of_input():
                outcome.fallen.append(f"the last engine ends with {status}")
    return outcome.done()


def _kill(engine, rng, work, own, number, start, outcome):
    """Kill an engine at a moment that is drawn; what it was at, seconds of a start, the wrongs."""
    moment = rng.choice(("start", "work", "saving", "saving"))
    wrong, out = [], work / "out.png"
    begun = time.monotonic()
    if moment == "start":
        time.sleep(rng.uniform(0, start))
    else:
        engine.greet()
        start = time.monotonic() - begun
        wrong += _judge_a_whole_one(engine, work, own, f"after kill {number - 1}")
    if rng.random() < 0.5:
        out.unlink(missing_ok=True)
    before = out.read_bytes() if out.exists() else None
    known = list_temporary(work)
    if moment != "start":
        usual = time.monotonic() - begun - start
        begun = time.monotonic()
        engine.ask("synthesize", _job(work, number))
        if moment == "work":
            time.sleep(rng.uniform(0, min(usual, 0.5)))
        else:
            _wait_until_it_saves(work, out, engine.process)
            time.sleep(rng.choice((0, rng.uniform(0, 0.003))))
    engine.process.kill()
    killed = time.monotonic()
    ending = _name_moment(moment, engine, list_temporary(work) - known)
    outcome.moments.append((ending, killed - begun))
    engine.process.wait(_GONE)
    return ending, start, *wrong, *judge(out, before, number)


def _wait_until_it_saves(work, out, process):
    """Wait for a temporary file, or, if that was too quick to be seen, for the texture."""
    known, before = set(os.listdir(work)), _changed(out)  # noqa: PTH208 – as below
    while set(os.listdir(work)) <= known and _changed(out) == before:  # noqa: PTH208 – often
        if process.poll() is not None:
            return
        time.sleep(0.0001)


def _changed(out):
    try:
        return out.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _name_moment(moment, engine, saving):
    """What an engine was at that has been killed: what it had said by then tells."""
    said = engine.process.stdout.read()
    if saving:
        return "while saving"
    if moment == "start":
        return "at its start"
    return "after its answer" if b'"result"' in said else "at work"


def _job(work, seed):
    recipe = Recipe(seed=seed, size=(48, 48), iterations=4)
    return Job.of_picture(work / "photo.png", work / "out.png", recipe, weights="random")


def _judge_a_whole_one(engine, work, own, when):
    """What is wrong with a texture made to its end, and with what is left of those before."""
    answer = engine.answer("synthesize", _job(work, 0))
    if "error" in answer:
        yield f"{when} a texture fails: {answer['error']['message']}"
    if "Traceback" in engine.log.read_text(encoding="utf-8", errors="replace"):
        yield f"{when} there is a traceback"
    yield from judge(work / "out.png", None, when)
    left = [p for p in work.iterdir() if p.name not in ("photo.png", "out.png")]
    yield from (f"{when} and a texture made {path.name} is left" for path in left)
    yield from (f"{when} {path.name} is left" for path in own.iterdir())
