"""What the benchmark says of what it measured."""

import json
import subprocess
import sys

import pytest
import torch

from benchmarks.speed import baseline, figure, report, startup, subject, versus
from tests.making import bricks, save_png
from tools.project import ROOT


def points(*figures):
    return [{"seconds": float(n), "figure": f, "gatys": f} for n, f in enumerate(figures, 1)]


def test_a_goal_is_reached_where_it_is_kept():
    assert versus._from_then_on(points(3, 1, 2, 1, 1), "figure", 1.5) == 4
    assert versus._from_then_on(points(1, 1), "figure", 1.5) == 1
    assert versus._from_then_on(points(1, 2), "figure", 1.5) is None


def found(ratio, judge):
    theirs, ours = points(4, 2), points(3, 2.5)
    one = {"exemplar": "moss.png", "side": 256, "quality": "draft", "evaluations": 9}
    one |= {"judge": judge, "baseline": theirs, "ours": ours, "goal": 2, "ratio": ratio}
    one |= {"baseline seconds": 80.0, "our seconds": ratio and 80 / ratio}
    row = dict.fromkeys(("layer", "engine ms", "bare GFLOP/s", "engine / bare rate"), 1.0)
    evaluation = dict.fromkeys(
        ("evaluation s", "canvas s", "optimiser s", "GFLOP", "µs a texel"), 1.0
    )
    return {
        "command": "bench",
        "machine": {"device": "abacus", "load before": 0.0},
        "network": "vgg",
        "exemplar": "moss.png",
        "seconds": 1.0,
        "layers side": 128,
        "layers": [row | {"GFLOP": 2.0, "bare ms": 1.0}],
        "evaluations": [evaluation | {"side": 64, "tiles": 1, "GFLOP/s": 500.0}],
        "files": [],
        "startup": {},
        "blender": {"why": "there is none."},
        "versus": [one | {"our seconds to its loss": None}],
        "runs": [{"side": 64, "quality": "draft", "failed": "no beads"}],
    }


def test_the_page_says_it_plainly(tmp_path):
    page = report.page("speed", found(16.0, None), [])
    assert "is there after 5.0 s, in **1/16 of the time**. That is not how much faster" in page
    assert "25% of the rate" in page
    assert "64² failed: no beads" in page
    assert "name a `--judge`" in page
    assert "**The baseline was cut short**" in page
    assert "Not measured: there is none." in page
    page = report.page("speed", found(None, "judge.py"), [])
    assert "ours did not get to the look that plain Gatys ends with" in page
    assert "by `judge.py`" in page
    written = report.write(tmp_path, "speed", found(16.0, None))
    assert {path.suffix for path in written} >= {".md", ".json"}
    assert sorted(tmp_path.iterdir()) == sorted(written)


@pytest.mark.slow
def test_memory_is_that_of_the_process_itself():
    code = "from benchmarks.speed.machine import peak_memory; print(peak_memory())"
    held = torch.ones(1 << 27)  # 512 MiB, more than a child with torch has
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert held[-1] == 1
    if said.stdout.strip() == "None":
        pytest.skip("the system does not tell")
    assert 1 << 24 < int(said.stdout) < held.nbytes


def test_the_baseline_optimises_and_the_figure_sees_it():
    exemplar = subject.discs(32)
    plain = baseline.PlainGatys(subject.network("random"), ("bank",), exemplar)
    assert float(plain.loss(exemplar[None])) == pytest.approx(0, abs=1e-9)
    judge = figure.Figure(exemplar)
    before = judge(plain.image.detach()[0])
    losses = list(plain.losses(30))
    assert len(losses) == 30
    assert losses[-1] < losses[0] / 10
    assert judge(plain.image.detach()[0]) < before
    assert judge(exemplar) == pytest.approx(0, abs=1e-6)


@pytest.mark.slow
def test_a_whole_run_needs_nothing_but_torch_and_numpy():
    words = ["--side", "32", "--weights", "random", "--device", "cpu", "--exemplar", "none.png"]
    code = (
        "import sys; sys.modules |= dict.fromkeys(('OpenImageIO', 'safetensors', 'PIL')); "
        "import texcore.synthesis.levels as p; p.FULL_EFFORT_SIDE = 1; "
        "import benchmarks.speed.__main__; "
        "from benchmarks.speed import whole; whole.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["side"], told["quality"]) == (32, "draft")
    assert told["evaluations"] > 0


@pytest.mark.slow
def test_a_start_is_told_part_by_part(tmp_path, monkeypatch):
    monkeypatch.setenv("TEXCORE_HOME", str(tmp_path / "home"))
    exemplar = save_png(tmp_path / "in.png", bricks(64, 64))
    parts = startup._timeline(exemplar, "random", "cpu", 64)
    together = parts.pop("together")
    assert list(parts)[-5:] == [
        "read the weights",
        "find periods, plan",
        "sew a first patchwork",
        "blend the joints",
        "preview",
    ]
    assert sum(parts.values()) == pytest.approx(together, abs=0.02)


@pytest.mark.slow
def test_a_running_engine_is_asked_for_previews(tmp_path, monkeypatch):
    monkeypatch.setenv("TEXCORE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(startup, "SIDES", (32, 64))
    exemplar = save_png(tmp_path / "in.png", bricks(64, 64))
    found = startup._service(exemplar, "random", "cpu")
    assert list(found) == ["greeting", "first preview", "running, 32²", "running, 64²"]
    with pytest.raises(RuntimeError, match=r"none\.png"):
        startup._service(tmp_path / "none.png", "random", "cpu")
