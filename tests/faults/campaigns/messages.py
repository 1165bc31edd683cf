"""Odd lines to the service: each is answered or passed over, and it goes on."""

from __future__ import annotations

import json

from tests.running import Engine
from texcore.contract.jobs import Job
from texcore.contract.messages import PROTOCOL_VERSION, Hello, notification, request
from texcore.contract.recipe import Recipe

from . import mutating
from .counting import Outcome

#: Lines between two questions whether it still answers.
_BETWEEN = 100
#: Those of the questions in between, which no damaged message has.
_OWN_NUMBERS = 10**12
_WORDS_OF_A_FAULT = ("Traceback", "made a mistake", "The engine failed")


def campaign(rng, count, folder, exemplar):
    """Send so many lines, and ask after every hundred whether the service is there."""
    folder.mkdir(parents=True)
    outcome = Outcome("Messages to the service, damaged")
    good = [json.loads(line) for line in _good(folder, exemplar)]
    with Engine(folder / "home", fresh=True) as engine:
        engine.greet()
        engine._id = _OWN_NUMBERS
        for begin in range(0, count, _BETWEEN):
            lines = [_line(rng, good) for _ in range(min(_BETWEEN, count - begin))]
            _send(engine, lines, outcome, begin)
        sockets = count_sockets(engine.process.pid)
        if sockets:
            outcome.fallen.append(f"the service has {sockets} sockets open")
        status = engine.end_of_input()
    log = engine.log.read_text(encoding="utf-8", errors="replace")
    if status or "Traceback" in log:
        outcome.fallen.append(f"ended with {status}: {log[-1000:]}")
    return outcome.done()


def count_sockets(process):
    """How many sockets a process has open, of whatever kind."""
    from pathlib import Path

    found = Path(f"/proc/{process}/fd")
    return sum("socket:" in str(path.readlink()) for path in found.iterdir() if path.is_symlink())


def _send(engine, lines, outcome, begin):
    """Send lines in the only way in which the service cannot be held up, and judge its answers."""
    for line in lines:
        engine.send(line)
    asked = engine.ask("hello", Hello(PROTOCOL_VERSION, "campaign"))
    answer, before = _until(engine, asked)
    if "result" not in answer:
        outcome.fallen.append(f"after line {begin} it says {answer}")
    answered = 0
    for message in before:
        if "method" in message:
            continue
        answered += 1
        words = message.get("error", {}).get("message", "")
        ending = "refused in a sentence" if "error" in message else "answered"
        wrong = [f"near line {begin}: {words}" for fault in _WORDS_OF_A_FAULT if fault in words]
        if "error" in message and ("\n" in words or not words):
            wrong.append(f"near line {begin}: no sentence: {words!r}")
        outcome.note(ending, *wrong)
    for _ in range(len(lines) - answered):
        outcome.note("passed over, as notifications are")


def _until(engine, asked):
    """The answer to the last question, and everything before it."""
    before = []
    while (message := engine.receive()).get("id") != asked:
        before.append(message)
    return message, before


def _good(folder, exemplar):
    """Messages as the extension sends them; the jobs have no picture, so none is begun."""
    recipe = Recipe(seed=3, size=(32, 32), quality="draft")
    gone = Job.of_picture(folder / "gone.png", folder / "out.png", recipe, weights="random")
    nowhere = Job.of_picture(exemplar, folder / "gone" / "out.png", recipe, weights="random")
    yield request(7, "hello", Hello(PROTOCOL_VERSION, "campaign"))
    yield request(8, "synthesize", gone)
    yield request(9, "synthesize", nowhere)
    yield request(10, "nothing")
    yield notification("cancel", {"job": 8})
    yield notification("finish", {"job": 9})


def _line(rng, good):
    message = rng.choice(good)
    if rng.random() < 0.7:
        line = mutating.json_of(rng, message).encode(errors="replace")
    else:
        line = mutating.bytes_of(rng, json.dumps(message).encode())
    return line.replace(b"\n", b" ") + b"\n"
