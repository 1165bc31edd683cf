"""Commands that make a batch in parts: for job arrays and for farms that want a list of them."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


def list_commands(
    program: Sequence[str], words: Sequence[str], parts: int, report: Path | None = None
) -> list[str]:
    """Return a command line for each part, and one more that puts the reports together.

    The last one is to run after all the others. They are quoted as this system's shell wants it.

        >>> list_commands(["texcore"], ["queue.csv", "-o", "out"], 2)[1:]
        ['texcore batch queue.csv -o out --part 2/2', 'texcore batch queue.csv -o out --merge']

    Args:
        program: That runs Texcore.
        words: Of the batch, without a part and a report.
        parts: How many there shall be.
        report: Of the whole batch; None for the one in its folder.
    """
    endings = [["--part", f"{number}/{parts}"] for number in range(1, parts + 1)]
    endings.append([*(["--report", str(report)] if report else []), "--merge"])
    join = subprocess.list2cmdline if sys.platform == "win32" else shlex.join
    return [join([*program, "batch", *words, *ending]) for ending in endings]
