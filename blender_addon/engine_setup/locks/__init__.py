"""What a set-up installs, to the letter: exact versions, and the hashes of every file they have.

``python3 build.py lock`` makes the lists again from the ranges in ``pyproject.toml``. They are as
pip reads them, for every system and every Python that the engine runs on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

#: All packages of the engine, as the package index has them.
ENGINE = Path(__file__).parent / "engine.txt"
#: The installer.
UV = Path(__file__).parent / "uv.txt"

_NAME = re.compile(r"([A-Za-z0-9._-]+)==([A-Za-z0-9._+!-]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
# Built once per accelerator; PyTorch's own index has them all, the package index one of each.
_BUILT_PER_ACCELERATOR = re.compile(r"torch|torchvision|triton|nvidia-.+|cuda-.+")


@dataclass(frozen=True)
class Locked:
    """One version of a package.

    Attributes:
        name: The package's.
        version: Its version.
        requirement: Name, version, and for which systems and Pythons, as pip reads it.
        hashes: SHA-256 of each of its files.
    """

    name: str
    version: str
    requirement: str
    hashes: frozenset[str]

    @property
    def per_accelerator(self) -> bool:
        """Whether there is a build for each accelerator, of which a list holds one."""
        return _BUILT_PER_ACCELERATOR.fullmatch(self.name) is not None

    @property
    def line(self) -> str:
        """The package as a line of a requirements file, with the hashes of its files."""
        hashes = " ".join(f"--hash=sha256:{digest}" for digest in sorted(self.hashes))
        return f"{self.requirement} {hashes}\n"


def read(path: Path) -> tuple[Locked, ...]:
    """Read the packages of a requirements file.

    Raises:
        ValueError: There is one without a version or without hashes.
    """
    text = path.read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines()]
    return tuple(_parse(line) for line in lines if line and not line.startswith("#"))


def _parse(line: str) -> Locked:
    found, hashes = _NAME.match(line), _HASH.findall(line)
    if found is None or not hashes:
        raise ValueError(f"“{line[:60]}” has no version or no hash")
    requirement = line.partition("--hash")[0].strip()
    return Locked(found[1].lower(), found[2], requirement, frozenset(hashes))
