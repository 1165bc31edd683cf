"""Python environments made once per user and requirement set, never used half made."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from texcore.contract.files import write_whole
from texcore.contract.user_folders import cache_dir

from .console import Command, Failure, note, run

MARKER = "complete.json"  #: written last; an environment without it is made again


@dataclass(frozen=True)
class Environment:
    """A virtual environment: what is in it decides where it lies.

    Attributes:
        name: A word for people.
        requirements: As pip reads them.
        base: The interpreter it is made with.
        variant: Anything else that makes it another environment, such as the accelerator.
    """

    name: str
    requirements: tuple[str, ...]
    base: Path
    variant: str = ""

    @property
    def folder(self) -> Path:
        """Where it lies: one folder per name, requirements, Python version and variant."""
        version = python_version(self.base)
        key = json.dumps([sorted(self.requirements), version, platform.machine(), self.variant])
        return cache_dir() / "envs" / f"{self.name}-{hashlib.sha256(key.encode()).hexdigest()[:12]}"

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return interpreter(self.folder)

    def ready(self) -> bool:
        """Whether it was made to the end and its interpreter still runs."""
        return (self.folder / MARKER).is_file() and python_version(self.python, default="") != ""

    def ensure(self, install: Callable[[Environment], str]) -> Path:
        """Make it if it is not ready, and return its interpreter.

        Args:
            install: Called with the fresh environment to fill it; says in a few words how it did.

        Raises:
            Failure: It could not be made; what there is of it will not be used.
        """
        with only_one(Path(f"{self.folder}.lock")):
            if self.ready():
                note(f"{self.name}: there already, {self.folder}")
                return self.python
            if self.folder.exists():
                note(f"{self.name}: {self.folder} was left half made and is made again")
                shutil.rmtree(self.folder)
            run([self.base, "-m", "venv", self.folder], doing=f"making the {self.name} environment")
            how = install(self)
            made = {"requirements": self.requirements, "variant": self.variant, "how": how}
            write_whole(self.folder / MARKER, json.dumps(made, indent=1).encode())
            note(f"{self.name}: {how}, {self.folder}")
        return self.python


def with_pip(environment: Environment) -> str:
    """Fill an environment by pip with the user's own settings.

    Raises:
        Failure: pip did not get every requirement.
    """
    quietly = ("--quiet", "--no-input", "--disable-pip-version-check")
    install: Command = [environment.python, "-m", "pip", "install", *quietly]
    run([*install, *environment.requirements], doing=f"installing {environment.name} by pip")
    return "installed by pip"


def before_engine(engine_python: Path) -> Callable[[Environment], str]:
    """Give what fills an environment by pip, in front of the engine's packages.

    A path file shows it these: PyTorch is not installed twice.
    """

    def install(environment: Environment) -> str:
        how = with_pip(environment)
        file = site_packages(environment.python) / "engine.pth"
        file.write_text(f"{site_packages(engine_python)}\n", encoding="utf-8")
        return how

    return install


def site_packages(python: Path) -> Path:
    """The folder in which an environment's packages lie."""
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    return Path(run([python, "-c", code], doing=f"asking {python}").strip())


def interpreter(folder: Path) -> Path:
    """The Python of the virtual environment in a folder."""
    if sys.platform == "win32":
        return folder / "Scripts" / "python.exe"
    return folder / "bin" / "python"


def python_version(python: Path, default: str | None = None) -> str:
    """Major and minor version of an interpreter, such as ``3.11``.

    Raises:
        Failure: It does not run, and there is no default.
    """
    if python == Path(sys.executable):
        return f"{sys.version_info.major}.{sys.version_info.minor}"
    try:
        code = "import sys; print('%d.%d' % sys.version_info[:2])"
        return run([python, "-I", "-c", code], doing=f"asking {python} for its version").strip()
    except Failure:
        if default is None:
            raise
        return default


def find_python(version: str) -> Path | None:
    """An interpreter of this version that really runs, or None.

    Version managers leave a command for every version on the path, also for those that are
    switched off and end with an error: so each candidate is asked.
    """
    exe = "python.exe" if sys.platform == "win32" else "bin/python"
    uv = "AppData/Roaming/uv/python" if sys.platform == "win32" else ".local/share/uv/python"
    managed = [
        (Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")), f"versions/{version}.*/{exe}"),
        (Path.home() / uv, f"cpython-{version}.*/{exe}"),
    ]
    candidates = [Path(sys.executable)]
    candidates += [Path(p) for p in (shutil.which(f"python{version}"), _launcher(version)) if p]
    for folder, pattern in managed:
        candidates += sorted(folder.glob(pattern), reverse=True)
    return next((c for c in candidates if python_version(c, default="") == version), None)


def _launcher(version: str) -> str | None:
    """What the Windows launcher knows under this version."""
    if sys.platform == "win32" and shutil.which("py"):
        command = ["py", f"-{version}", "-c", "import sys; print(sys.executable)"]
        return subprocess.run(command, capture_output=True, text=True).stdout.strip() or None
    return None


@contextmanager
def only_one(lock: Path) -> Iterator[None]:
    """Wait until no other process is inside with this lock file; a killed one lets go of it."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a+b") as file:
        if sys.platform == "win32":
            import msvcrt

            # LK_LOCK gives up after ten seconds; another set-up takes minutes.
            while True:
                try:
                    file.seek(0)
                    msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
                    break
                except OSError:
                    continue
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield
