"""The engine's set-up from inside Blender, with wheels of a few bytes and an engine that waits."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import bpy
import helpers

sys.path.append(str(Path(__file__).parents[3]))
from tests import setting_up as tiny

SECONDS = 200


class Layout:
    """Takes what a panel draws: labels, and operators by name."""

    def __init__(self) -> None:
        self.__dict__.update(texts=[], operators=[], bars=[])

    def label(self, text: str = "", **words) -> None:
        self.texts.append(text)

    def operator(self, name: str, text: str = "", **words):
        self.operators.append(name)
        return mock.Mock()

    def progress(self, factor: float, **words) -> None:
        self.bars.append(factor)

    def panel(self, name: str, default_closed: bool = False):
        return self, self

    def prop(self, *words, **more) -> None: ...

    def row(self, **words) -> Layout:
        return self

    column = box = row

    def __setattr__(self, name: str, value) -> None: ...


@contextlib.contextmanager
def empty() -> Iterator[tuple]:
    """A user without an engine, online, whose set-up installs the tiny packages.

    Gives the module, the folder of the wheels, and that of the tiny engine.
    """
    state = helpers.module("engine.setup_state")
    home = helpers.folder()
    engine = tiny.engine(home / "engine")
    about = subprocess.run(
        [
            helpers.ENGINE_PYTHON,
            "-c",
            "import sys, sysconfig as s\n"
            "print(sys.version_info[1], s.get_path('purelib'), sys._base_executable, sep='\\n')",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    minor, packages, base = about.stdout.splitlines()
    wheels = tiny.wheelhouse(home / "wheels", (3, int(minor)))
    base = Path(base).resolve()
    quick = tiny.quick_python(home / "bin", base, Path(packages))
    path = os.pathsep.join([str(quick.parent), str(base.parent), os.environ["PATH"]])
    preferences = helpers.module("add_on").get_preferences(bpy.context)
    variables = {"TEXCORE_HOME": str(home / "home"), "PATH": path}
    with mock.patch.dict(os.environ, variables), mock.patch.object(state, "BUNDLED", engine):
        del os.environ["TEXCORE_PYTHON"]
        preferences.folder = str(home / "Engine folder")
        state._process = None
        try:
            state.refresh()
            yield state, wheels, engine
        finally:
            (engine / "hold").unlink(missing_ok=True)
            settle(state)
            preferences.folder = preferences.python = ""
    state.refresh()


def settle(state) -> None:
    """Wait until no set-up runs."""
    deadline = time.monotonic() + SECONDS
    while state.known.running:
        assert time.monotonic() < deadline, state.known.progress
        time.sleep(0.05)
        state.refresh_progress(helpers.module("engine.choices").get_place())
    state.refresh()


def drawn() -> tuple[bool, Layout]:
    """What the panel shows, and whether it goes on to the rest."""
    layout = Layout()
    # In background mode the interface has the scale 0.
    system = mock.Mock(ui_scale=1.0)
    preferences = mock.Mock(system=system, addons=bpy.context.preferences.addons)
    context = mock.Mock(region=mock.Mock(width=2000), preferences=preferences)
    return helpers.module("interface.set_up_panel").draw(layout, context), layout


def refused(words: str, **arguments) -> None:
    """The set-up must fail with these words."""
    try:
        bpy.ops.texcore.set_up(**arguments)
    except RuntimeError as e:
        assert words in str(e) and "Traceback" not in str(e), e
    else:
        raise AssertionError("nothing was refused")


def hold(state, wheels: Path, engine: Path) -> int:
    """Start a set-up and wait until it is at the weights; returns the pid of what it runs there."""
    (engine / "hold").touch()
    state.start("--wheels", wheels)  # in background mode the operator would wait for its end
    deadline = time.monotonic() + SECONDS
    while not (engine / "pid").exists():
        state.refresh_progress(helpers.module("engine.choices").get_place())
        assert state.known.running and time.monotonic() < deadline, state.known.progress
        time.sleep(0.05)
    return int((engine / "pid").read_text())


def check_first_run_has_one_sentence_and_one_button():
    with empty() as (state, _, _), mock.patch.object(state, "known", state.Known()):
        machine = helpers.module("engine_setup.machine")
        state.known.looked, state.known.needs = True, machine.needs("NVIDIA", "linux")
        with online():
            goes_on, layout = drawn()
        assert not goes_on and layout.operators == ["texcore.set_up"]
        text = " ".join(layout.texts).replace("\N{NO-BREAK SPACE}", " ")
        assert "NVIDIA" in text and "3.4 GB to download" in text and "5.0 GB on disk" in text


@contextlib.contextmanager
def online(allowed: bool = True) -> Iterator[None]:
    """Allow online access, or do not."""
    system = bpy.context.preferences.system
    before, system.use_online_access = system.use_online_access, allowed
    try:
        yield
    finally:
        system.use_online_access = before


def check_offline_it_says_so_and_offers_the_other_ways():
    with empty(), online(False):
        _, layout = drawn()
        assert any("Online access is off" in text for text in layout.texts)
        assert "texcore.set_up" not in layout.operators
        assert {"texcore.choose_python", "texcore.set_up_from_wheels"} <= set(layout.operators)
        refused("Online access is off")


def check_from_wheels_to_the_end_and_removed_again():
    with empty() as (state, wheels, _):
        assert state.known.python is None and "not set up yet" in state.known.why
        assert bpy.ops.texcore.set_up(wheels=str(wheels)) == {"FINISHED"}
        assert (
            state.known.python.is_relative_to(helpers.module("engine.choices").get_folder())
            and drawn()[0]
        )
        assert helpers.module("engine.choices").find_python(bpy.context) == state.known.python
        pointer = helpers.module("bundled.texcore.contract.user_folders").engine_python_file()
        assert pointer.read_text().strip() == str(state.known.python)
        python, folder = state.known.python, helpers.module("engine.choices").get_folder()
        # Setting up takes the place of a Python that was chosen before.
        preferences = helpers.module("add_on").get_preferences(bpy.context)
        preferences.python = sys.executable
        assert str(state.known.python) == sys.executable
        assert bpy.ops.texcore.set_up(wheels=str(wheels)) == {"FINISHED"}
        assert state.known.python == python and not preferences.python
        # Another Blender of this user, with a folder of its own, finds the same engine.
        preferences.folder = str(helpers.folder())
        assert state.known.python == python and state.known.record is None
        preferences.folder = str(folder)
        assert bpy.ops.texcore.remove_engine() == {"FINISHED"}
        assert state.known.python is None and not pointer.exists()
        assert [path.name for path in folder.iterdir()] == ["setup.lock"]


def check_what_lies_in_the_folder_chosen_outlives_set_up_repair_and_removal():
    with empty() as (state, wheels, _):
        chosen = Path(helpers.module("add_on").get_preferences(bpy.context).folder)
        mine = [chosen / name / "mine" for name in "ceptu"]
        for path in mine:
            path.parent.mkdir(parents=True)
            path.touch()
        assert bpy.ops.texcore.set_up(wheels=str(wheels)) == {"FINISHED"}
        assert state.known.python.is_relative_to(chosen / "tx") and state.known.record.complete
        assert bpy.ops.texcore.set_up(wheels=str(wheels), repair=True) == {"FINISHED"}
        assert bpy.ops.texcore.remove_engine() == {"FINISHED"}
        assert [path.name for path in (chosen / "tx").iterdir()] == ["setup.lock"]
        assert all(path.is_file() for path in mine)


def check_removing_weights_leaves_networks_of_the_artists_own():
    published = helpers.module("bundled.texcore.contract.published").PUBLISHED
    with empty() as (state, _, _):
        folder = state.weights_folder()
        folder.mkdir(parents=True)
        own = folder / "ae-0123abcd.safetensors"
        own.write_bytes(bytes(7))
        state.refresh()
        assert not bpy.ops.texcore.remove_weights.poll()
        for name in published:
            (folder / f"{name}.safetensors").write_bytes(bytes(5))
        state.refresh()
        assert state.known.removable == 5 * len(published)
        assert bpy.ops.texcore.remove_weights() == {"FINISHED"}
        assert list(folder.iterdir()) == [own] and not state.known.removable


def check_another_blender_sees_it_and_cancels_it_and_the_next_goes_on():
    with empty() as (state, wheels, engine):
        pid = hold(state, wheels, engine)
        running = state._process
        state._process = None  # as in a Blender that did not start it
        state.refresh()
        goes_on, layout = drawn()
        assert state.known.running and not goes_on and 0.8 < layout.bars[0] < 1
        assert "texcore.cancel_set_up" in layout.operators
        assert not bpy.ops.texcore.set_up.poll()
        assert bpy.ops.texcore.cancel_set_up() == {"FINISHED"}
        running.wait(SECONDS)
        settle(state)
        assert state.known.progress.status == "cancelled" and state.known.python is None
        assert not Path(f"/proc/{pid}").exists()
        made = state.known.record.python
        (engine / "pid").unlink()
        hold(state, wheels, engine)
        state._process.kill()
        state._process.wait()
        (engine / "hold").unlink()
        settle(state)
        assert state.known.progress.message == state.INTERRUPTED
        with online():
            _, layout = drawn()
        assert "texcore.set_up" in layout.operators
        assert bpy.ops.texcore.set_up(wheels=str(wheels)) == {"FINISHED"}
        assert str(state.known.python) == made


def lives(pid: int) -> bool:
    """Whether a process is there and more than a zombie."""
    path = Path(f"/proc/{pid}/stat")
    return path.exists() and path.read_text().rpartition(")")[2].split()[0] != "Z"


def check_cancel_signals_no_process_that_is_not_the_set_up():
    place, processes = (helpers.module(f"engine_setup.{n}") for n in ("place", "processes"))
    command = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    with (
        empty() as (state, _, _),
        subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as bystander,
    ):
        here = helpers.module("engine.choices").get_place()
        started = processes.when_started(bystander.pid)
        damaged = [
            *({"pid": pid} for pid in (0, -1, 1, os.getpid(), bystander.pid, "0", 2**40, None)),
            {"pid": bystander.pid, "started": "another time"},
            {"pid": bystander.pid, "started": started},  # alive, but its command is another
            {"pid": os.getpid(), "started": processes.when_started(os.getpid())},
        ]
        with (
            place.holding(here.lock),
            mock.patch.object(state, "CANCEL_SECONDS", 0.01),
            # Nothing is really signalled: where this fails, it would be everything that runs here.
            mock.patch.object(os, "killpg") as group,
            mock.patch.object(os, "kill") as single,
        ):
            for words in damaged:
                here.state.write_text(json.dumps({"status": "running", **words}))
                state.cancel()
                for thread in state._threads:
                    thread.join(SECONDS)
                assert not group.called and not single.called, words
        assert lives(bystander.pid)
        bystander.stdin.close()
        here.cancel.unlink()


def check_a_set_up_that_does_not_hear_is_killed_with_what_it_runs():
    with empty() as (state, wheels, engine):
        for known in (True, False):
            (engine / "pid").unlink(missing_ok=True)
            pid = hold(state, wheels, engine)
            running = state._process
            running.send_signal(signal.SIGSTOP)
            if not known:
                state._process = None  # as in a Blender that did not start it
                state.refresh()
            with mock.patch.object(state, "CANCEL_SECONDS", 0.1):
                state.cancel()
                assert running.wait(SECONDS) == -signal.SIGKILL
            deadline = time.monotonic() + SECONDS
            while lives(pid):
                assert time.monotonic() < deadline, "what it ran goes on"
                time.sleep(0.02)
            settle(state)
            assert state.known.progress.message == state.INTERRUPTED


def check_wrong_wheels_are_said_with_what_mends_it():
    with empty() as (state, _, _):
        refused("has no wheel of PyTorch", wheels=str(helpers.folder()))
        assert state.known.progress.fix == "wheels"
        with online():
            _, layout = drawn()
        wanted = {"texcore.choose_python", "texcore.set_up_from_wheels", "texcore.copy_set_up_log"}
        assert wanted <= set(layout.operators)


def check_a_folder_that_cannot_be_written_is_said():
    with empty() as (_, wheels, _):
        file = helpers.folder() / "file"
        file.touch()
        helpers.module("add_on").get_preferences(bpy.context).folder = str(file / "below")
        refused("choose another folder", wheels=str(wheels))


def check_an_existing_python_is_taken():
    with empty() as (state, _, _):
        assert bpy.ops.texcore.choose_python(filepath=helpers.ENGINE_PYTHON) == {"FINISHED"}
        assert str(state.known.python) == helpers.ENGINE_PYTHON
        helpers.module("engine.jobs").engine.stop()


def check_errors_have_the_button_that_mends_them():
    fixes, code = (
        helpers.module("interface.fixes"),
        helpers.module("bundled.texcore.contract.messages").ErrorCode,
    )
    for job, expected in (
        (mock.Mock(needs_set_up=True, code=None), "texcore.set_up"),
        (mock.Mock(needs_set_up=False, code=code.PROTOCOL_MISMATCH), "texcore.choose_python"),
        (mock.Mock(needs_set_up=False, code=code.UNAVAILABLE), "texcore.set_up"),
        (mock.Mock(needs_set_up=False, code=code.NO_ENGINE), "texcore.set_up_there"),
        (mock.Mock(needs_set_up=False, code=code.OUT_OF_MEMORY), "texcore.smaller"),
        (mock.Mock(needs_set_up=False, code=code.BAD_INPUT), "preferences.addon_show"),
    ):
        layout = Layout()
        fixes.draw(layout, bpy.context, job)
        assert expected in layout.operators, (job, layout.operators)


def check_missing_torch_asks_for_the_set_up():
    jobs = helpers.module("engine.jobs")
    helpers.textured(helpers.load())
    os.environ["TEXCORE_PYTHON"] = sys.executable
    with contextlib.suppress(RuntimeError):
        helpers.synthesize()
    assert jobs.latest["synthesize"].needs_set_up


def check_half_the_size():
    jobs = helpers.module("engine.jobs")
    task = mock.Mock(params=mock.Mock(recipe=mock.Mock(size=(4096, 1000))))
    with mock.patch.dict(jobs.latest, {"synthesize": mock.Mock(task=task)}, clear=True):
        assert bpy.ops.texcore.smaller() == {"FINISHED"}
    settings = bpy.context.scene.texcore
    assert (settings.size, settings.width, settings.height) == ("custom", 2048, 500)
