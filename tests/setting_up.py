"""The set-up program, and tiny packages for it that have little of PyTorch but the name.

What is installed, by which pip, into which environment, is real. How pip itself comes into one is
so only where a test says so: `ensurepip` takes six seconds of a processor.
"""

from __future__ import annotations

import base64
import hashlib
import os
import shlex
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
ADDON = ROOT / "blender_addon"
SECONDS = 240
#: A name and a version that the add-on's own requirements accept.
PACKAGES = {
    "torch": "2.13.0",
    "torchvision": "0.28.0",
    "numpy": "2.4.0",
    "pillow": "12.0.0",
    "OpenImageIO": "3.1.0",
    "safetensors": "0.6.0",
    "scipy": "1.16.0",
    "trimesh": "5.2.0",
    "tqdm": "4.67.0",
}
_TORCH = """
__version__ = "2.13.0+tiny"
class cuda:
    is_available = staticmethod(lambda: False)
class backends:
    class mps:
        is_available = staticmethod(lambda: False)
"""
# The folder is the last of the words.
_PYTHON = """#!/bin/sh
if [ "$1 $2" = "-m venv" ]; then
  {python} "$@" --without-pip || exit
  for folder; do :; done
  exec cp -R -p {packages}/pip {packages}/pip-*.dist-info "$folder"/lib/python3.*/site-packages/
fi
exec {python} "$@"
"""
# Stops in the middle of its weights as long as there is a file “hold” beside it.
_ENGINE = """
import os, sys, time
from pathlib import Path
import torch
here = Path(__file__).parent.parent
with (here / "asked").open("a") as file:
    file.write(sys.argv[1] + "\\n")
if sys.argv[1] == "weights":
    print(" 25%  Fetching", flush=True)
    (here / "pid.new").write_text(str(os.getpid()))
    (here / "pid.new").replace(here / "pid")
    while (here / "hold").exists():
        time.sleep(0.02)
    if (here / "fail").exists():
        sys.exit("texcore: no weights today")
print("ready")
"""


def wheelhouse(folder: Path, version: tuple[int, int] = sys.version_info[:2]) -> Path:
    """A folder of wheels of all that the engine needs, PyTorch's for this computer and a Python."""
    folder.mkdir(parents=True, exist_ok=True)
    platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    for name, number in PACKAGES.items():
        tag = f"cp3{version[1]}-cp3{version[1]}-{platform}" if name == "torch" else "py3-none-any"
        stem = f"{name.lower() if name != 'OpenImageIO' else 'openimageio'}-{number}"
        files = {
            f"{name}/__init__.py": _TORCH if name == "torch" else "",
            f"{stem}.dist-info/METADATA": (
                f"Metadata-Version: 2.1\nName: {name}\nVersion: {number}\n"
            ),
            f"{stem}.dist-info/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: {tag}\n",
        }
        rows = [f"{path},sha256={_digest(text)},{len(text)}" for path, text in files.items()]
        files[f"{stem}.dist-info/RECORD"] = "\n".join([*rows, f"{stem}.dist-info/RECORD,,", ""])
        with zipfile.ZipFile(folder / f"{stem}-{tag}.whl", "w") as wheel:
            for path, text in files.items():
                wheel.writestr(path, text)
    return folder


def locked(wheels: Path, list: Path) -> Path:
    """A list of what lies in a folder of wheels, with its hashes, as the add-on has one."""
    with list.open("w", encoding="utf-8") as file:
        for wheel in sorted(wheels.glob("*.whl")):
            name, version = wheel.name.split("-")[:2]
            digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
            file.write(f"{name}=={version} \\\n    --hash=sha256:{digest}\n")
    return list


def engine(folder: Path) -> Path:
    """A folder with a package texcore that takes the place of the engine."""
    (folder / "texcore").mkdir(parents=True)
    (folder / "texcore" / "__init__.py").touch()
    (folder / "texcore" / "__main__.py").write_text(_ENGINE, encoding="utf-8")
    return folder


def quick_python(folder: Path, python: Path, packages: Path) -> Path:
    """A Python that copies pip into an environment instead of having it installed.

    Args:
        folder: Where it is made.
        python: That it is else.
        packages: The folder of one of its environments in which pip lies.
    """
    folder.mkdir()
    path = folder / "python3"
    words = {"python": python, "packages": packages}
    text = _PYTHON.format(**{name: shlex.quote(str(word)) for name, word in words.items()})
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


def base_python() -> Path:
    """The Python behind the environment of the tests."""
    return Path(getattr(sys, "_base_executable", sys.executable)).resolve()


def command(folder: Path, engine: Path, *words: object) -> list[str]:
    """The set-up program's command line."""
    requirements = engine / "requirements.txt"
    requirements.write_text("torch>=2.13,<2.14\nnumpy>=2,<3\n", encoding="utf-8")
    start = [sys.executable, "-m", "engine_setup", "--folder", folder, "--engine", engine]
    return [str(w) for w in (*start, "--requirements", requirements, *words)]


def environment(engine: Path, **more: str) -> dict[str, str]:
    """The variables to run it with: the Python beside an engine can be found, and this one."""
    folders = [str(engine / "bin"), str(base_python().parent), os.environ.get("PATH", "")]
    return {**os.environ, "PATH": os.pathsep.join(folders), "PYTHONPATH": str(ADDON), **more}


def run(
    folder: Path, engine: Path, *words: object, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    return subprocess.run(
        command(folder, engine, *words),
        env=environment(engine, **more),
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=SECONDS,
    )


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
