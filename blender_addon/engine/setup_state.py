"""How the engine's set-up stands, as Blender sees it: where it is, how far it is, what it costs.

The work is done by the program in `engine_setup`, which goes on when Blender is closed; another
Blender finds it by its lock. Here is only read what it writes: by a timer, never while drawing.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import bpy

from ..add_on import BUNDLED, FOLDER
from ..bundled.texcore.contract import user_folders
from ..bundled.texcore.contract.errors import TexcoreError, Unavailable
from ..bundled.texcore.contract.published import PUBLISHED
from ..engine_setup import machine
from ..engine_setup.place import EngineFolder, Record, SetUpProgress, is_held, read, remove
from ..engine_setup.processes import is_set_up, terminate
from . import jobs
from .choices import blender_python, get_default_folder, get_place
from .job import engine
from .program import Host
from .redrawing import redraw

REQUIREMENTS = BUNDLED / "requirements.txt"
TICK_SECONDS = 0.5
CANCEL_SECONDS = 3.0
LOG_BYTES = 4000
INTERRUPTED = "The set-up was interrupted. Start it again: it goes on from what is there."


@dataclass
class Known:
    """What was seen on disk when somebody last looked.

    Attributes:
        looked: Whether anybody has.
        python: The engine's interpreter; None while there is none.
        host: The other computer that the engine is on; empty for this one.
        why: Why there is none, in a sentence.
        record: The add-on's own environment, if it was set up.
        outdated: Whether that was made for another version of the add-on.
        progress: Of the set-up that runs or ran last.
        running: Whether one runs.
        needs: What a set-up costs here; None until that is known.
        weights: Names of the network's weights and the bytes of all.
        removable: Bytes of those that can be fetched again.
        tail: The last lines of the set-up's log.
        default_folder: Where the engine goes if the preferences name no folder.
    """

    looked: bool = False
    python: Path | None = None
    host: str = ""
    why: str = ""
    record: Record | None = None
    outdated: bool = False
    progress: SetUpProgress | None = None
    running: bool = False
    needs: machine.Needs | None = None
    weights: tuple[list[str], int] = field(default_factory=lambda: ([], 0))
    removable: int = 0
    tail: list[str] = field(default_factory=list)
    default_folder: str = ""


known = Known()
_process: subprocess.Popen[bytes] | None = None
_threads: list[threading.Thread] = []


def shown_folder() -> str:
    """The default folder, for a field that is empty, without asking the disk."""
    return known.default_folder or "Automatic"


def refresh() -> None:
    """Look at everything again; takes a few milliseconds."""
    from . import choices

    here = get_place()
    try:
        found, known.why = choices.find_engine(bpy.context), ""
        known.host = found.name if isinstance(found, Host) else ""
        known.python = found.python if isinstance(found, Host) else found
    except TexcoreError as e:
        known.python, known.host, known.why = None, "", str(e)
    known.record = read(Record, here.record)
    known.outdated = known.record is not None and known.record.requirements != requirements()
    known.weights = _weights()
    known.removable = sum(path.stat().st_size for path in _list_fetched())
    refresh_progress(here)
    known.default_folder = str(get_default_folder())
    known.looked = True
    if known.needs is None:
        _in_background(_ask_machine)


def refresh_progress(here: EngineFolder) -> None:
    """Look how far the set-up is."""
    started = _process is not None and _process.poll() is None
    known.running = started or is_held(here.lock)
    known.progress = read(SetUpProgress, here.state)
    if known.progress is not None and known.progress.status == "running" and not known.running:
        known.progress.status, known.progress.fix = "failed", "retry"
        known.progress.message = INTERRUPTED
    known.tail = log(here).splitlines()[-12:]


def log(here: EngineFolder, bytes: int = LOG_BYTES) -> str:
    """The end of the set-up's log."""
    try:
        with here.log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - bytes))
            return file.read().decode(errors="replace")
    except OSError:
        return ""


def requirements() -> list[str]:
    """What the engine needs, as pip reads it."""
    return [line for line in REQUIREMENTS.read_text(encoding="utf-8").splitlines() if line.strip()]


def start(*words: str | Path) -> None:
    """Start the set-up program with more words of its command line; returns at once.

    Raises:
        Unavailable: It cannot be started, or one is running.
    """
    here = get_place()
    command: list[str | Path] = ["-m", "engine_setup", "--folder", here.folder]
    command += ["--requirements", REQUIREMENTS, "--engine", BUNDLED]
    command += ["--pointer", user_folders.engine_python_file(), *words]
    _start(command, FOLDER)


def start_there(host: str) -> None:
    """Start setting the engine up on another computer; returns at once.

    Raises:
        Unavailable: It cannot be started, or one is running.
    """
    command: list[str | Path] = ["-m", "texcore.link", host, "--place", get_place().folder]
    command += ["--set-up", FOLDER / "engine_setup", "--requirements", REQUIREMENTS]
    _start(command, BUNDLED)


