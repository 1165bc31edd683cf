"""Workers of this machine that are begun anew; what is asked of a cluster."""

import contextlib
import sys
from types import SimpleNamespace

import pytest

from texcore.batches import cluster
from texcore.batches.cluster import Wanted, count_threads, mend_local, open_cluster, start_local
from texcore.contract.errors import BadInput, Unavailable
from texcore.runtime import memory

distributed = pytest.importorskip("distributed")


class Machine:
    """What `mend_local` knows of a cluster: workers by number, those to be, and a way to begin."""

    def __init__(self, **pids):
        self.closed, self.scaled = [], 0
        self.workers = {name: self.describe(name, pid) for name, pid in pids.items()}
        self.worker_spec = dict.fromkeys(pids)
        self.loop = SimpleNamespace(add_callback=lambda call: call())

    def describe(self, name, pid):
        return SimpleNamespace(pid=pid, close=lambda: self.closed.append(name))

    def scale(self, count):
        self.scaled = count


def test_a_worker_without_a_process_is_given_time_and_then_begun_anew():
    machine, seen = Machine(a=1, b=None, c=3), set()
    mend_local(machine, seen)  # it may be about to begin again by itself
    assert (machine.closed, machine.scaled, seen) == ([], 0, {"b"})
    machine.workers["c"].pid = None
    mend_local(machine, seen)
    assert (machine.closed, machine.scaled, seen) == (["b"], 3, {"c"})
    machine.workers["c"].pid = 5
    machine.workers["b"] = machine.describe("b", 4)
    machine.scaled = 0
    mend_local(machine, seen)
    assert (machine.closed, machine.scaled, seen) == (["b"], 0, set())


def test_a_worker_that_never_began_is_begun():
    machine = Machine(a=1, b=2)
    del machine.workers["b"]
    mend_local(machine, set())
    assert (machine.closed, machine.scaled) == ([], 2)


def test_a_scheduler_that_is_not_there_is_told(monkeypatch):
    monkeypatch.setattr("texcore.batches.cluster._PATIENCE", 0.2)
    with (
        pytest.raises(Unavailable, match=r"The scheduler “tcp.*” cannot be reached"),
        open_cluster(Wanted(scheduler="tcp://127.0.0.1:9")),
    ):
        raise AssertionError("it was reached")


@pytest.mark.parametrize(
    ("asked", "threads"), [("", 4), ("  ", 4), ("many", 4), ("4,2", 4), ("3", 3), ("0", 1)]
)
def test_threads_are_what_the_user_says_if_it_is_a_number(monkeypatch, asked, threads):
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    monkeypatch.setenv("OMP_NUM_THREADS", asked)
    assert count_threads(2) == threads
    monkeypatch.delenv("OMP_NUM_THREADS")
    assert (count_threads(2), count_threads(20)) == (4, 1)


def test_whoever_has_not_the_certificates_of_a_cluster_gives_it_no_work():
    with contextlib.closing(start_local(0, 0, 10**9, {})) as started:
        address = started.scheduler_address
        with distributed.Client(started, timeout=15, set_as_default=False) as own:
            assert own.run_on_scheduler(lambda: 7) == 7
        stranger = distributed.Security.temporary()
        for words in ({"address": address.replace("tls", "tcp")}, {"security": stranger}):
            words = {"address": address, "timeout": 2, "set_as_default": False, **words}
            with pytest.raises(OSError, match=r"Timed out|certificate|closed"):
                distributed.Client(**words)


def test_jobs_have_certificates_too_in_the_folder_that_all_see(monkeypatch, tmp_path):
    asked = {}

    def begin(**words):
        asked.update(words)
        return SimpleNamespace(adapt=lambda **jobs: None)

    monkeypatch.setitem(sys.modules, "dask_jobqueue", SimpleNamespace(SLURMCluster=begin))
    cluster._start_jobs(Wanted(jobs="slurm", folder=tmp_path))
    assert asked["security"].require_encryption
    assert asked["shared_temp_directory"] == str(tmp_path)


def test_without_the_package_for_certificates_a_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "cryptography", None)
    with pytest.raises(Unavailable, match="cryptography is missing: install"):
        start_local(0, 0, 10**9, {})


@pytest.mark.slow
def test_workers_of_this_machine_are_asked_by_their_certificates():
    with open_cluster(Wanted(workers=1)) as opened:
        assert opened.client.submit(divmod, 7, 2).result(60) == (3, 1)
        assert all(name.startswith("tls://") for name in opened.client.nthreads())


def test_an_amount_of_memory_that_is_none_is_refused_before_anything_begins():
    with pytest.raises(BadInput, match="is no amount of memory"), open_cluster(Wanted(memory="x")):
        raise AssertionError("it began")
    assert memory.read_bytes("1kB") == 1000
