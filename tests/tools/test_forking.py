"""A fork is what a new Python would be to whoever has started it."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests import forking

pytestmark = pytest.mark.skipif(not forking.POSSIBLE, reason="nothing forks here")

ENDINGS = {
    "well": "import atexit; atexit.register(print, 'at last'); print('ä×', flush=True)",
    "with a status": "import sys; sys.exit(3)",
    "with words": "import sys; sys.exit('no')",
    "with an error": "1 / 0",
    "by an interrupt": "import os, signal; os.kill(os.getpid(), signal.SIGINT)",
    "by a signal": "import os; print('lost'); os.kill(os.getpid(), 9)",
    "after its threads": """
import threading, time
threading.Thread(target=lambda: (threading.main_thread().join(), print("after"))).start()
""",
    "as it was started": """
import os, signal, sys
print(sys.argv, os.getcwd(), os.environ["WORD"], os.environ.get("HOME"), sys.stdin.read())
print(*(len(os.listdir("/proc/self/fd")) for _ in "x" if os.path.isdir("/proc/self/fd")))
print(sys.stdout.encoding, sys.stderr.errors, signal.getsignal(signal.SIGCHLD), __name__)
""",
}


def outcome(start, folder, code):
    """Status and output of a program, and the last line of what it says of errors."""
    process = start(
        [sys.executable, "-c", code, "a", "b c"],
        cwd=folder,
        env={"WORD": "ü", "PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    with process:
        out, err = process.communicate("given", timeout=60)
    return process.returncode, out, err.splitlines()[-1:]


@pytest.mark.parametrize("ending", ENDINGS)
def test_it_ends_and_speaks_as_a_new_one(tmp_path, ending):
    code = ENDINGS[ending]
    assert outcome(forking.Popen, tmp_path, code) == outcome(subprocess.Popen, tmp_path, code)


def test_it_is_signalled_and_waited_for(tmp_path):
    waiting = [sys.executable, "-c", "import sys; print(1, flush=True); sys.stdin.read()"]
    with forking.Popen(waiting, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.read(2) == b"1\n"
        assert process.poll() is None
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=0.01)
        process.send_signal(signal.SIGTERM)
        assert process.wait() == -signal.SIGTERM
        process.kill()  # nobody is there any more


def test_pytorch_is_there_and_what_is_texcores_own_is_imported_anew(tmp_path):
    code = "import sys; print('torch' in sys.modules, *(n for n in sys.modules if 'texcore' in n))"
    assert outcome(forking.Popen, tmp_path, code) == (0, "True\n", [])


def test_it_measures_no_machine(tmp_path):
    code = "from texcore.service import calibrating as c; print(c._measure_machine(None).second)"
    assert outcome(forking.Popen, forking._ROOT, code)[:2] == (0, "1.0\n")


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads are counted in /proc")
def test_what_forks_has_no_threads(tmp_path):
    outcome(forking.Popen, tmp_path, "")
    server = forking._server()._process.pid
    assert len(list(Path(f"/proc/{server}/task").iterdir())) == 1
