"""An extension repository as Blender knows them: files to be put on any web server.

Blender finds the extension, and later its updates, in ``index.json``; from the page beside it an
artist drags the extension into Blender.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from texcore.contract.files import write_whole

from .blenders import Blender, profile
from .console import Failure, make_folder, note, run, step
from .package import make_zip
from .project import ROOT

PAGE = ROOT / "tools" / "repository.html"
INDEX = "index.json"


def make_repository(blender: Blender, output: Path, website: str = "") -> Path:
    """Build the extension and a repository with it, and return the repository's folder.

    Args:
        blender: Whose tool makes both.
        output: The folder.
        website: See `package.make_zip`.

    Raises:
        Failure: The extension cannot be built, or the folder cannot be written.
    """
    with TemporaryDirectory(prefix="texcore-repository-") as folder:
        return publish(blender, make_zip(blender, Path(folder), website=website), output)


def publish(blender: Blender, extension: Path, output: Path) -> Path:
    """Make a repository that offers an extension; returns its folder.

    What was offered before stays in the folder, for Blenders that have not asked anew, but is
    listed no more.

    Args:
        blender: Whose tool lists it.
        extension: The zip, in a folder without another.
        output: The folder.

    Raises:
        Failure: Blender's tool refuses the extension, or the folder cannot be written.
    """
    with step("Repository"), profile() as env:
        folder = extension.parent
        words = ["--repo-dir", str(folder), "--html", "--html-template", str(PAGE)]
        tool = blender.extension_tool("server-generate", *words)
        run(tool, doing="listing the extension", env=env)
        make_folder(output)
        try:
            shutil.copy(extension, output / extension.name)
            # What leads to the extension comes after it.
            for name in (INDEX, "index.html"):
                write_whole(output / name, (folder / name).read_bytes())
        except OSError as e:
            raise Failure(f"{output} cannot be written ({e.strerror}).") from None
        note(f"{output}: put it on a web server, and drag from its page into Blender")
    return output
