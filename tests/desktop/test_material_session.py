"""A whole material in Blender's window: the steps of ``inside/material_session.py``."""

from __future__ import annotations

import re

import pytest

from .conftest import INSIDE

STEPS = re.findall(
    r"^def (\w+)\(\) -> Steps:", (INSIDE / "material_session.py").read_text("utf-8"), re.M
)[1:]  # the first is a part of the others


@pytest.fixture(scope="session")
def session(run_in_window) -> dict:
    """What went wrong in each step."""
    return run_in_window("material_session.py")


@pytest.mark.parametrize("step", STEPS)
def test_material_session(session: dict, step: str):
    assert not session[step], session[step]
