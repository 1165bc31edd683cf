"""The disk is full wherever a run writes: what was there stays, or the whole is there."""

from __future__ import annotations

import errno
import os
import resource
import signal
import sys
from pathlib import Path

from PIL import Image

from . import children
from .counting import Outcome

SUFFIXES = (".png", ".tif", ".exr", ".jpg")
RUN = ("--size", "48", "--weights", "random", "--iterations", "1", "-q")


def campaign(rng, count, folder, exemplar):
    """Run with files that may grow to so many bytes, or with one write that fails, in turn."""
    outcome = Outcome("Runs on a disk that is full")
    work = folder / "work"
    work.mkdir(parents=True)
    photo, log = work / "photo.png", folder / "log.txt"
    photo.write_bytes(exemplar.read_bytes())
    writes = {}
    for number in range(count):
        out = work / f"out{SUFFIXES[number % len(SUFFIXES)]}"
        out.write_bytes(b"made before")
        log.unlink(missing_ok=True)
        if rng.random() < 0.5:
            limit = round(10 ** rng.uniform(2.9, 6))  # what it says has room
            where = f"no file larger than {limit} bytes, {out.suffix}"
            process = _begin(folder, photo, out, log, limit=limit)
        else:
            if out.suffix not in writes:
                writes[out.suffix] = _count_writes(folder, photo, out, log)
            failing = rng.randint(1, writes[out.suffix])
            where = f"write {failing} of {writes[out.suffix]} fails, {out.suffix}"
            process = _begin(folder, photo, out, log, failing=failing)
        status = children.end(process)
        said = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
        outcome.note(*judge(status, said, out, work, photo, where))
        out.unlink(missing_ok=True)
    return outcome.done()


def _begin(folder, photo, out, log, limit=1 << 30, failing=0, counted=None):
    def work():
        from texcore.cli import main
        from texcore.service.checkpoint import Checkpoint

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # it is told as an error, as by a disk
        os.environ["TEXCORE_HOME"] = str(folder / "home")
        Checkpoint.INTERVAL = 0.0
        writes = _Writes(folder, failing)
        sys.addaudithook(writes)
        status = main(["synthesize", str(photo), "-o", str(out), *RUN])
        if counted:
            counted.write_text(str(writes.count), encoding="utf-8")
        return status

    return children.begin(work, log, limits=[(resource.RLIMIT_FSIZE, (limit, limit))])


class _Writes:
    """Counts what Python asks of the disk in a folder, and has one of it fail as on a full disk."""

    def __init__(self, folder, failing):
        self.folder, self.failing, self.count = str(folder), failing, 0

    def __call__(self, event, arguments):
        if event not in ("open", "os.rename", "os.mkdir", "os.truncate"):
            return
        if event == "open" and not (arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR):
            return
        if not str(arguments[0]).startswith(self.folder):
            return
        self.count += 1
        if self.count == self.failing:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(arguments[0]))


def _count_writes(folder, photo, out, log):
    """How many writes a run has that makes a file of that kind; the file is as it was."""
    counted, before = folder / "counted.txt", out.read_bytes()
    if children.end(_begin(folder, photo, out, log, counted=counted)):
        raise AssertionError(log.read_text(encoding="utf-8"))
    out.write_bytes(before)
    return int(counted.read_text(encoding="utf-8"))


def judge(status, said, out, work, photo, where):
    """How a run on a full disk ended, and what is wrong with that."""
    wrong = []
    if "Traceback" in said:
        wrong.append(f"{where}: a traceback: {said[-500:]}")
    for path in work.iterdir():
        # From a checkpoint one can go on when there is room; a run that has ended well has none.
        if path not in (photo, out) and (status == 0 or path.name != f"{out.name}.checkpoint"):
            wrong.append(f"{where}: {path.name} is left")
        if path.name.endswith(".checkpoint"):
            path.unlink()
    content = out.read_bytes() if out.exists() else b""
    if status == 0:
        if not _is_whole(out):
            wrong.append(f"{where}: it says that all is well, and the texture is not whole")
        return ("made, for there was room or it could do without", *wrong)
    if content != b"made before":
        wrong.append(f"{where}: it failed, and what was there is not as it was")
    last = said.strip().splitlines()[-1:] or [""]
    if status != 1 or not last[0].startswith("texcore: "):
        wrong.append(f"{where}: status {status} and no sentence: {said[-1500:]!r}")
    return ("refused in a sentence, what was there untouched", *wrong)


def _is_whole(out: Path):
    if out.suffix == ".exr":  # Pillow reads none; its file says at the end of its table where
        return out.stat().st_size > 48 * 48
    try:
        with Image.open(out) as picture:
            picture.load()
            return picture.size == (48, 48)
    except (OSError, SyntaxError):
        return False
