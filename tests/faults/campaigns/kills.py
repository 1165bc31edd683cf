"""The command line is killed at any moment, also while it saves."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from . import children
from .counting import Outcome

_RUN = ("--size", "48", "--weights", "random", "--iterations", "4", "-q")
#: Kills between two runs to the end, each of which has to leave everything clean.
_BETWEEN = 10


def campaign(rng, count, folder, exemplar):
    """Kill so many runs, and let every tenth go to its end.

    Args:
        rng: A ``random.Random``.
        count: How many are killed.
        folder: Of this campaign; it need not be there.
        exemplar: A picture, which is copied.
    """
    outcome = Outcome("Runs of the command line, killed")
    work, temporary = folder / "work", folder / "temporary"
    for made in (work, temporary, folder / "home"):
        made.mkdir(parents=True)
    photo, out = work / "photo.png", work / "out.png"
    photo.write_bytes(exemplar.read_bytes())
    run = _Run(folder, photo, out)
    begun = time.monotonic()
    if run.to_the_end(seed=0):
        outcome.fallen.append(f"a run without a kill fails: {run.log.read_text()[-500:]}")
        return outcome.done()
    usual = time.monotonic() - begun
    for number in range(count):
        if rng.random() < 0.5:
            out.unlink(missing_ok=True)
        before = out.read_bytes() if out.exists() else None
        known = list_temporary(work)  # of runs that were killed before
        process, begun = run.begin(seed=number), time.monotonic()
        if rng.random() < 0.5:
            time.sleep(rng.uniform(0, 1.1 * usual))
        else:
            wait_until_it_saves(work, process)
            time.sleep(rng.choice((0, rng.uniform(0, 0.003))))
        os.kill(process, signal.SIGKILL)
        moment = time.monotonic() - begun
        killed = children.end(process) == -signal.SIGKILL
        ending = (
            "while saving"
            if list_temporary(work) - known
            else "at another moment"
            if killed
            else "after its end"
        )
        outcome.note(ending, *judge(out, before, number))
        outcome.moments.append((ending, moment))
        if number % _BETWEEN == _BETWEEN - 1 or number == count - 1:
            outcome.fallen += _judge_the_next(run, number)
    return outcome.done()


class _Run:
    """One command line, whose output is always the same file."""

    def __init__(self, folder, photo, out):
        self.folder, self.out = folder, out
        self.words = ["synthesize", str(photo), "-o", str(out), *_RUN]
        self.log = folder / "log.txt"

    def begin(self, seed):
        def work():
            import tempfile

            from texcore.cli import main
            from texcore.service.checkpoint import Checkpoint

            os.environ["TEXCORE_HOME"] = str(self.folder / "home")
            tempfile.tempdir = str(self.folder / "temporary")
            Checkpoint.INTERVAL = 0.0  # it saves as often as it can
            return main([*self.words, "--seed", str(seed)])

        return children.begin(work, self.log)

    def to_the_end(self, seed):
        return children.end(self.begin(seed))


def wait_until_it_saves(work, process):
    """Wait for a temporary file, or the end of the process."""
    known = set(os.listdir(work))  # noqa: PTH208 – thousands of times a second
    while set(os.listdir(work)) <= known:  # noqa: PTH208
        if os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            return
        time.sleep(0.0001)


def list_temporary(work):
    """Names of temporary files that a killed run may leave."""
    return {path.name for path in work.iterdir() if ".texcore-" in path.name}


def judge(out: Path, before, number):
    """What is wrong with the output after a kill: it is whole, or what it was."""
    content = out.read_bytes() if out.exists() else None
    if content == before:
        return
    if content is None:
        yield f"kill {number}: the texture that was there is gone"
        return
    try:
        with Image.open(out) as picture:
            picture.load()
            if picture.size != (48, 48) or "texcore:recipe" not in picture.text:
                yield f"kill {number}: the texture is not the one that was asked for"
    except (UnidentifiedImageError, OSError, SyntaxError) as e:
        yield f"kill {number}: the texture is half written ({e})"


def _judge_the_next(run, number):
    """What is wrong after the next run: it works, and nothing is left of those before."""
    if run.to_the_end(seed=number):
        yield f"after kill {number} a run fails: {run.log.read_text(encoding='utf-8')[-500:]}"
    if "Traceback" in run.log.read_text(encoding="utf-8"):
        yield f"a traceback before kill {number}"
    work, temporary = run.folder / "work", run.folder / "temporary"
    left = [p for p in work.iterdir() if p.name not in ("photo.png", "out.png")]
    left += [*temporary.iterdir(), *(p for p in (run.folder / "home").rglob(".*"))]
    yield from (f"after kill {number} and a run to its end {path.name} is left" for path in left)
