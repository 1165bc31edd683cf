"""Fetching uv, which knows the build of PyTorch for each accelerator, and the user's settings."""

from __future__ import annotations

import ast
import re
import shutil
import stat
import sys
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from . import index, locks
from .place import EngineFolder, Failed, replacing
from .programs import PROBE_SECONDS, Programs

#: A short wait and no second try, so that a firewall costs seconds.
IMPATIENT = {"UV_HTTP_TIMEOUT": "10", "UV_HTTP_CONNECT_TIMEOUT": "5", "UV_HTTP_RETRIES": "0"}

_BUNDLED_PIP = (
    "import ensurepip, glob, os;"
    "folders = [os.path.join(os.path.dirname(ensurepip.__file__), '_bundled'),"
    " getattr(ensurepip, '_WHEEL_PKG_DIR', None) or ''];"
    "print(next(w for f in folders for w in glob.glob(os.path.join(f, 'pip-*.whl'))))"
)


def provide(place: EngineFolder, programs: Programs) -> Path:
    """The program of uv, fetched from the user's package index if it is not there yet.

    Raises:
        Failed: It cannot be had.
    """
    program = place.tools / ("uv.exe" if sys.platform == "win32" else "uv")
    (wanted,) = locks.read(locks.UV)
    if program.is_file() and _version(programs, program) == wanted.version:
        return program
    place.tools.mkdir(parents=True, exist_ok=True)
    folder = place.temporary / "uv"
    folder.mkdir(parents=True, exist_ok=True)
    pip = _pip(programs)
    if pip:
        download = [*pip, "download", "--no-deps", "--only-binary", ":all:", "--quiet"]
        options = ["--timeout", "15", "--retries", "1", "--dest", str(folder)]
        listed = ["--require-hashes", "--requirement", str(locks.UV)]
        programs.run([*download, *options, *listed], "fetching uv")
    else:
        programs.note("This Python has no pip: uv is fetched from the package index directly.")
        index.fetch(wanted, folder, programs.stop_if_cancelled)
    wheel = next(folder.glob("uv-*.whl"), None)
    if wheel is None:
        raise Failed("The package index has no uv for this computer: choose a Python instead.")
    _unpack(wheel, program)
    return program


def _version(programs: Programs, program: Path) -> str:
    """The version of a uv that lies there; empty if it does not run."""
    try:
        said = programs.run([program, "--version"], "asking uv", seconds=PROBE_SECONDS, quiet=True)
    except Failed:
        return ""
    found = re.search(r"uv (\S+)", said)
    return found[1] if found else ""


def _pip(programs: Programs) -> list[str]:
    """The command of a pip that runs without being installed anywhere; empty if there is none."""
    mine = [sys.executable, "-I"]
    if programs.answers([*mine, "-m", "pip", "--version"]):
        return [*mine, "-m", "pip"]
    # Pythons bring pip along as a wheel, to be installed from; it runs as it lies there.
    try:
        said = programs.run([*mine, "-c", _BUNDLED_PIP], "looking for pip", quiet=True)
    except Failed:
        return []
    return [*mine, f"{said.strip().splitlines()[-1]}/pip"]


def _unpack(wheel: Path, program: Path) -> None:
    """Take the one program out of uv's wheel."""
    with zipfile.ZipFile(wheel) as archive, replacing(program) as unfinished:
        name = next(n for n in archive.namelist() if n.endswith(f"/scripts/{program.name}"))
        with archive.open(name) as source, unfinished.open("wb") as target:
            shutil.copyfileobj(source, target)
        unfinished.chmod(unfinished.stat().st_mode | stat.S_IXUSR)


def index_settings(programs: Programs) -> dict[str, str]:
    """The user's settings for pip as uv reads them, unless there are some for uv."""
    if any(programs.variables.get(name) for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL")):
        return {}
    pip = _pip(programs)
    said = (
        programs.run([*pip, "config", "list"], "reading pip's settings", quiet=True) if pip else ""
    )
    return from_pip(said.splitlines(), programs.variables)


def from_pip(lines: Iterable[str], variables: Mapping[str, str]) -> dict[str, str]:
    """Variables of uv for what ``pip config list`` prints and for pip's own variables.

    Args:
        lines: Such as ``global.index-url='https://…'``.
        variables: The environment.
    """
    found: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition("=")
        section, _, key = name.strip().rpartition(".")
        if section in ("global", "install", "download", ":env:"):
            try:
                found[key] = str(ast.literal_eval(value.strip()))
            except (ValueError, SyntaxError):
                continue
    for name, value in variables.items():
        if name.startswith("PIP_"):
            found[name[4:].lower().replace("_", "-")] = value
    pairs = {
        "index-url": "UV_DEFAULT_INDEX",
        "extra-index-url": "UV_INDEX",
        "find-links": "UV_FIND_LINKS",
        "trusted-host": "UV_INSECURE_HOST",
        "cert": "SSL_CERT_FILE",
        "proxy": "ALL_PROXY",
    }
    settings = {
        ours: " ".join(found[theirs].split()) for theirs, ours in pairs.items() if found.get(theirs)
    }
    if "UV_FIND_LINKS" in settings:
        settings["UV_FIND_LINKS"] = ",".join(settings["UV_FIND_LINKS"].split())
    if "UV_INDEX" in settings:
        # As pip does: the best version of all indexes, not of the first that knows the name.
        settings["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return {name: value for name, value in settings.items() if not variables.get(name)}
