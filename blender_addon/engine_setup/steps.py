"""The set-up, step by step. What is done is not done again; what is half made is not used."""

from __future__ import annotations

import json
import re
import secrets
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import locks, machine, pythons, uv
from .place import EngineFolder, Failed, Record, SetUpProgress, read, remove, replacing, size, write
from .programs import PROBE_SECONDS, Programs

#: Where each step begins, as a share of the whole, and what it is called.
STEPS = {
    "uv": (0.0, "Fetching the installer"),
    "python": (0.02, "Preparing Python"),
    "packages": (0.06, "Installing PyTorch"),
    "weights": (0.84, "Fetching the network's weights"),
    "check": (0.96, "Trying the engine"),
    "end": (1.0, "Cleaning up"),
}
READY = "The engine is ready."
WEIGHTS_READY = "The network's weights are here."
WITHOUT_WEIGHTS = (
    "The engine is ready, but the network's weights could not be fetched: textures are drafts "
    "until they are there."
)
WITHOUT_CARD = "PyTorch cannot use the graphics card here, so the processor does the work."
_ABOUT_TORCH = (
    "import torch, json; devices = ['cuda'] * torch.cuda.is_available()"
    " + ['mps'] * torch.backends.mps.is_available() + ['cpu'];"
    "print(json.dumps([torch.__version__, devices[0]]))"
)


@dataclass(frozen=True)
class Order:
    """What is wanted.

    Attributes:
        requirements: As pip reads them.
        engine: The folder that holds the package texcore.
        pointer: The file that tells other Blenders of this user which Python runs the engine.
        wheels: A folder of wheels to install from; None: the package index.
        python: The Python to make the environment with; None: one is found.
        fresh: Make a new environment, though there is one that runs.
        repair: Also fetch anew what environments are made with.
        weights_only: Only fetch the network's weights, with `python`.
        lock: The list of exact versions and hashes to install from.
    """

    requirements: tuple[str, ...]
    engine: Path
    pointer: Path | None = None
    wheels: Path | None = None
    python: Path | None = None
    fresh: bool = False
    repair: bool = False
    weights_only: bool = False
    lock: Path = locks.ENGINE


