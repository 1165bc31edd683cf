"""How far a command is: on a terminal, in a log, or not at all."""

import io
import os
import struct
import sys
import threading

import pytest

from texcore.cli import bar as bar_
from texcore.cli.bar import Bar
from texcore.contract.calibration import ComputeDevice, Expected
from texcore.service.calibrating import Outlook


class Terminal(io.StringIO):
    """Standard error where somebody looks at it."""

    encoding = "utf-8"

    def isatty(self):
        return True

    def screen(self):
        """Its lines, and the column in which its cursor is."""
        lines, column = [""], 0
        for letter in self.getvalue():
            if letter == "\n":
                lines.append("")
            if letter in "\r\n":
                column = 0
            else:
                assert letter.isprintable()
                line = lines[-1].ljust(column)
                lines[-1] = line[:column] + letter + line[column + 1 :]
                column += 1
        return [line.rstrip() for line in lines], column

    @property
    def line(self):
        """The only one."""
        (line,), _ = self.screen()
        return line


def on_terminal(monkeypatch):
    """Let the test write to a terminal, a bar as often as it is shown."""
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setattr(bar_, "_DRAWING_SECONDS", 0)
    return terminal


def test_on_a_terminal_it_stays_on_one_line(monkeypatch):
    terminal = on_terminal(monkeypatch)
    bar = Bar()
    bar.show("Fetching", 0.25)
    assert terminal.line.endswith("|  25%  Fetching")
    quarter = terminal.line.count("█")
    bar.show("Detailing", 0.5, 61)
    assert terminal.line == f"|{'█' * 15}{' ' * 15}|  50%  Detailing, 1 min 1 s left"
    assert quarter == 7
    bar.show("Done", 1)
    assert terminal.line == f"|{'█' * 30}| 100%  Done"
    bar.close()
    assert terminal.screen() == ([""], 0)


def test_the_share_may_fall_as_when_another_work_begins(monkeypatch):
    terminal = on_terminal(monkeypatch)
    bar = Bar()
    for fraction in (1, 0.1):
        bar.show("Working", fraction)
    assert terminal.line.endswith("|  10%  Working")
    bar.close()


def test_a_sentence_goes_above_it(monkeypatch):
    terminal = on_terminal(monkeypatch)
    bar = Bar()
    bar.say("It takes 1 GB.")
    assert terminal.screen() == (["texcore: It takes 1 GB.", ""], 0)
    bar.show("Detailing {0}", 0.5)
    bar.say("It is late.")
    lines, _ = terminal.screen()
    assert lines[:2] == ["texcore: It takes 1 GB.", "texcore: It is late."]
    assert lines[2].endswith("|  50%  Detailing {0}")
    bar.close()
    assert terminal.screen()[0] == [*lines[:2], ""]


def test_after_it_is_gone_it_can_be_drawn_again(monkeypatch):
    terminal = on_terminal(monkeypatch)
    bar = Bar()
    for _ in range(2):
        bar.show("Detailing", 0.5)
        assert terminal.line.endswith("|  50%  Detailing")
        bar.close()
        bar.close()
        assert terminal.screen() == ([""], 0)


def test_it_is_not_drawn_more_often_than_can_be_seen(monkeypatch):
    terminal = on_terminal(monkeypatch)
    monkeypatch.setattr(bar_, "_DRAWING_SECONDS", 1000)
    bar = Bar()
    for percent in range(10, 100):
        bar.show("Detailing", percent / 100)
    assert terminal.line.endswith("|  10%  Detailing")
    bar.close()


