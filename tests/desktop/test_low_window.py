"""A window of 900 rows has room for what was made: the steps of ``inside/low_window.py``."""

from __future__ import annotations

import re

import pytest

from .conftest import INSIDE

SIZE = (1600, 900)
STEPS = re.findall(r"^def (\w+)\(\) -> Steps:", (INSIDE / "low_window.py").read_text("utf-8"), re.M)


@pytest.fixture(scope="session")
def session(run_in_window) -> dict:
    """What went wrong in each step."""
    return run_in_window("low_window.py", SIZE)


@pytest.mark.parametrize("step", STEPS)
def test_low_window(session: dict, step: str):
    assert not session[step], session[step]
