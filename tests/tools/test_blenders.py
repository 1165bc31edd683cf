import sys

import pytest

from tools import blenders
from tools.blenders import Blender
from tools.console import Failure


def test_wheel_for_the_running_python_comes_first():
    assert blenders.pick("3.13", {"3.11", "3.13"}) == "5.2.3"
    assert blenders.pick("3.11", {"3.11", "3.13"}) == "5.0.1"


def test_another_python_will_do():
    assert blenders.WHEELS[blenders.pick("3.14", {"3.13"})] == "3.13"


def test_which_python_is_needed_is_said():
    with pytest.raises(Failure, match=r"Python 3\.11 or 3\.13"):
        blenders.pick("3.14", set())


def test_version_is_read_from_what_blender_prints():
    assert (
        blenders.parse_version("Color management: ...\nBlender 5.2.2 LTS\n\tbuild date") == "5.2.2"
    )
    assert blenders.parse_version("Blender 4.2\n") == "4.2"
    assert blenders.parse_version("Python 3.11.7\n") == ""


def test_command_passes_words_to_the_script(tmp_path):
    script = tmp_path / "script.py"
    desktop = Blender("5.2.2", tmp_path / "blender", is_wheel=False).script(script, "a", "b")
    assert desktop[-5:] == ["--python", script, "--", "a", "b"]
    wheel = Blender("5.0.1", tmp_path / "python", is_wheel=True).script(script, "a", "b")
    assert wheel[-3:] == [script, "a", "b"]


@pytest.mark.skipif(sys.platform == "win32", reason="a script cannot pose as a program there")
@pytest.mark.parametrize(
    ("printed", "said"),
    [("Blender 4.1.1", r"is Blender 4\.1\.1: 4\.2 or newer"), ("GIMP 3.0", "is no Blender")],
)
def test_named_program_that_will_not_do_is_refused(tmp_path, monkeypatch, printed, said):
    program = tmp_path / "blender"
    program.write_text(f"#!/bin/sh\necho {printed}\n")
    program.chmod(0o755)
    monkeypatch.setenv("BLENDER", str(program))
    with pytest.raises(Failure, match=said):
        blenders.find()


def test_wheel_without_its_extension_tool_is_named(tmp_path):
    with pytest.raises(Failure, match="no extension tool"):
        Blender("5.0.1", tmp_path / "bin" / "python", is_wheel=True).extension_tool("build")
