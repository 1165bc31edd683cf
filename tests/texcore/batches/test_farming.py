"""Rows that are handed out: each comes back once, also where its workers die."""

from pathlib import Path

import pytest

from texcore.batches.cluster import Cluster
from texcore.batches.farming import farm_rows
from texcore.batches.outcomes import MADE, Outcome
from texcore.batches.rows import Row

distributed = pytest.importorskip("distributed")


class Future:
    """One of Dask's that has ended already."""

    def __init__(self, row, error):
        self.row, self.error = row, error
        self.status = "error" if error else "finished"

    def add_done_callback(self, call):
        call(self)

    def exception(self):
        return self.error

    def result(self):
        if self.error:
            raise self.error
        return Outcome(self.row.number, self.row.name, MADE)


class Client:
    """A client whose scheduler gives some rows up, each so many times."""

    def __init__(self, **deaths):
        self.deaths, self.sent, self.most, self.left = deaths, [], 0, []

    def nthreads(self):
        return {"one": 1, "two": 1}

    def submit(self, work, row, *others, **how):
        self.sent.append(row.name)
        left = self.deaths.get(row.name, 0)
        self.deaths[row.name] = left - 1
        return Future(row, distributed.KilledWorker(row.name, None, 3) if left > 0 else None)

    def cancel(self, futures, force):
        self.left = [future.row.name for future in futures]


def farm(client, rows):
    return farm_rows(rows, Path(), Cluster(client, {}, ""))


def test_a_row_at_which_workers_died_is_handed_out_again_and_then_given_up():
    client = Client(b=2, c=9)
    outcomes = {o.name: o for o in farm(client, [Row(n, name) for n, name in enumerate("abcd", 1)])}
    assert sorted(client.sent) == list("abbbcccd")
    assert {name: outcome.ok for name, outcome in outcomes.items()} == {
        "a": True,
        "b": True,
        "c": False,
        "d": True,
    }
    assert "has died, most likely for lack of memory" in outcomes["c"].message


def test_large_rows_go_first_a_few_at_a_time_and_what_is_not_made_is_taken_back():
    client = Client()
    rows = [Row(n, f"{n}", values={"width": n, "height": 1}) for n in range(1, 101)]
    coming = farm(client, rows)
    assert next(coming).name == "100"
    assert client.sent[:3] == ["100", "99", "98"] and len(client.sent) < 20
    coming.close()
    assert sorted(client.left) == sorted(client.sent[1:])
