"""The engine's environment: the build of PyTorch that fits this machine, linked as .venv."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from texcore.contract.files import write_whole
from texcore.contract.user_folders import engine_python_file

from .console import Command, Failure, note, run, step
from .environments import Environment, with_pip
from .project import ROOT, requirements

UV = ("uv>=0.9",)
PROBE_SECONDS = 30  #: for asking PyTorch's index which build fits; a dead line fails much sooner
#: A short wait and no second try, so that a firewall costs seconds.
IMPATIENT = {"UV_HTTP_TIMEOUT": "5", "UV_HTTP_CONNECT_TIMEOUT": "5", "UV_HTTP_RETRIES": "0"}


def set_up() -> Path:
    """Make the engine's environment, link it into the clone, and return its interpreter.

    Raises:
        Failure: Not every requirement could be had.
    """
    with step("Engine environment"):
        found = accelerator()
        note(f"accelerator: {found}")
        environment = Environment("engine", requirements(), Path(sys.executable), found)
        python = environment.ensure(_install)
        link(environment.folder)
        remember(python)
    return python


def accelerator() -> str:
    """What PyTorch could compute on besides the CPU."""
    if sys.platform == "darwin":
        return "Apple"
    if shutil.which("nvidia-smi"):
        listed = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True)
        if listed.returncode == 0 and "GPU" in listed.stdout:
            return "NVIDIA"
    if Path("/dev/kfd").exists() or shutil.which("rocminfo"):
        return "AMD"
    return "none"


def fetch_weights(python: Path) -> None:
    """Fetch the feature network's weights; without a network the engine does without.

    Raises:
        Failure: The engine does not run.
    """
    with step("Weights of the feature network"):
        said = run([python, "-m", "texcore", "weights"], doing="fetching the weights", cwd=ROOT)
        for line in said.splitlines():
            note(line)


def _install(environment: Environment) -> str:
    """By uv, which knows the build of PyTorch for each accelerator, else by pip."""
    how = _with_uv(environment)
    if how is None:
        with_pip(environment)
        how = "installed by pip, which chose the build of PyTorch by the user's own settings"
    code = "import torch; print(torch.__version__, torch.cuda.is_available())"
    version, cuda = run([environment.python, "-c", code], doing="trying PyTorch").split()[-2:]
    note(f"PyTorch {version}")
    if environment.variant in ("NVIDIA", "AMD") and cuda == "False":
        note(f"This build does not use the {environment.variant} card; the engine runs on the CPU.")
    return how


def _with_uv(environment: Environment) -> str | None:
    """How uv installed everything, or None if PyTorch's own index cannot be had in seconds.

    uv takes PyTorch from that index or not at all: a machine without an accelerator never gets
    gigabytes of CUDA this way.
    """
    try:
        uv = Environment("uv", UV, Path(sys.executable)).ensure(with_pip)
        install: Command = [
            *(uv, "-m", "uv", "pip", "install", "--python", environment.python),
            *("--torch-backend=auto", *environment.requirements),
        ]
        doing = "asking PyTorch's index"
        run([*install, "--dry-run"], doing=doing, env=IMPATIENT, timeout=PROBE_SECONDS)
        run(install, doing="installing PyTorch by uv")
    except Failure:
        note("PyTorch's own index cannot be had by uv; going on with pip.")
        return None
    return "installed by uv from PyTorch's own index"


def link(folder: Path) -> None:
    """Make ``.venv`` in the clone lead to the environment; a real folder there is left alone."""
    here = ROOT / ".venv"
    if here.exists() and here.resolve() == folder.resolve():
        return
    if sys.platform == "win32":
        if here.exists():
            with suppress(OSError):  # removes a junction, refuses a folder that holds something
                here.rmdir()
        command = ["cmd", "/c", "mklink", "/J", str(here), str(folder)]
        subprocess.run(command, capture_output=True)
    elif here.is_symlink() or not here.exists():
        new = ROOT / f".venv.{os.getpid()}"
        new.symlink_to(folder, target_is_directory=True)
        new.replace(here)
    if here.exists() and here.resolve() == folder.resolve():
        note(f"linked as {here}")
    else:
        note(f"{here} could not be linked; use {folder} itself.")


def remember(python: Path) -> None:
    """Tell the extension, by the file both know, which interpreter runs the engine."""
    file = engine_python_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, f"{python}\n".encode())
