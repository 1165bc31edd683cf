"""What arrives amid a stroke, a move or a render: the steps of ``inside/amid.py``."""

from __future__ import annotations

import re

import pytest

from .conftest import INSIDE

STEPS = re.findall(r"^def (\w+)\(\) -> Steps:", (INSIDE / "amid.py").read_text("utf-8"), re.M)


@pytest.fixture(scope="session")
def session(run_in_window) -> dict:
    """What went wrong in each step."""
    return run_in_window("amid.py")


@pytest.mark.parametrize("step", STEPS)
def test_amid(session: dict, step: str):
    assert not session[step], session[step]
