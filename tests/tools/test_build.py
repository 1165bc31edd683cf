import os
import subprocess
import sys

import pytest

from tools.project import ROOT


def build(*words, **env):
    command = [sys.executable, str(ROOT / "build.py"), *words]
    return subprocess.run(command, env=os.environ | env, capture_output=True, encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "env", "said"),
    [
        (["zip"], {"BLENDER": "no-such-blender"}, "no-such-blender cannot be run"),
        (["demo", "--image", "no-such.png"], {}, "There is no picture no-such.png."),
        (["demo", "--size", "5"], {}, "The size is 5: use 32 to 16384 pixels."),
        (["demo", "--size", "-3"], {}, "The size is -3: use"),
        (["bench", "--python", "no-such-python"], {}, "no-such-python cannot be run"),
        (["bench", "--python", sys.executable, "--sizes", "9"], {"BLENDER": "none"}, "no list of"),
        (["demo", "--output", f"{__file__}/demo"], {}, "cannot be made (Not a directory)"),
        (["setup"], {"TEXCORE_HOME": f"{__file__}/home"}, "cannot be used (Not a directory)."),
    ],
)
def test_expected_failure_is_a_sentence(words, env, said):
    done = build(*words, **env)
    assert done.returncode == 1
    assert said in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    "words", [[], ["dance"], ["zip", "--colour"], ["demo", "--quality", "best"]]
)
def test_what_is_not_understood_is_said(words):
    done = build(*words)
    assert done.returncode == 2
    assert done.stderr.startswith("usage:")


def test_help_names_every_verb():
    shown = build("--help").stdout
    assert all(f"    {verb}  " in shown for verb in ("setup", "zip", "demo", "bench", "test"))
