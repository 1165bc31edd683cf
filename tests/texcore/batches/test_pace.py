"""The time that a batch will still take."""

from texcore.batches.outcomes import FAILED, MADE, THERE, Outcome
from texcore.batches.pace import Pace


def test_it_goes_by_the_rows_that_were_made_and_by_what_the_current_one_says():
    clock = [0.0]
    pace = Pace(10, now=lambda: clock[0])
    assert pace.remaining(5.0) is None
    pace.add(Outcome(1, "a", THERE, seconds=100.0))
    pace.add(Outcome(2, "b", FAILED))
    assert pace.remaining() is None and pace.failed == 1
    pace.add(Outcome(3, "c", MADE, seconds=4.0))
    pace.add(Outcome(4, "d", MADE, seconds=6.0))
    assert pace.fraction == 0.4
    assert pace.remaining(2.0) == 2.0 + 5 * 5.0
    assert pace.remaining() == 6 * 5.0
    clock[0] = 3.0
    assert pace.remaining() == 27.0
    pace.workers = 3
    assert pace.remaining() == 7.0
    clock[0] = 60.0
    assert pace.remaining() == 0.0
