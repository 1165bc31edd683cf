"""Reports that are put together."""

import os

from texcore.batches.outcomes import FAILED, MADE, THERE, Outcome
from texcore.batches.reports import ReportFile, list_reports, merge, read_report
from texcore.batches.rows import Row
from texcore.contract.errors import BadInput

ROWS = [Row(number, name) for number, name in enumerate("abcd", 1)]


def find(row):
    """What lies there of each row."""
    return Outcome(row.number, row.name, THERE)


def write(path, age, *outcomes):
    report = ReportFile(path, rows=9)
    for outcome in outcomes:
        report.add(outcome)
    report.close()
    os.utime(path, (1000 - age, 1000 - age))


def test_of_each_row_the_line_written_last_counts(tmp_path):
    write(tmp_path / "report.jsonl", 3, Outcome(1, "a", MADE), Outcome(2, "b", FAILED))
    write(tmp_path / "report-1-of-2.jsonl", 1, Outcome(1, "a", FAILED), Outcome(1, "a", THERE))
    write(tmp_path / "report-2-of-2.jsonl", 2, Outcome(7, "c", MADE), Outcome(8, "gone", MADE))
    merged = merge(list_reports([tmp_path]), ROWS, find)
    assert [(o.row, o.name, o.state) for o in merged.outcomes] == [
        (1, "a", THERE),
        (2, "b", FAILED),
        (3, "c", MADE),
    ]
    assert list(merged.missing) == ["d"] and not merged.ok
    assert {outcome.rows for outcome in merged.outcomes} == {4}


def test_all_is_well_once_every_row_is_there(tmp_path):
    write(tmp_path / "one.jsonl", 0, *(Outcome(0, name, MADE) for name in "abcd"))
    assert merge([tmp_path / "one.jsonl"], ROWS, find).ok
    assert read_report(tmp_path / "one.jsonl")[0].rows == 9


def test_a_result_that_is_gone_or_of_another_queue_is_missing(tmp_path):
    write(tmp_path / "one.jsonl", 0, *(Outcome(0, name, MADE, "old") for name in "abcd"))

    def look(row):
        if row.name == "a":
            raise BadInput("“a.png” was changed since it was made.")
        return None if row.name == "b" else Outcome(0, row.name, THERE, "old" * (row.name == "c"))

    merged = merge([tmp_path / "one.jsonl"], ROWS, look)
    assert list(merged.missing) == ["a", "b"] and not merged.ok
    assert "was changed since" in merged.missing["a"] and "is not there" in merged.missing["b"]
    assert [(o.row, o.state, o.digest) for o in merged.outcomes] == [
        (3, MADE, "old"),
        (4, THERE, ""),  # made anew since by somebody whose report is elsewhere
    ]
