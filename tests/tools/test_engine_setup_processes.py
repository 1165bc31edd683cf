"""Which processes are of a set-up, and that no other is ended."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.set_up_program import processes, programs


@pytest.fixture
def bystander():
    """A process that has nothing to do with a set-up, the leader of a group of its own."""
    command = [sys.executable, "-c", "import sys; print(flush=True); sys.stdin.read()"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, **pipes, start_new_session=True) as process:
        process.stdout.readline()  # before it has begun, its command line may be empty
        yield process
        process.stdin.close()  # not by a signal, which a test may have taken away


@pytest.mark.parametrize("asked", ["/proc", "ps"])
def test_a_process_is_known_by_its_number_and_its_start(bystander, monkeypatch, tmp_path, asked):
    if asked == "ps":  # as where there is no /proc
        if not Path("/bin/ps").exists():
            pytest.skip("there is no ps")
        monkeypatch.setattr(processes, "_STAT", tmp_path / "none")
        assert "sys.stdin.read()" in processes._get_command(bystander.pid)
    started = processes.when_started(bystander.pid)
    assert started == processes.when_started(bystander.pid) != ""
    assert not processes.is_set_up(bystander.pid, started)  # its command is another
    bystander.stdin.close()
    bystander.wait()
    assert processes.when_started(bystander.pid) == ""


@pytest.mark.parametrize("pid", [0, -1, -(2**40), 2**31, 2**70])
def test_a_number_that_is_no_process_has_no_start(pid):
    assert processes.when_started(pid) == ""
    assert not processes.is_set_up(pid, "") and not processes.is_set_up(pid, "some time")


@pytest.fixture
def signalled(monkeypatch):
    """What would be signalled. Nothing is: to signal group 1 ends all that runs on the machine."""
    calls = []
    for name in ("kill", "killpg"):
        monkeypatch.setattr(os, name, lambda *words, name=name: calls.append((name, *words)))
    return calls


@pytest.mark.skipif(os.name == "nt", reason="groups of POSIX")
@pytest.mark.parametrize("pid", [0, -1, 1, -(2**40), 2**31, 2**70, "own"])
def test_a_number_that_is_no_process_of_ours_is_never_signalled(signalled, pid):
    programs.terminate(os.getpid() if pid == "own" else pid)
    assert signalled == []


@pytest.mark.skipif(os.name == "nt", reason="groups of POSIX")
def test_a_group_is_ended_by_its_leader_alone(signalled, bystander):
    programs.terminate(bystander.pid)
    assert signalled == [("killpg", bystander.pid, signal.SIGKILL)]
    signalled.clear()
    # Where a process leads no group, its group is somebody else's.
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        programs.terminate(child.pid)
        child.communicate(b"\n")
    assert signalled == [("kill", child.pid, signal.SIGKILL)]
