"""The set-up program of the add-on, run as Blender runs it, on packages of a few bytes."""

import json
import os
import signal
import subprocess
import sys
import sysconfig
import time
import zipfile
from pathlib import Path

import pytest

from tests import setting_up
from tests.running import offline

NOWHERE = {**offline(), "PIP_NO_INDEX": "0"}


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    return setting_up.wheelhouse(tmp_path_factory.mktemp("wheels"))


@pytest.fixture
def engine(tmp_path):
    """An engine, and beside it a Python that is quick at environments."""
    engine = setting_up.engine(tmp_path / "engine")
    packages = Path(sysconfig.get_path("purelib"))
    if os.name != "nt" and (packages / "pip").is_dir():
        setting_up.quick_python(engine / "bin", setting_up.base_python(), packages)
    return engine


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "Texcore's folder"


@pytest.fixture(scope="module")
def made(tmp_path_factory, wheels):
    """A folder with an environment that was set up to the end, pip too, and its engine."""
    home = tmp_path_factory.mktemp("made")
    engine = setting_up.engine(home / "engine")
    pointer = home / "data" / "engine-python.txt"
    done = setting_up.run(home / "f", engine, "--wheels", wheels, "--pointer", pointer)
    assert done.returncode == 0, state(home / "f")
    return home / "f", engine, pointer


def state(folder):
    return json.loads((folder / "setup.json").read_text(encoding="utf-8"))


def record(folder):
    return json.loads((folder / "engine.json").read_text(encoding="utf-8"))


def until(condition):
    """Wait for another process, which a test's own time limit ends if it never comes."""
    deadline = time.monotonic() + setting_up.SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


class Held:
    """A set-up that has come as far as its weights and waits there."""

    def __init__(self, folder, engine, *words):
        (engine / "hold").touch()
        (engine / "pid").unlink(missing_ok=True)  # an earlier set-up's
        self.engine = engine
        self.process = subprocess.Popen(
            setting_up.command(folder, engine, *words),
            env=setting_up.environment(engine),
            stdin=subprocess.DEVNULL,
        )
        until(lambda: (engine / "pid").exists() or self.process.poll() is not None)
        assert self.process.poll() is None, state(folder)
        self.child = int((engine / "pid").read_text())

    def __enter__(self):
        return self

    def __exit__(self, *error):
        (self.engine / "hold").unlink()
        self.process.kill()
        self.process.wait()


