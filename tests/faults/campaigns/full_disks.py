"""A small disk is full, in earnest: a tmpfs, for which root is needed."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from unittest import mock

from tests.running import SECONDS, Engine
from texcore.contract.jobs import Job
from texcore.contract.recipe import Recipe

from . import children, disks
from .counting import Outcome

_SIZE = 1 << 20  #: of the disk, in bytes
_PAGE = 4096  #: what a file's room is counted in
#: Pages that are left at most; a run that has as many is made.
_MOST_LEFT = 60
_SECONDS_FOR_EACH = 10


def campaign(rng, count, folder, exemplar):
    """Run the command line and the engine of the add-on in turn, with so many pages left.

    Args:
        rng: A ``random.Random``.
        count: How many runs there are.
        folder: Of this campaign; it need not be there.
        exemplar: A picture, which is copied.

    Raises:
        SystemExit: No tmpfs can be mounted here.
    """
    outcome = Outcome("Runs on a small disk that is full")
    folder.mkdir(parents=True)
    with contextlib.ExitStack() as stack:
        disk = stack.enter_context(mounted(folder / "disk"))
        home, temporary, work = (disk / name for name in ("home", "temporary", "work"))
        for made in (home, temporary, work):
            made.mkdir()
        photo, log = work / "photo.png", folder / "log.txt"
        photo.write_bytes(exemplar.read_bytes())
        # What the engine says goes beside its home, so that lies on the large disk.
        (folder / "home").symlink_to(home)
        seconds = SECONDS + _SECONDS_FOR_EACH * count
        with mock.patch.dict(os.environ, {"TMPDIR": str(temporary)}):
            engine = stack.enter_context(Engine(folder / "home", seconds=seconds, fresh=True))
        engine.greet()
        for number in range(count):
            suffix = rng.choice(disks.SUFFIXES)
            out, pages = work / f"out{suffix}", rng.randint(0, _MOST_LEFT)
            out.write_bytes(b"made before")
            log.write_bytes(b"")
            _fill(disk, pages)
            is_engine = number % 2
            who = "engine" if is_engine else "command line"
            if is_engine:
                status, said = _ask(engine, photo, out, disk / "preview.npy", number)
            else:
                status, said = _run(home, temporary, photo, out, log, number)
            (disk / "filler").unlink()
            (disk / "preview.npy").unlink(missing_ok=True)
            where = f"{who}, {pages} pages left, {suffix}"
            ending, *wrong = disks.judge(status, said, out, work, photo, where)
            wrong += [f"{where}: {path.name} is left" for path in temporary.iterdir()]
            outcome.note(f"by the {who} {ending}", *wrong)
            out.unlink(missing_ok=True)
        if status := engine.end_of_input():
            outcome.fallen.append(f"the engine ends with {status}")
    return outcome.done()


def can_mount():
    """Whether a tmpfs can be mounted here."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            with mounted(Path(folder) / "disk"):
                return True
        except SystemExit:
            return False


@contextlib.contextmanager
def mounted(disk: Path):
    """A small disk of its own in a folder that is made, and taken away in the end.

    Raises:
        SystemExit: None can be mounted here.
    """
    disk.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "texcore-faults", str(disk)]
    done = shutil.which("mount") and subprocess.run(words, capture_output=True, text=True)
    if not done or done.returncode:
        said = done.stderr.strip() if done else "there is no mount"
        raise SystemExit(f"The campaign of small disks needs root and a tmpfs: {said}")
    try:
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True, capture_output=True)


def _fill(disk, pages):
    """Leave so many pages."""
    free = shutil.disk_usage(disk).free
    with (disk / "filler").open("wb") as filler:
        filler.write(bytes(max(0, free - pages * _PAGE)))


def _run(home, temporary, photo, out, log, seed):
    """Exit status of a command line, and what it says."""

    def work():
        from texcore.cli import main
        from texcore.service.checkpoint import Checkpoint

        os.environ["TEXCORE_HOME"] = str(home)
        tempfile.tempdir = str(temporary)
        Checkpoint.INTERVAL = 0.0
        return main(["synthesize", str(photo), "-o", str(out), *disks.RUN, "--seed", str(seed)])

    status = children.end(children.begin(work, log))
    return status, log.read_text(encoding="utf-8", errors="replace")


def _ask(engine, photo, out, preview, seed):
    """What the engine answers, as a command line would end and say it."""
    recipe = Recipe(seed=seed, size=(48, 48), iterations=1)
    job = Job.of_picture(photo, out, recipe, weights="random", preview=preview)
    answer = engine.answer("synthesize", job)
    if "result" in answer:
        return 0, ""
    error = answer["error"]
    return 1, f"{(error.get('data') or {}).get('log', '')}\ntexcore: {error['message']}"