@pytest.mark.skipif(sys.platform == "win32", reason="has no pseudo-terminals")
def test_it_is_no_wider_than_a_real_terminal(monkeypatch):
    import fcntl
    import pty
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 25, 50, 0, 0))
    with os.fdopen(theirs, "w", encoding="utf-8") as file, os.fdopen(ours, "rb") as read:
        monkeypatch.setattr("sys.stderr", file)
        bar = Bar()
        bar.show("Detailing what is long", 0.5, 61)
        file.flush()
        shown = read.read1().decode()
        bar.close()
    assert shown.startswith("\r|█████")
    assert "|  50%  Detailing" in shown
    assert len(shown.removeprefix("\r")) <= 50


def test_it_needs_no_thread_and_no_lock_between_processes(monkeypatch):
    on_terminal(monkeypatch)
    bar = Bar()
    bar.show("Detailing", 0.5)
    assert bar_._terminal_line().monitor is None
    assert isinstance(bar_._terminal_line().get_lock(), type(threading.RLock()))
    bar.close()


def test_in_a_log_it_is_a_line_now_and_then(monkeypatch, capsys):
    now = [100.0]
    monkeypatch.setattr(bar_.time, "monotonic", lambda: now[0])
    bar = Bar()
    for second in range(25):
        now[0] = 100.0 + second
        bar.show("Detailing", second / 25, 25 - second)
    bar.say("It is late.")
    bar.close()
    assert capsys.readouterr().err == (
        "  0%  Detailing, 25 s left\n"
        " 40%  Detailing, 15 s left\n"
        " 80%  Detailing, 5 s left\n"
        "texcore: It is late.\n"
    )


def test_it_counts_down_while_nothing_happens(monkeypatch):
    terminal = on_terminal(monkeypatch)
    now = [100.0]
    monkeypatch.setattr(bar_.time, "monotonic", lambda: now[0])
    bar = Bar()
    bar.tick()
    bar.show("Beginning", 0, 20)
    for passed, left in ((0.5, 20), (3, 17), (3.5, 17), (19, 1), (30, 1)):
        now[0] = 100.0 + passed
        bar.tick()
        assert terminal.line.endswith(f"|   0%  Beginning, {left} s left"), passed
    bar.show("Detailing", 0.5)
    now[0] += 100
    bar.tick()
    assert terminal.line.endswith("|  50%  Detailing")
    bar.close()


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (ComputeDevice("here", "cpu", "8 CPU cores", 2), "About 25 s on the CPU (2 threads)."),
        (ComputeDevice("here", "cpu", "8 CPU cores", 1), "About 25 s on the CPU (1 thread)."),
        (ComputeDevice("here", "cuda", "NVIDIA H200"), "About 25 s on NVIDIA H200."),
    ],
)
def test_what_a_run_takes_is_said_above_it(capsys, place, words):
    bar_.announce(Outlook(10**9, Expected(2, 20, 1.5), place), Bar())
    said = capsys.readouterr().err
    assert said == (
        f"texcore: {words}\ntexcore: This takes about 1.0 GB of memory at its peak.\n"
        "  0%  Beginning, 24 s left\n"
    )


def test_what_is_not_known_is_not_said(capsys):
    bar_.announce(Outlook(10**9), Bar())
    assert "About" not in capsys.readouterr().err
    bar_.announce(Outlook(10**9, Expected(1, 1, 1), ComputeDevice("", "cpu", "")), Bar(quiet=True))
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("is_terminal", [True, False])
def test_a_quiet_bar_says_nothing(monkeypatch, capsys, is_terminal):
    monkeypatch.setattr("sys.stderr.isatty", lambda: is_terminal)
    bar = Bar(quiet=True)
    bar.show("Detailing", 0.5)
    bar.say("It is late.")
    bar.close()
    assert capsys.readouterr().err == ""


def test_without_a_standard_error_it_does_no_harm(monkeypatch, capsys):
    with monkeypatch.context() as without:
        without.setattr("sys.stderr", None)
        bar = Bar()
        bar.show("Detailing", 0.5)
        bar.say("It is late.")
        bar.close()
    Bar().say("It is here.")
    said = capsys.readouterr().err
    assert "It is here." in said and "It is late." not in said