class SetUp:
    """One set-up.

    Args:
        place: The folder.
        order: What is wanted.
        programs: Runs programs.
        progress: Kept up to date and written to the place's state.
    """

    def __init__(
        self, place: EngineFolder, order: Order, programs: Programs, progress: SetUpProgress
    ) -> None:
        self._place = place
        self._order = order
        self._programs = programs
        self._progress = progress
        self._step = "uv"
        self._needs = machine.needs(machine.accelerator())

    def run(self) -> str:
        """Do everything; returns what was done in a sentence.

        Raises:
            Failed: A step failed. The environment that was there before is still in use.
            Cancelled: Somebody wants it to stop.
        """
        if self._order.weights_only and self._order.python is not None:
            self._weights(self._order.python)
            return WEIGHTS_READY
        old = read(Record, self._place.record)
        if old is not None and not (self._order.fresh or self._order.repair) and self._sound(old):
            self._programs.note("The environment is there and runs.")
            record = old
        else:
            record = self._environment()
            if old is None or not old.complete:
                # From now on a set-up that was stopped has only the weights to go on with.
                write(self._place.record, record)
        said = READY if self._weights(Path(record.python)) else WITHOUT_WEIGHTS
        self._finish(record)
        if self._needs.accelerator not in ("none", "Apple") and record.device == "cpu":
            said = f"{said} {WITHOUT_CARD}"
        return said

    def show(self, step: str, share: float = 0.0, detail: str = "") -> None:
        """Write down how far it is.

        Args:
            step: A key of `STEPS`.
            share: Of the step, 0 to 1.
            detail: A figure for people, in no language.
        """
        self._step = step
        begin, title = STEPS[step]
        later = [start for start, _ in STEPS.values() if start > begin]
        whole = begin + min(1.0, share) * (min(later, default=1.0) - begin)
        self._progress.fraction = max(self._progress.fraction, whole)
        self._progress.stage, self._progress.detail = title, detail
        write(self._place.state, self._progress)

    def _sound(self, record: Record) -> bool:
        """Whether an environment is what is wanted and runs."""
        wanted = list(self._order.requirements)
        return record.requirements == wanted and self._programs.answers(
            [record.python, "-c", "import torch"]
        )

    def _environment(self) -> Record:
        """Make an environment beside the old one, and see that its PyTorch runs."""
        order, place = self._order, self._place
        if why := machine.check_room(place.folder, self._needs.free - size(place.cache)):
            raise Failed(why, "folder")
        for folder in (place.cache,) * order.fresh + place.fetched * order.repair:
            remove(folder)
        for folder in (place.environments, place.cache, place.temporary):
            folder.mkdir(parents=True, exist_ok=True)
        self.show("uv")
        tool = None
        if order.wheels is None:
            try:
                tool = uv.provide(place, self._programs)
            except Failed as e:
                self._programs.note(f"{e} Going on with pip.")
        self.show("python")
        folder = place.environments / secrets.token_hex(2)
        self._programs.run(
            [self._base(tool), "-m", "venv", "--clear", folder], "making the environment"
        )
        windows = sys.platform == "win32"
        python = folder / ("Scripts/python.exe" if windows else "bin/python")
        self.show("packages")
        self._install(python, tool)
        said = self._programs.run([python, "-c", _ABOUT_TORCH], "trying PyTorch")
        torch, device = json.loads(said.strip().splitlines()[-1])
        return Record(str(python), list(order.requirements), torch, device)

    def _base(self, tool: Path | None) -> Path:
        """The Python to make the environment with."""
        order = self._order
        if order.python is not None:
            if pythons.examine(self._programs, order.python) is None:
                raise Failed(
                    f"{order.python} cannot make an environment: a Python from 3.10 to 3.14 with "
                    "venv and pip is needed.",
                    "python",
                )
            return order.python
        if order.wheels is None:
            return pythons.provide(self._programs, tool, order.repair)
        version = pythons.wheel_python(order.wheels)
        found = next(pythons.candidates(self._programs, version), None)
        if found is None:
            raise Failed(
                f"The wheels in {order.wheels} are for Python {version[0]}.{version[1]}, which is "
                "not on this computer: install it from python.org.",
                "python",
            )
        return found

    def _install(self, python: Path, tool: Path | None) -> None:
        """Install everything into an environment, and tell how far it is by the room it takes."""
        before = size(self._place.folder)
        expected = self._needs.disk * machine.GB

        def watch(line: str) -> None:
            if not line:
                made = size(self._place.folder) - before
                detail = f"{made / machine.GB:.1f} / ≈ {self._needs.disk:.1f} GB"
                self.show("packages", made / expected, detail if made < expected else "")

        run = self._programs.run
        locked = ["--require-hashes", "--requirement", str(self._order.lock)]
        if self._order.wheels is not None:
            pip = [str(python), "-m", "pip", "--isolated", "install", "--no-index"]
            pip += ["--find-links", str(self._order.wheels), *self._order.requirements]
            run(pip, "installing from the folder of wheels", watch=watch)
        elif tool is None:
            pip = [str(python), "-m", "pip", "install", "--progress-bar", "off"]
            run([*pip, *locked], "installing PyTorch", watch=watch)
        else:
            install = [str(tool), "pip", "install", "--python", str(python)]
            settings = uv.index_settings(self._programs)
            if not self._with_own_build(install, settings, watch):
                run([*install, *locked], "installing PyTorch", settings, watch=watch)

    def _with_own_build(
        self, install: list[str], settings: dict[str, str], watch: Callable[[str], None]
    ) -> bool:
        """Install with a build of PyTorch from PyTorch's own index, if that is needed and there.

        The package index has one build for each system: on Linux that for NVIDIA's newest
        drivers, elsewhere that without CUDA. Those of PyTorch's own index are of the same version,
        and checked by the hash that this index says; everything else by the list's.

        Args:
            install: The command that installs, without what.
            settings: The user's for the package index.
            watch: Told how far it is.

        Returns:
            Whether all is installed.
        """
        if not machine.needs_own_build(self._needs.accelerator):
            return False
        packages = locks.read(self._order.lock)
        run = self._programs.run
        builds = [p.requirement for p in packages if p.name in ("torch", "torchvision")]
        best = [*install, "--torch-backend=auto", *builds]
        try:
            run([*best, "--dry-run"], "asking PyTorch's index", uv.IMPATIENT, PROBE_SECONDS)
        except Failed:
            self._programs.note("PyTorch's own index cannot be had: the user's is taken.")
            return False
        others = self._place.temporary / "packages.txt"
        lines = [package.line for package in packages if not package.per_accelerator]
        others.write_text("".join(lines), encoding="utf-8")
        locked = ["--require-hashes", "--no-deps", "--requirement", str(others)]
        run([*install, *locked], "installing the engine's packages", settings, watch=watch)
        run(best, "installing PyTorch", watch=watch)
        return True

    def _weights(self, python: Path) -> bool:
        """Fetch the network's weights if they are not there; returns whether they are."""
        self.show("weights")

        def watch(line: str) -> None:
            if found := re.match(r"\s*(\d+)%", line):
                self.show("weights", int(found[1]) / 100, f"{found[1]} %")

        command: list[str | Path] = [python, "-m", "texcore", "weights"]
        variables = dict(self._engine_variables())
        if self._order.wheels is not None:
            own = [self._order.wheels.glob(p) for p in ("vgg*.safetensors", "vgg*.pth")]
            file = next((path for paths in own for path in sorted(paths)), None)
            variables |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self._order.wheels)}
            command += [file] if file else []
        try:
            self._programs.run(command, "fetching the weights", variables, watch=watch)
        except Failed as e:
            if self._order.weights_only:
                raise
            self._programs.note(str(e))
            return False
        return True

    def _finish(self, record: Record) -> None:
        """Let the engine look at itself; from then on it is the one in use."""
        self.show("check")
        doctor = [record.python, "-m", "texcore", "doctor"]
        self._programs.run(doctor, "trying the engine", self._engine_variables())
        self.show("end")
        record.complete = True
        write(self._place.record, record)
        remove_quietly(self._place.cache, self._programs.note)
        sweep(self._place, self._programs.note)
        record.bytes = size(self._place.folder)
        write(self._place.record, record)
        pointer = self._order.pointer
        if pointer is not None:
            pointer.parent.mkdir(parents=True, exist_ok=True)
            with replacing(pointer) as unfinished:
                unfinished.write_text(f"{record.python}\n", encoding="utf-8")

    def _engine_variables(self) -> dict[str, str]:
        return {"PYTHONPATH": str(self._order.engine), "PYTHONDONTWRITEBYTECODE": "1"}


def sweep(place: EngineFolder, note: Callable[[str], None]) -> None:
    """Delete temporary files and the environments that are not in use.

    Args:
        place: The folder.
        note: Told of what cannot be deleted, as where a program is still running on Windows.
    """
    record = read(Record, place.record)
    used = Path(record.python) if record else None
    remove_quietly(place.temporary, note)
    if place.environments.is_dir():
        for folder in place.environments.iterdir():
            if used is None or not used.is_relative_to(folder):
                remove_quietly(folder, note)


def remove_quietly(path: Path, note: Callable[[str], None]) -> None:
    """Delete something, or say that it stays; the next sweep takes it."""
    try:
        remove(path)
    except OSError as e:
        note(f"{path} could not be deleted ({e.strerror}).")
