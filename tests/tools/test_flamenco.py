"""Flamenco's job type: what it makes of its settings is run, task by task."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.making import bricks, save_png
from texcore.cli import main
from tools.project import ROOT

NODE = shutil.which("node")
HARNESS = Path(__file__).with_name("flamenco.js")
pytestmark = pytest.mark.skipif(NODE is None, reason="there is no Node here")


def compile_job(**settings):
    """The tasks of a job, as the manager compiles it."""
    script = ROOT / "farm" / "flamenco" / "texcore.js"
    return subprocess.run(
        [NODE, HARNESS, script], input=json.dumps(settings), capture_output=True, text=True
    )


def test_a_queue_is_fanned_out_and_its_reports_are_merged(tmp_path, monkeypatch):
    for number in range(3):
        save_png(tmp_path / f"{number}.png", bricks(40, 40, number))
    queue, out = tmp_path / "my queue.csv", tmp_path / "out"
    queue.write_text("image\n*.png\n")
    options = '--size 32 --quality sketch -q --name "{stem} new"'
    done = compile_job(queue=str(queue), output=str(out), parts=2, options=options)
    assert done.returncode == 0, done.stderr
    *parts, merge = json.loads(done.stdout)
    assert [part["dependencies"] for part in parts] == [[], []]
    assert merge["dependencies"] == [part["name"] for part in parts]
    for task in (*parts, merge):
        (command,) = task["commands"]
        assert command["name"] == "exec" and command["parameters"]["exe"] == "{texcore}"
        assert main(command["parameters"]["args"]) == 0
    assert sorted(p.name for p in out.glob("*.png")) == ["0 new.png", "1 new.png", "2 new.png"]
    lines = [json.loads(line) for line in (out / "report.jsonl").read_text().splitlines()]
    assert [(line["row"], line["state"]) for line in lines] == [(n, "made") for n in (1, 2, 3)]


def test_it_asks_for_what_it_needs():
    assert "queue is required" in compile_job(output="out").stderr
    assert "parts is no number" in compile_job(queue="q", output="out", parts="2").stderr
    tasks = json.loads(compile_job(queue="q", output="out").stdout)
    assert len(tasks) == 11
