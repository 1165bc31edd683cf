"""Batches as jobs of a real Slurm, where somebody asks for it: ``TEXCORE_SLURM=1`` with one there.

The folder of tests has to be one that its nodes see; a job takes a core and 2 GB. Pixels are those
of as many threads: ``OMP_NUM_THREADS=1``.
"""

import json
import os
import shlex
import shutil
import subprocess
import threading

import pytest

from tests.making import bricks, save_png
from tests.running import ROOT, SECONDS, command, environment
from texcore.cli import main

QUICK = ("--size", "48", "--quality", "draft", "--weights", "random", "--iterations", "4")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not os.environ.get("TEXCORE_SLURM") or not shutil.which("sbatch"),
        reason="asked for by TEXCORE_SLURM=1, where there is a Slurm",
    ),
]
JOBQUEUE = {"jobqueue": {"slurm": {"cores": 1, "memory": "2GB", "walltime": "00:10:00"}}}


@pytest.fixture
def queue(tmp_path):
    save_png(tmp_path / "a.png", bricks(48, 48))
    path = tmp_path / "queue.jsonl"
    lines = (json.dumps({"image": "a.png", "name": f"{n}", "seed": n}) for n in range(6))
    path.write_text("\n".join(lines))
    return path


def submit(home, folder, words, *options):
    """Hand a command to Slurm; returns the number of the job."""
    script = f"#!/bin/sh\ncd {shlex.quote(str(ROOT))}\nexec {words}\n"
    done = subprocess.run(
        ["sbatch", "--parsable", "--mem=2G", f"--output={folder}/job-%j.log", *options],
        input=script,
        env=environment(home),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def read(folder):
    lines = (folder / "report.jsonl").read_text().splitlines()
    return [(line["row"], line["state"]) for line in map(json.loads, lines)]


def test_an_array_of_parts_and_a_merge_behind_it(home, tmp_path, queue):
    words = shlex.join(command("batch", queue, "-o", tmp_path / "out", *QUICK))
    part = f'{words} --part "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT"'
    array = submit(home, tmp_path, part, "--array=1-2")
    submit(home, tmp_path, f"{words} --merge", f"--dependency=afterany:{array}", "--wait")
    assert read(tmp_path / "out") == [(n, "made") for n in range(1, 7)]


def test_workers_that_are_jobs_and_one_that_is_cancelled(home, tmp_path, queue):
    pytest.importorskip("dask_jobqueue")
    assert main(["batch", str(queue), "-o", str(tmp_path / "alone"), *QUICK, "-q"]) == 0
    (tmp_path / "jobqueue.yaml").write_text(json.dumps(JOBQUEUE))
    words = ("batch", queue, "-o", tmp_path / "out", *QUICK, "--jobs", "slurm", "--workers", "2")
    process = subprocess.Popen(
        command(*words),
        env={**environment(home), "DASK_CONFIG": str(tmp_path)},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    watchdog = threading.Timer(SECONDS, process.kill)
    watchdog.start()
    try:
        while "2 workers" not in (line := process.stderr.readline()):
            assert line, process.stderr.read()
        listed = subprocess.check_output(
            ["squeue", "-h", "-o", "%i", "-n", "dask-worker"], text=True
        )
        subprocess.run(["scancel", listed.split()[0]], check=True)
        _, err = process.communicate()
    finally:
        watchdog.cancel()
        process.kill()
    assert process.returncode == 0, err
    assert sorted(row for row, _ in read(tmp_path / "out")) == [1, 2, 3, 4, 5, 6]
    for path in (tmp_path / "alone").glob("*.png"):
        assert (tmp_path / "out" / path.name).read_bytes() == path.read_bytes()
