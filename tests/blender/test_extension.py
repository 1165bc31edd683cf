"""Every check in ``inside/``, in every Blender.

One Blender runs all checks of a version, with one warm engine; each is a test here. With ``-k`` it
runs those that are asked for, and the Blenders that are not asked for do not start. Without, what
tells of Python alone (`conftest.OF_PYTHON`) runs in the oldest Blender and the newest.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from .conftest import INSIDE, SECONDS, Blender

MODULES = (
    "making",
    "on_object",  # with the engine that is warm
    "material",
    "material_from_maps",
    "material_engine",
    "material_after",
    "material_deriving",
    "material_previewing",
    "material_commands",
    "untiling",
    "untiling_following",
    "solid",
    "on_object_file",
    "refusing",
    "odd_files",
    "channel",
    "driving",
    "settings",
    "estimating",
    "previewing",
    "keeping_scale",
    "after",
    "saving",
    "new_materials",
    "first_minutes",
    "choosing",
    "overlaying",
    "selecting",
    "texel_density",
    "learning_from",
    "resuming",
    "repairing",
    "udim",
    "setting_up",
    "remote",
    "translating",
    "drawing",
    "assets",
    "exporting",
)
CHECKS = [
    f"{module}.{name}"
    for module in MODULES
    for name in re.findall(r"^def (check_\w+)", (INSIDE / f"{module}.py").read_text("utf-8"), re.M)
]


@pytest.fixture(scope="session")
def outcomes(
    request: pytest.FixtureRequest, blender: Blender, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[str, float]]:
    """What became of each check that was asked for in this Blender, and of no other."""
    tests = [test for test in request.session.items if test.originalname == "test_inside"]
    wanted = [test.callspec.params for test in tests]
    checks = [params["check"] for params in wanted if params["blender"] == blender.version]
    return blender.outcomes(checks, tmp_path_factory.mktemp("outcomes"))


@pytest.mark.parametrize("check", CHECKS)
def test_inside(outcomes: dict[str, tuple[str, float]], check: str, record_property):
    said, seconds = outcomes[check]
    record_property("seconds", seconds)
    assert not said, said


def test_disabling_leaves_nothing_behind(blender: Blender):
    done = blender.run("disable.py")
    assert done.returncode == 0 and "nothing left" in done.stdout, done.stdout


def test_update_keeps_the_engine_and_the_preferences(blender: Blender):
    done = blender.run("update.py", os.environ["TEXCORE_ZIP"])
    assert done.returncode == 0 and "kept" in done.stdout, done.stdout


def test_the_engine_ends_when_blender_is_killed(blender: Blender):
    with subprocess.Popen(
        blender.command("orphan.py"), env=blender.environment, stdout=subprocess.PIPE, text=True
    ) as process:
        engine = next(int(line.split()[1]) for line in process.stdout if line[:6] == "engine")
        assert alive(engine)
        process.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 20
    while alive(engine):
        assert time.monotonic() < deadline, f"the engine {engine} is an orphan"
        time.sleep(0.05)


def test_the_next_blender_clears_what_a_killed_one_has_left(blender: Blender):
    with subprocess.Popen(
        blender.command("left.py"), env=blender.environment, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            said = next(line for line in process.stdout if line[:6] == "folder")
            folder = Path(said.split(maxsplit=1)[1].strip())
            done = blender.run("clears.py")
            assert done.returncode == 0 and "cleared" in done.stdout, done.stdout
            assert list(folder.iterdir())  # the first one works on
        finally:
            process.kill()
    assert folder.parent.name.startswith("texcore-") and list(folder.iterdir())
    assert blender.run("clears.py").returncode == 0
    assert not folder.parent.exists()


def test_two_blenders_at_once(blender: Blender):
    both = [
        subprocess.Popen(
            blender.command("twice.py", str(seed)),
            env=blender.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for seed in (1, 2)
    ]
    said = [process.communicate(timeout=SECONDS)[0] for process in both]
    made = [re.search(r"^made by .*$", text, re.M) for text in said]
    assert all(process.returncode == 0 for process in both) and all(made), said
    assert made[0].group() != made[1].group()  # each has its engine and its temporary files


def alive(pid: int) -> bool:
    """Whether a process is there and more than a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"
