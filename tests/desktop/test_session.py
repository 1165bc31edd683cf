"""An artist's session in Blender's window: the steps of ``inside/session.py``, each a test here."""

from __future__ import annotations

import re

import pytest

from .conftest import INSIDE

STEPS = re.findall(r"^def (\w+)\(\) -> Steps:", (INSIDE / "session.py").read_text("utf-8"), re.M)


@pytest.fixture(scope="session")
def session(run_in_window) -> dict:
    """What went wrong in each step."""
    return run_in_window("session.py")


@pytest.mark.parametrize("step", STEPS)
def test_session(session: dict, step: str):
    assert not session[step], session[step]


def test_the_ticks_were_timed(session: dict, record_property):
    """The figure is for people; benchmarks/ticks.md says how it is taken."""
    count, milliseconds = session["ticks"]
    record_property("ticks", count)
    record_property("milliseconds at the 95th percentile", milliseconds)
    assert count > 20
