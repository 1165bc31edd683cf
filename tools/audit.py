"""Looking up what is known to be vulnerable among the packages that the set-up installs."""

from __future__ import annotations

import sys
from pathlib import Path

from .console import Command, Failure, run_showing, step
from .environments import Environment, with_pip
from .locks import FOLDER
from .project import ROOT, requirements


def audit() -> None:
    """Look up each package of the lists in PyPI's database of vulnerabilities, by pip-audit.

    Raises:
        Failure: One is known to be vulnerable, or the database could not be asked about all.
    """
    with step("pip-audit"):
        tool = Environment("audit", requirements("audit"), Path(sys.executable)).ensure(with_pip)
    # Strict: a package that the database does not answer for is no sound one.
    command: Command = [tool, "-m", "pip_audit", "--strict", "--disable-pip", "--require-hashes"]
    for path in sorted(FOLDER.glob("*.txt")):
        with step(f"Vulnerabilities of {path.name}"):
            try:
                run_showing([*command, "-r", path], doing=f"auditing {path.name}", cwd=ROOT)
            except Failure as failure:
                raise Failure(
                    f"{path.name} is not known to be sound; the lines above say why. "
                    "Where the database could not be reached, try again in another network."
                ) from failure
