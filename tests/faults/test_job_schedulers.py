"""Workers that are jobs of PBS and of LSF: what dask-jobqueue submits to them is really run.

Their programs stand in for them: what is handed in begins at once, on this machine. It is run where
dask-jobqueue is installed beside the engine.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.making import bricks, save_png
from tests.running import ROOT, SECONDS, command, environment

dask_jobqueue = pytest.importorskip("dask_jobqueue")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="they are programs of a cluster's Linux"),
]
QUICK = ("--size", "48", "--quality", "draft", "--weights", "random", "--iterations", "4")
# Starts the script that it is given by name, or as its input, and says a number as theirs do.
_SUBMIT = """#!{python}
import os, subprocess, sys
script = open(sys.argv[-1]).read() if len(sys.argv) > 1 else sys.stdin.read()
asked = [line for line in script.splitlines() if line.startswith("{prefix}")]
log = open(os.path.join(os.environ["JOBS"], "jobs.log"), "a")
job = subprocess.Popen(["sh", "-c", script], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
print("\\n".join(["job %d" % job.pid, *asked]), file=log)
print("{said}" % job.pid)
"""
_CANCEL = """#!{python}
import os, signal, sys
for job in sys.argv[1:]:
    if job.isdigit():
        os.kill(int(job), signal.SIGTERM)
"""
SCHEDULERS = {
    "pbs": ("qsub", "qdel", "#PBS", "%d.machine", "select=1:ncpus=1:mem="),
    "lsf": ("bsub", "bkill", "#BSUB", "Job <%d> is submitted to queue <normal>.", "-M "),
}


@pytest.mark.parametrize("name", SCHEDULERS)
def test_a_batch_is_made_by_jobs(home, tmp_path, name):
    submit, cancel, prefix, said, memory = SCHEDULERS[name]
    programs = tmp_path / "bin"
    programs.mkdir()
    for program, text in ((submit, _SUBMIT), (cancel, _CANCEL)):
        path = programs / program
        path.write_text(text.format(python=sys.executable, prefix=prefix, said=said))
        path.chmod(0o755)
    settings = {"cores": 1, "memory": "2GB", "walltime": "00:10", "mem": 2 * 10**9}
    settings = settings if name == "lsf" else {k: v for k, v in settings.items() if k != "mem"}
    (tmp_path / "jobqueue.yaml").write_text(json.dumps({"jobqueue": {name: settings}}))
    save_png(tmp_path / "a.png", bricks(48, 48))
    queue = tmp_path / "queue.jsonl"
    lines = (json.dumps({"image": "a.png", "name": f"{n}", "seed": n}) for n in range(4))
    queue.write_text("\n".join(lines))
    words = ("batch", queue, "-o", tmp_path / "out", *QUICK, "--jobs", name, "--workers", "2")
    beside = Path(dask_jobqueue.__file__).parent.parent
    env = {
        **environment(home),
        "PYTHONPATH": f"{ROOT}{os.pathsep}{beside}",
        "DASK_CONFIG": str(tmp_path),
        "JOBS": str(tmp_path),
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
    }
    done = subprocess.run(
        command(*words), env=env, cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS
    )
    log = (tmp_path / "jobs.log").read_text()
    assert done.returncode == 0, (done.stderr, log)
    assert log.count("job ") >= 2 and memory in log, log
    assert len(list((tmp_path / "out").glob("*.png"))) == 4
    reported = (tmp_path / "out" / "report.jsonl").read_text().splitlines()
    assert sorted(json.loads(line)["row"] for line in reported) == [1, 2, 3, 4]
    assert not list((tmp_path / "out").rglob(".dask*"))  # the certificates have gone
