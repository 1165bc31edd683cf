import os
import sys
import threading
from pathlib import Path

import pytest

from tools.console import Failure, run
from tools.environments import MARKER, Environment, find_python, python_version, with_pip

HERE = Path(sys.executable)


def environment(*requirements, variant=""):
    return Environment("trial", requirements, HERE, variant)


def empty(_environment):
    return "left empty"


@pytest.fixture
def without_pip(monkeypatch):
    """Environments are made without pip, which is nearly all of the time that they take."""

    def run_quickly(command, **more):
        return run([*command, *["--without-pip"] * ("venv" in command)], **more)

    monkeypatch.setattr("tools.environments.run", run_quickly)


def test_same_requirements_in_any_order_share_one_folder(home):
    assert environment("a", "b").folder == environment("b", "a").folder
    assert environment("a").folder.is_relative_to(home)


def test_other_requirements_or_variant_have_another_folder(home):
    folders = {
        environment().folder,
        environment("a").folder,
        environment("a>=2").folder,
        environment("a", variant="NVIDIA").folder,
    }
    assert len(folders) == 4


def test_other_python_has_another_folder(home, monkeypatch):
    first = environment("a").folder
    monkeypatch.setattr("tools.environments.python_version", lambda *_: "3.99")
    assert environment("a").folder != first


def test_half_made_environment_is_made_again(home, without_pip):
    half = environment()
    half.folder.mkdir(parents=True)
    (half.folder / "rest-of-a-killed-run").touch()
    assert not half.ready()
    python = half.ensure(empty)
    assert half.ready()
    assert not (half.folder / "rest-of-a-killed-run").exists()
    code = "import sys; print(sys.prefix)"
    assert Path(run([python, "-c", code], doing="asking").strip()) == half.folder


def test_failed_installation_is_not_used(home, without_pip):
    broken = environment("texcore-no-such-package==0")
    with pytest.raises(Failure):
        broken.ensure(_refuse)
    assert broken.folder.exists()
    assert not broken.ready()
    broken.ensure(empty)
    assert broken.ready()


def test_environment_without_running_interpreter_is_made_again(home, without_pip):
    made = environment()
    made.ensure(empty)
    made.python.unlink()
    assert (made.folder / MARKER).exists()
    assert not made.ready()


def test_two_at_once_install_once(home, without_pip):
    calls = []

    def install(env):
        calls.append(env)
        return "done"

    threads = [threading.Thread(target=environment().ensure, args=(install,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 1


@pytest.mark.slow
def test_pip_that_fails_gives_a_sentence_with_its_reason(home, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    env = environment("texcore-no-such-package==0")
    with pytest.raises(Failure) as caught:
        env.ensure(with_pip)
    assert str(caught.value).startswith("Failed while installing trial by pip")
    assert "texcore-no-such-package" in str(caught.value)
    assert not env.ready()


def test_running_python_is_found():
    assert find_python(python_version(HERE)) == HERE


@pytest.mark.skipif(sys.platform == "win32", reason="a script cannot pose as a program there")
def test_command_of_a_switched_off_version_is_no_python(tmp_path, monkeypatch):
    shim = tmp_path / "python3.99"
    shim.write_text("#!/bin/sh\necho 'python3.99: command not found' >&2\nexit 127\n")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert find_python("3.99") is None


def _refuse(_environment):
    raise Failure("No.")
