"""The main thread's share of a large job: figures for people, nothing is asserted of them."""

from __future__ import annotations

import json


def test_ticks_of_a_large_job(run_in_window, capsys):
    figures = run_in_window("ticks.py")
    for step in ("make_a_large_texture", "take_in_a_large_picture"):
        assert not figures[step], figures[step]
    assert figures["count"] >= 400 and figures["milliseconds"].keys() == {"50", "95", "99", "100"}
    with capsys.disabled():
        print(f"\nmain thread held by a 4096 x 4096 job, ms: {json.dumps(figures)}")
