"""The extension's zip: add-on, bundled engine and licence, built by Blender's own tool."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import texcore
from texcore.contract.files import replacing

from .blenders import Blender, profile
from .console import Failure, make_folder, note, run, step
from .project import BUILD, ROOT, homepage, manifest, requirements

STAGE = BUILD / "stage" / "texcore_extension"  #: a package, so that it can be type-checked whole
SKIPPED = shutil.ignore_patterns("__pycache__", "*.pyc", ".*", "*.orig", "*~")
ABOUT_WEIGHTS = """\
The convolutions of VGG-16 (Simonyan and Zisserman 2014), as torchvision publishes them, rounded
to 16 bits. They are data, and no part of the program.
"""
#: An address that artists' browsers open: of the web, encrypted, with a name of a computer.
WEBSITE = re.compile(r"https://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(:\d{1,5})?([/?#][!-~]*)?")
LONG_AGO = (1980, 1, 1, 0, 0, 0)  #: the first date a zip can hold


def make_zip(
    blender: Blender, output: Path, engine_python: Path | None = None, website: str = ""
) -> Path:
    """Build the extension's zip into a folder, validate it, and return its path.

    Args:
        blender: Whose tool builds it.
        output: The folder.
        engine_python: For a zip that works offline: the Python of an engine that has the weights
            of VGG-16, which then go into the zip in half precision.
        website: Address for the manifest; empty for that of ``pyproject.toml``, if it has one.

    Raises:
        Failure: The versions in the sources differ, Blender's tool refuses the extension, the
            weights cannot be had, or the website is no address.
    """
    with step("Extension"):
        stage = make_stage(website)
        kind = "" if engine_python is None else "-offline"
        path = make_folder(output) / f"texcore-{manifest()['version']}{kind}.zip"
        if engine_python is not None:
            add_weights(engine_python, stage / "bundled" / "texcore" / "weights")
        arguments = ["--source-dir", str(stage), "--output-filepath", str(path)]
        with profile() as env:
            tool = blender.extension_tool("build", *arguments)
            run(tool, doing="building the extension", env=env)
            put_in_order(path)
            tool = blender.extension_tool("validate", str(path))
            run(tool, doing="validating the extension", env=env)
        note(f"{path}, {path.stat().st_size / 1024:.0f} KB, valid for Blender {blender.version}")
    return path


def make_stage(website: str = "") -> Path:
    """Lay the extension out as it will be installed, and return the folder.

    Args:
        website: See `make_zip`.

    Raises:
        Failure: Manifest and engine are of different versions, or the website is no address.
    """
    website = website or homepage()
    if website and not WEBSITE.fullmatch(website):
        raise Failure(
            f"“{website}” is no address of a website: give one such as https://example.org/texcore."
        )
    version = manifest()["version"]
    if version != texcore.__version__:
        raise Failure(
            f"The manifest says version {version}, texcore/__init__.py {texcore.__version__}."
        )
    shutil.rmtree(STAGE, ignore_errors=True)
    shutil.copytree(ROOT / "blender_addon", STAGE, ignore=SKIPPED)
    shutil.copytree(ROOT / "texcore", STAGE / "bundled" / "texcore", ignore=SKIPPED)
    package = STAGE / "bundled" / "__init__.py"
    if not package.exists():
        package.write_text('"""What the extension brings along."""\n', encoding="utf-8")
    needed = "".join(f"{line}\n" for line in requirements())
    (STAGE / "bundled" / "requirements.txt").write_text(needed, encoding="utf-8")
    shutil.copy(ROOT / "LICENSE", STAGE)
    if website:
        name_website(STAGE / "blender_manifest.toml", website)
    return STAGE


def name_website(path: Path, website: str) -> None:
    """Write an address into a manifest, before its first table."""
    text = path.read_text(encoding="utf-8")
    line = f"website = {json.dumps(website)}\n"
    path.write_text(re.sub(r"(?m)^\[|\Z", lambda m: line + m[0], text, count=1), encoding="utf-8")


def add_weights(engine_python: Path, folder: Path) -> None:
    """Write the weights of VGG-16 in half precision into a folder, and say what they are."""
    make_folder(folder)
    code = (
        "import sys; from pathlib import Path; from texcore.features import half, weights;"
        "network, _ = weights.load('vgg16');"
        "half.write(network, Path(sys.argv[1]) / f'{half.NAME}.safetensors')"
    )
    command = [str(engine_python), "-c", code, str(folder)]
    run(command, doing="writing the weights", env={"PYTHONPATH": str(ROOT)}, cwd=ROOT)
    (folder / "README.txt").write_text(ABOUT_WEIGHTS, encoding="utf-8")


def put_in_order(path: Path) -> None:
    """Write a zip again, files by name and undated: the same sources give the same bytes."""
    with replacing(path) as ordered, zipfile.ZipFile(ordered, "w") as new:
        for name, content in _files(path):
            entry = zipfile.ZipInfo(name, LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            new.writestr(entry, content)


def _files(path: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        for name in sorted(archive.namelist()):
            yield name, archive.read(name)