def _start(words: Sequence[str | Path], packages: Path) -> None:
    """Start a program of the packages in a folder that writes how far it is into the place."""
    global _process
    here = get_place()
    if is_held(here.lock):
        raise Unavailable("The engine is being set up already.")
    command = [blender_python(), "-s", "-B", *words]
    kept = {name: v for name, v in os.environ.items() if not name.startswith("PYTHON")}
    detached = 0
    if sys.platform == "win32":
        detached = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
    try:
        here.folder.mkdir(parents=True, exist_ok=True)
        here.lock.touch()  # from now on the folder is the engine's, whatever else comes into it
        here.state.unlink(missing_ok=True)
        here.cancel.unlink(missing_ok=True)
        _process = subprocess.Popen(
            [str(word) for word in command],
            env={**kept, "PYTHONPATH": str(packages)},
            cwd=here.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=os.name != "nt",
            creationflags=detached,
        )
    except OSError as e:
        raise Unavailable(
            f"The set-up cannot be started in {here.folder} ({e.strerror}): choose another folder "
            "in Texcore's preferences."
        ) from None
    refresh_progress(here)
    watch()


def wait() -> SetUpProgress:
    """Wait for the end of the set-up that was started here; returns how it ended."""
    if _process is not None:
        try:
            _process.wait()
        except KeyboardInterrupt:
            cancel()
            raise
    refresh()
    return known.progress or SetUpProgress(status="failed", message=INTERRUPTED)


def cancel() -> None:
    """Stop the set-up, whoever started it; one that does not hear is killed after 3 s.

    It is killed only if it is known to be the set-up; a file that says which process that is may be
    damaged, or left by one that has ended long ago.
    """
    here = get_place()
    here.cancel.touch()
    deadline = time.monotonic() + CANCEL_SECONDS
    started = _process

    def kill_if_deaf() -> None:
        while is_held(here.lock) and time.monotonic() < deadline:
            time.sleep(0.1)
        if not is_held(here.lock):
            return
        progress = read(SetUpProgress, here.state)
        if started is not None and started.poll() is None:
            terminate(started.pid)  # as it has not been waited for, the number is still its own
        elif progress is not None and is_set_up(progress.pid, progress.started):
            terminate(progress.pid)

    _in_background(kill_if_deaf)
    watch()


def remove_engine() -> None:
    """Delete the environment, what was downloaded for it, and what tells others where it is.

    Raises:
        OSError: Something in it is in use.
    """
    here = get_place()
    while (job := jobs.current()) is not None:
        job.cancel()
    engine.stop()
    pointer = user_folders.engine_python_file()
    record = read(Record, here.record)
    # Last to first: what is left after an error is not taken for an environment.
    for path in (here.record, here.state, here.environments, here.cache, here.temporary):
        remove(path)
    for path in (here.pythons, here.tools, here.log):
        remove(path)
    named = pointer.read_text(encoding="utf-8").strip() if pointer.is_file() else ""
    if record is not None and named == record.python:
        pointer.unlink()
    refresh()


def remove_weights() -> None:
    """Delete the weights in the user's cache that can be fetched again; others stay."""
    for path in _list_fetched():
        path.unlink()
    refresh()


def _list_fetched() -> list[Path]:
    """Return the files in the user's cache that are published networks."""
    files = (weights_folder() / f"{name}.safetensors" for name in PUBLISHED)
    return [path for path in files if path.is_file()]


def weights_folder() -> Path:
    """Where the engine keeps weights."""
    return user_folders.cache_dir() / "weights"


def watch() -> None:
    """Look at the set-up twice a second until it has ended."""
    if not bpy.app.background and not bpy.app.timers.is_registered(_on_timer):
        bpy.app.timers.register(_on_timer, persistent=True)


def _on_timer() -> float | None:
    before = known.running
    if before or not known.looked:
        refresh_progress(get_place())
    if not known.looked or before != known.running:
        refresh()
    redraw()
    _threads[:] = [thread for thread in _threads if thread.is_alive()]
    return TICK_SECONDS if known.running or _threads else None


def _weights() -> tuple[list[str], int]:
    """Names of the weights that are here, and their bytes."""
    files = [
        *weights_folder().glob("*.safetensors"),
        *(BUNDLED / "texcore" / "weights").glob("*.safetensors"),
    ]
    return sorted(path.stem for path in files), sum(path.stat().st_size for path in files)


def _ask_machine() -> None:
    known.needs = machine.needs(machine.accelerator())


def _in_background(work: Callable[[], None]) -> None:
    thread = threading.Thread(target=work, name="texcore-setup", daemon=True)
    _threads.append(thread)
    thread.start()


def register() -> None:
    """Look at the set-up as soon as Blender has started, and follow one that is running."""
    global known
    known = Known()
    watch()


def unregister() -> None:
    """Look no more; a set-up that is running goes on."""
    if bpy.app.timers.is_registered(_on_timer):
        bpy.app.timers.unregister(_on_timer)
    for thread in _threads:
        thread.join(1.0)
    _threads.clear()
