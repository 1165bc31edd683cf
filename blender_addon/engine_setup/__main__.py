"""``python -m engine_setup``: set the engine up in a folder; its state file says how far it is."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from . import locks
from .place import Busy, Cancelled, EngineFolder, Failed, SetUpProgress, find_own, holding, write
from .processes import when_started
from .programs import Programs
from .reaper import Reaper, reaping
from .steps import Order, SetUp, remove_quietly, sweep

CANCELLED = "Set-up stopped; what was downloaded is kept for the next time."
_LOCK_SECONDS = 3.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Set up; returns 0 done, 1 failed, 3 when another set-up is at work, 130 stopped."""
    given = _parser().parse_args(arguments)
    place = EngineFolder(find_own(given.folder.absolute()))
    place.folder.mkdir(parents=True, exist_ok=True)
    # Blender holds the lock for an instant when it looks whether anybody does.
    deadline = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            with (
                holding(place.lock),
                place.log.open("w", encoding="utf-8") as log,
                reaping(lambda text: print(text, file=log, flush=True)) as reaper,
            ):
                return _set_up(place, given, log, reaper)
        except Busy:
            if time.monotonic() > deadline:
                return 3
            time.sleep(0.05)


def _set_up(place: EngineFolder, given: argparse.Namespace, log: IO[str], reaper: Reaper) -> int:
    programs = Programs(place, log, environment(place), reaper)

    def stop(number: int, frame: object) -> None:
        programs.stopped = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    progress = SetUpProgress(pid=os.getpid(), started=when_started(os.getpid()))
    write(place.state, progress)
    code = 0
    try:
        sweep(place, programs.note)
        place.temporary.mkdir(parents=True, exist_ok=True)
        lines = given.requirements.read_text(encoding="utf-8").splitlines()
        order = Order(
            requirements=tuple(line for line in lines if line.strip()),
            engine=given.engine,
            pointer=given.pointer,
            wheels=given.wheels,
            python=given.python,
            fresh=given.fresh,
            repair=given.repair,
            weights_only=given.weights_only,
            lock=given.lock,
        )
        progress.message = SetUp(place, order, programs, progress).run()
        progress.status, progress.fraction = "done", 1.0
    except Cancelled:
        progress.status, progress.message, code = "cancelled", CANCELLED, 130
    except Failed as e:
        progress.status, progress.message, progress.fix, code = "failed", str(e), e.fix, 1
    except OSError as e:
        programs.note(traceback.format_exc())
        sentence = f"A file could not be written ({e.strerror}: {e.filename})."
        progress.status, progress.message, progress.fix, code = "failed", sentence, "folder", 1
    except Exception as e:
        programs.note(traceback.format_exc())
        sentence = f"The set-up made a mistake: {e or type(e).__name__}. The log says more."
        progress.status, progress.message, progress.fix, code = "failed", sentence, "retry", 1
    finally:
        if code:
            sweep(place, programs.note)
        remove_quietly(place.cancel, programs.note)
    programs.note(progress.message)
    progress.detail = ""
    write(place.state, progress)
    return code


def environment(place: EngineFolder) -> dict[str, str]:
    """The variables of every program: nothing that bends another Python, and no place but ours."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PYTHON")
        and name
        not in ("VIRTUAL_ENV", "CONDA_PREFIX", "__PYVENV_LAUNCHER__", "PIP_REQUIRE_VIRTUALENV")
    }
    temporary = str(place.temporary)
    return {
        **kept,
        "PYTHONUTF8": "1",
        "PYTHONUNBUFFERED": "1",
        "TMPDIR": temporary,
        "TEMP": temporary,
        "TMP": temporary,
        "PIP_CACHE_DIR": str(place.cache / "pip"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
        "UV_CACHE_DIR": str(place.cache / "uv"),
        "UV_PYTHON_INSTALL_DIR": str(place.pythons),
        "UV_NO_PROGRESS": "1",
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="engine_setup", description=__doc__)
    add = parser.add_argument
    add(
        "--folder",
        type=Path,
        required=True,
        help="where everything goes, or a folder in it if it holds other things",
    )
    add("--requirements", type=Path, required=True, help="a file of what the engine needs")
    add("--lock", type=Path, default=locks.ENGINE, help="a list of exact versions and hashes")
    add("--engine", type=Path, required=True, help="the folder that holds the package texcore")
    add("--pointer", type=Path, help="a file to write the engine's Python to")
    add("--wheels", type=Path, help="a folder of wheels to install from, without a network")
    add("--python", type=Path, help="a Python to make the environment with")
    add("--fresh", action="store_true", help="make anew what is there")
    add("--repair", action="store_true", help="fetch anew what it is made with, too")
    add(
        "--weights-only",
        action="store_true",
        help="only fetch the network's weights, with --python",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
