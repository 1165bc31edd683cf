import pytest

from tools import audit, console, locks


@pytest.fixture
def asked(monkeypatch):
    """The commands that would be run; no tool is installed."""
    commands = []
    monkeypatch.setattr(audit.Environment, "ensure", lambda self, install: self.base)
    monkeypatch.setattr(audit, "run_showing", lambda command, **more: commands.append(command))
    return commands


def test_every_list_is_asked_about_and_what_has_no_answer_is_not_sound(asked):
    audit.audit()
    lists = sorted(locks.FOLDER.glob("*.txt"))
    assert [command[-1] for command in asked] == lists and len(lists) > 1
    assert all({"--strict", "--require-hashes"} <= set(command) for command in asked)


def test_what_is_vulnerable_or_unknown_is_told(asked, monkeypatch):
    def fail(command, **more):
        raise console.Failure("It ended with 1.")

    monkeypatch.setattr(audit, "run_showing", fail)
    with pytest.raises(console.Failure, match=r"engine\.txt is not known to be sound; the lines"):
        audit.audit()
