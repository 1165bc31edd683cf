"""Files that one process holds at a time, and file systems on which none can be."""

import errno
import os

import pytest

from texcore.contract.file_locks import Held, hold
from texcore.service.remote_folders import clear_job, clear_jobs

fcntl = pytest.importorskip("fcntl")


@pytest.fixture
def refusing(monkeypatch):
    """Have the system refuse every lock with an error number."""

    def refuse(number):
        def flock(file, operation):
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(fcntl, "flock", flock)

    return refuse


def test_a_file_is_held_once(tmp_path):
    with hold(tmp_path / "file") as held:
        assert held
        with pytest.raises(Held), hold(tmp_path / "file"):
            pass
    with hold(tmp_path / "file") as held:
        assert held


@pytest.mark.parametrize("why", ["EWOULDBLOCK", "EACCES", "EDEADLK"])
def test_what_says_that_another_holds_it(tmp_path, refusing, why):
    refusing(getattr(errno, why))
    with pytest.raises(Held), hold(tmp_path / "file"):
        pass


@pytest.mark.parametrize("why", ["ENOSYS", "ENOLCK", "EOPNOTSUPP"])
def test_where_no_file_can_be_held_work_goes_on_and_nothing_is_cleared(tmp_path, refusing, why):
    refusing(getattr(errno, why))
    (tmp_path / "job").mkdir()
    with hold(tmp_path / "job" / ".owner") as held:
        assert not held
    clear_jobs(tmp_path)
    clear_job(tmp_path / "job")
    assert (tmp_path / "job").is_dir()
