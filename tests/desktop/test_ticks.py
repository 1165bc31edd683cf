"""The main thread's share of a large job: figures for people, nothing is asserted of them."""

from __future__ import annotations

import json
import os

FEW = (
    40  #: that it runs at all; ``TEXCORE_TEST_TICKS`` says how many, for figures to be written down
)


def test_ticks_of_a_large_job(run_in_window, monkeypatch, capsys):
    ticks = int(os.environ.get("TEXCORE_TEST_TICKS", FEW))
    monkeypatch.setenv("TEXCORE_TEST_TICKS", str(ticks))
    figures = run_in_window("ticks.py")
    for step in ("make_a_large_texture", "take_in_a_large_picture"):
        assert not figures[step], figures[step]
    assert figures["count"] >= ticks and figures["milliseconds"].keys() == {"50", "95", "99", "100"}
    assert figures["previews"] > 2
    with capsys.disabled():
        print(f"\nmain thread held by a 4096 x 4096 job, ms: {json.dumps(figures)}")
