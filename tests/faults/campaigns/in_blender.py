"""Blenders for the campaigns, each with the extension in a profile of its own."""

from __future__ import annotations

import dataclasses
import os

from tests.blender.conftest import install, pythons

_made = {}


def set_up(folder, count, each):
    """As many of the Blenders that there are as so many faults are worth, the newest first.

    Args:
        folder: For their profiles, which stay for the campaigns to come; it need not be there.
        count: How many faults there will be.
        each: How many of them are worth one Blender more.

    Returns:
        Blenders, each with the extension.

    Raises:
        SystemExit: There is none; the text says what to do.
    """
    there = sorted(pythons().items(), reverse=True)
    if not there:
        raise SystemExit("No Blender is in TEXCORE_BPY: “python3 build.py faults” provides them.")
    return [_set_up(version, python, folder) for version, python in there[: max(1, count // each)]]


def _set_up(version, python, folder):
    """One of them; there is one profile for all campaigns of a run."""
    if version not in _made:
        home = folder / version
        (home / "own").mkdir(parents=True)
        blender = install(version, python, home)
        # What the scripts make for themselves does not lie among what is looked at.
        kept = {**blender.environment, "TEXCORE_TEST_FOLDER": str(home / "own")}
        _made[version] = dataclasses.replace(blender, environment=kept)
    return _made[version]


def temporary(blender):
    """Names in a Blender's temporary folder but for the folders that Blender itself makes."""
    found = []
    for entry in os.scandir(blender.environment["TMPDIR"]):
        if entry.name.startswith("blender_"):
            found += [f"{entry.name}/{inner.name}" for inner in os.scandir(entry.path)]
        else:
            found.append(entry.name)
    return sorted(found)