@pytest.mark.slow
class TestToTheEnd:
    def test_environment_runs_and_is_recorded(self, made):
        folder, _, pointer = made
        python = record(folder)["python"]
        said = subprocess.run(
            [python, "-c", "import torch, sys; print(torch.__version__, sys.prefix)"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert said.stdout.split()[0] == record(folder)["torch"] == "2.13.0+tiny"
        assert Path(said.stdout.split(maxsplit=1)[1].strip()).parent == folder / "e"
        assert record(folder)["complete"] and record(folder)["bytes"] > 1e6
        assert pointer.read_text(encoding="utf-8").strip() == python

    def test_nothing_is_left_but_the_environment(self, made):
        names = {path.name for path in made[0].iterdir()}
        assert names == {"e", "engine.json", "setup.json", "setup.log", "setup.lock"}
        assert len(list((made[0] / "e").iterdir())) == 1

    def test_state_says_so(self, made):
        said = state(made[0])
        assert (said["status"], said["fraction"], said["fix"]) == ("done", 1.0, "")
        assert said["message"] == "The engine is ready."

    def test_what_is_there_is_not_made_again(self, made):
        folder, engine, _ = made
        before = record(folder)["python"], Path(record(folder)["python"]).stat().st_ctime_ns
        assert setting_up.run(folder, engine).returncode == 0
        assert before == (
            record(folder)["python"],
            Path(record(folder)["python"]).stat().st_ctime_ns,
        )

    def test_only_the_weights_are_fetched(self, made):
        folder, engine, _ = made
        (engine / "asked").unlink()
        words = ("--weights-only", "--python", record(folder)["python"])
        assert setting_up.run(folder, engine, *words).returncode == 0
        assert (engine / "asked").read_text().split() == ["weights"]
        assert state(folder)["message"] == "The network's weights are here."

    def test_weights_that_cannot_be_had_are_said_and_the_engine_is_ready(self, made):
        folder, engine, _ = made
        (engine / "fail").touch()
        try:
            assert setting_up.run(folder, engine).returncode == 0
        finally:
            (engine / "fail").unlink()
        assert "weights could not be fetched" in state(folder)["message"]
        assert record(folder)["complete"]

    def test_new_environment_that_fails_leaves_the_old_one_in_use(self, made, tmp_path):
        folder, engine, _ = made
        before = record(folder)
        few = tmp_path / "few"
        setting_up.wheelhouse(few)
        next(few.glob("numpy*")).unlink()
        assert setting_up.run(folder, engine, "--fresh", "--wheels", few).returncode == 1
        assert state(folder)["status"] == "failed"
        assert record(folder) == before
        assert [str(path) for path in (folder / "e").iterdir()] == [
            str(Path(before["python"]).parent.parent)
        ]

    def test_another_set_up_waits_for_nobody(self, made):
        folder, engine, _ = made
        with Held(folder, engine) as held:
            assert setting_up.run(folder, engine).returncode == 3
            assert held.process.poll() is None


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("way", ["asked", "terminated", "killed"])
def test_stopped_half_way_it_goes_on_from_there(folder, engine, wheels, way):
    with Held(folder, engine, "--wheels", wheels) as held:
        assert 0.8 < state(folder)["fraction"] < 1
        if way == "asked":
            (folder / "setup.cancel").touch()
        else:
            held.process.send_signal(signal.SIGTERM if way == "terminated" else signal.SIGKILL)
        code = held.process.wait(setting_up.SECONDS)
        if way == "killed":
            assert state(folder)["status"] == "running" and code == -signal.SIGKILL
            until(lambda: not alive(held.child))  # the program that it ran does not go on
        else:
            assert not alive(held.child), "a program goes on after the cancel"
            assert (state(folder)["status"], code) == ("cancelled", 130)
    python = record(folder)["python"]
    assert not record(folder)["complete"]
    assert setting_up.run(folder, engine).returncode == 0, state(folder)
    assert record(folder)["complete"] and record(folder)["python"] == python


@pytest.mark.slow
def test_stopped_while_it_installs_nothing_half_is_left(folder, engine, tmp_path):
    (folder).mkdir()
    code = (
        "import engine_setup.steps as steps, engine_setup.__main__ as program\n"
        "def stop(self, python, tool):\n"
        "    assert python.exists()\n"
        "    self._place.cancel.touch()\n"
        "    self._programs.stop_if_cancelled()\n"
        "steps.SetUp._install = stop\n"
    )
    wheels = setting_up.wheelhouse(tmp_path / "wheels")
    assert patched(code, folder, engine, "--wheels", wheels).returncode == 130
    assert not (folder / "engine.json").exists() and not list((folder / "e").iterdir())


def patched(code, folder, engine, *words):
    """Run the program after some code."""
    start, *rest = setting_up.command(folder, engine, *words)
    end = "import sys; from engine_setup.__main__ import main; sys.exit(main())"
    return subprocess.run(
        [start, "-c", f"{code}\n{end}", *rest[2:]],
        env=setting_up.environment(engine, **NOWHERE),
        capture_output=True,
        text=True,
        timeout=setting_up.SECONDS,
    )


def test_without_room_nothing_is_begun(folder, engine, wheels):
    code = (
        "import shutil; from collections import namedtuple\n"
        "usage = namedtuple('usage', 'total used free')\n"
        "shutil.disk_usage = lambda path: usage(9e9, 9e9 - 2e8, 2e8)\n"
    )
    done = patched(code, folder, engine, "--wheels", wheels)
    assert done.returncode == 1, done.stderr
    said = state(folder)
    assert said["fix"] == "folder" and "has 0.2 GB free" in said["message"]
    assert not (folder / "e").exists()


@pytest.mark.slow
def test_full_disk_on_the_way_is_said(folder, engine, wheels):
    code = (
        "import engine_setup.programs as programs\n"
        "run = programs.Programs.run\n"
        "def full(self, command, doing, *words, **more):\n"
        "    if 'wheels' in doing:\n"
        "        raise programs.explained('OSError: [Errno 28] No space left on device', doing)\n"
        "    return run(self, command, doing, *words, **more)\n"
        "programs.Programs.run = full\n"
    )
    assert patched(code, folder, engine, "--wheels", wheels).returncode == 1
    assert (
        state(folder)["message"].startswith("The disk is full") and state(folder)["fix"] == "folder"
    )
    assert not list((folder / "e").iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("damaged", ["", "numpy", "torch"])
def test_what_the_index_has_is_taken_by_its_hash_alone(folder, engine, tmp_path, damaged):
    index = setting_up.wheelhouse(tmp_path / "index")
    lock = setting_up.locked(index, tmp_path / "lock.txt")
    if damaged:  # another file of the same name and version, which the index has nothing against
        with zipfile.ZipFile(next(index.glob(f"{damaged}-*")), "a") as wheel:
            wheel.writestr(f"{damaged}/more.py", "raise SystemExit\n")
    user = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(index)}
    quick = engine / "bin" / "python3"
    python = quick if quick.exists() else setting_up.base_python()
    done = setting_up.run(folder, engine, "--lock", lock, "--python", python, **user)
    assert done.returncode == (1 if damaged else 0), (folder / "setup.log").read_text("utf-8")
    if damaged:
        assert "its hash is another" in state(folder)["message"]
        assert state(folder)["fix"] == "wheels"
        assert not (folder / "engine.json").exists() and not list((folder / "e").iterdir())
    else:
        assert record(folder)["complete"] and record(folder)["torch"] == "2.13.0+tiny"
        # What is not in the ranges that the set-up is told, but in the list, is there too.
        log = (folder / "setup.log").read_text("utf-8")
        assert "--require-hashes" in log and "tqdm-4.67.0" in log


@pytest.mark.slow
def test_without_a_network_the_sentence_says_so(folder, engine):
    done = setting_up.run(folder, engine, **NOWHERE)
    assert done.returncode == 1
    assert "cannot be reached" in state(folder)["message"]
    assert not (folder / "engine.json").exists() and not list((folder / "e").iterdir())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("wheel", "words"),
    [(None, "has no wheel of PyTorch"), ("torch-2.13.0-cp399-cp399-{}.whl", "are for Python 3.99")],
)
def test_folder_of_wheels_for_something_else(folder, engine, tmp_path, wheel, words):
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    if wheel:
        name = next(setting_up.wheelhouse(tmp_path / "right").glob("torch*")).stem
        (wheels / wheel.format(name.rpartition("-")[2])).touch()
    assert setting_up.run(folder, engine, "--wheels", wheels).returncode == 1
    assert words in state(folder)["message"]


@pytest.mark.slow
def test_python_without_venv_is_refused(folder, engine):
    assert setting_up.run(folder, engine, "--python", "/nowhere/python").returncode == 1
    assert "cannot make an environment" in state(folder)["message"]
    assert state(folder)["fix"] == "python"


@pytest.mark.skipif(
    "TEXCORE_TEST_REAL_SETUP" not in os.environ,
    reason="fetches PyTorch; TEXCORE_TEST_REAL_SETUP=1 turns it on",
)
def test_real_engine_is_set_up_from_the_index_and_makes_a_texture(folder, tmp_path):
    from tests.making import bricks, save_png
    from tools.project import requirements

    needed = tmp_path / "requirements.txt"
    needed.write_text("\n".join(requirements()), encoding="utf-8")
    home = tmp_path / "home"
    words = ["--folder", folder, "--engine", setting_up.ROOT, "--requirements", needed]
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "engine_setup", *map(str, words)],
        env=setting_up.environment(tmp_path, TEXCORE_HOME=str(home)),
        timeout=1800,
    )
    print(f"set up in {time.monotonic() - start:.0f} s", record(folder))
    print((folder / "setup.log").read_text(encoding="utf-8"))
    assert done.returncode == 0
    exemplar, out = tmp_path / "exemplar.png", tmp_path / "out.png"
    save_png(exemplar, bricks(32, 32))
    words = ["synthesize", exemplar, "-o", out, "--size", "32", "--quality", "draft", "-q"]
    subprocess.run(
        [record(folder)["python"], "-m", "texcore", *map(str, words)],
        env={**os.environ, "TEXCORE_HOME": str(home), "PYTHONPATH": str(setting_up.ROOT)},
        check=True,
    )
    assert out.stat().st_size > 0
