"""What is run on the other computer first, by its own Python, before there is anything of Texcore.

Its text is sent as a word of the command, so it imports nothing of Texcore. It takes the engine's
code from stdin if just that is not there yet, and becomes the engine.
"""

from __future__ import annotations

import base64
import hashlib
import io
import tarfile
import zlib
from pathlib import Path

#: What it says on a line of its own if there is no engine's Python there.
NO_ENGINE = "texcore: no engine"
#: What it says when it becomes the engine, which then reads requests.
READY = "texcore: ready"
#: What it says if it wants the code: the next line is a number of bytes, then they come.
NO_CODE = "texcore: no code"
#: Why a set-up there fails that says nothing itself: its Python is too old, another is at work, or
#: the program has ended.
OLD, BUSY, DIED = "old", "busy", "died"
_WAITS = 40  #: halves of a second for a set-up whose connection was lost to end

_BOOT = """
import io, json, os, shutil, sys, tarfile, tempfile, time, zlib
def read_exactly(count):
    data = bytearray()
    while len(data) < count:
        piece = os.read(0, min(1 << 16, count - len(data)))
        if not piece:
            sys.exit(4)
        data += piece
    return bytes(data)
def read_number():
    line = b""
    while not line.endswith(b"\\n"):
        line += read_exactly(1)
    return int(line)
home = os.environ.get("TEXCORE_HOME")
if home:
    data = os.path.join(os.path.abspath(os.path.expanduser(home)), "data")
elif sys.platform == "darwin":
    data = os.path.expanduser("~/Library/Application Support/texcore")
else:
    base = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    data = os.path.join(base, "texcore")
root = os.path.join(data, "remote")
codes = os.path.join(root, "code")
code = os.path.join(codes, DIGEST)
if not os.path.isdir(code):
    print(NO_CODE, flush=True)
    archive = read_exactly(read_number())
    os.makedirs(codes, exist_ok=True)
    made = tempfile.mkdtemp(prefix=".new-", dir=codes)
    try:
        with tarfile.open(fileobj=io.BytesIO(zlib.decompress(archive))) as file:
            file.extractall(made)
        os.rename(made, code)
    except OSError:
        if not os.path.isdir(code):
            raise
    finally:
        shutil.rmtree(made, ignore_errors=True)
def find_python():
    try:
        with open(os.path.join(root, "engine", "engine.json"), encoding="utf-8") as file:
            record = json.load(file)
        if record["complete"]:
            return record["python"]
    except (OSError, ValueError, KeyError):
        pass
    try:
        with open(os.path.join(data, "engine-python.txt"), encoding="utf-8") as file:
            return file.read().strip()
    except OSError:
        return ""
kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
kept.update(PYTHONPATH=code, PYTHONUNBUFFERED="1", PYTHONUTF8="1", PYTHONDONTWRITEBYTECODE="1")
"""
_SERVE = """
python = os.environ.get("TEXCORE_PYTHON") or find_python()
if not python or not os.path.isfile(python):
    print(NO_ENGINE, flush=True)
    sys.exit(3)
os.chdir(code)
print(READY, flush=True)
os.execve(python, [python, "-m", "texcore", "serve", "--remote"], kept)
"""
_SET_UP = """
import errno, fcntl, subprocess, threading
def tell(**said):
    try:
        print(json.dumps(said), flush=True)
    except OSError:
        gone.set()
def fail(why, what):
    tell(failed=why, what=what)
    os._exit(1)
gone = threading.Event()
def look_for_the_end():
    while os.read(0, 1):
        pass
    gone.set()
threading.Thread(target=look_for_the_end, daemon=True).start()
print(READY, flush=True)
if sys.version_info < (3, 10):
    fail(OLD, "%d.%d" % sys.version_info[:2])
place = os.path.join(root, "engine")
os.makedirs(place, exist_ok=True)
state, log, cancel = (os.path.join(place, "setup." + name) for name in ("json", "log", "cancel"))
# One whose connection was lost is about to end, if it was not by another computer.
with open(os.path.join(place, "setup.lock"), "ab") as lock:
    for _ in range(WAITS):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except OSError as e:
            if e.errno not in (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES):
                break  # no file can be held there
            if gone.wait(0.5):
                os._exit(1)
    else:
        fail(BUSY, "")
    for path in (state, log, cancel):
        if os.path.exists(path):
            os.unlink(path)
words = ["--folder", place, "--requirements", os.path.join(code, "requirements.txt")]
words += ["--engine", code]
setting_up = subprocess.Popen(
    [sys.executable, "-s", "-B", "-m", "engine_setup"] + words, env=kept, cwd=code,
    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
)
def read(path, start):
    try:
        with open(path, "rb") as file:
            file.seek(start)
            return file.read(1 << 16)
    except OSError:
        return b""
said, told, ended = "", 0, False
while not ended:
    ended = setting_up.poll() is not None
    if gone.is_set() and not ended:
        open(cancel, "w").close()
    lines = read(log, told)
    told += len(lines)
    if lines:
        tell(log=lines.decode(errors="replace"))
    now = read(state, 0).decode()
    if now and now != said:
        said = now
        tell(**json.loads(said))
    time.sleep(0.0 if ended else 0.5)
if not said or json.loads(said)["status"] == "running":
    fail(DIED, str(setting_up.returncode))
os._exit(setting_up.returncode)
"""


def pack(folders: dict[str, Path]) -> tuple[bytes, str]:
    """Return an archive of Python packages and files, and a digest of what is in it.

    Args:
        folders: Packages and files by their names in it. Of a package come its sources and what
            lies beside them, but no weights, which are large.
    """
    packed = io.BytesIO()
    digest = hashlib.sha256()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, folder in sorted(folders.items()):
            inside = [p for p in folder.rglob("*") if p.is_file()] if folder.is_dir() else [folder]
            for path in sorted(inside):
                if path.suffix in (".pyc", ".safetensors", ".pth"):
                    continue
                entry = tarfile.TarInfo(str(Path(name, path.relative_to(folder)).as_posix()))
                content = path.read_bytes()
                entry.size, entry.mode = len(content), 0o644
                digest.update(f"{entry.name}\0{len(content)}\0".encode() + content)
                archive.addfile(entry, io.BytesIO(content))
    return zlib.compress(packed.getvalue(), 9), digest.hexdigest()[:32]


def compose_serving(digest: str) -> str:
    """Return the command for the other computer's shell that becomes the engine."""
    return compose(digest, _SERVE)


def compose_set_up(digest: str) -> str:
    """Return the command for the other computer's shell that sets the engine up.

    The code has to hold the package ``engine_setup`` and ``requirements.txt``. How far it is comes
    as lines of JSON, and among them pieces of its log; it is stopped when its stdin closes.
    """
    names = f"WAITS, OLD, BUSY, DIED = {(_WAITS, OLD, BUSY, DIED)!r}"
    return compose(digest, f"{names}\n{_SET_UP}")


def compose(digest: str, then: str) -> str:
    """Return a command for the other computer's shell.

    Args:
        digest: Of the code that it wants, see `pack`.
        then: Source of what is done once that is there.
    """
    values = (digest, NO_CODE, NO_ENGINE, READY)
    names = f"DIGEST, NO_CODE, NO_ENGINE, READY = {values!r}\n"
    text = base64.b64encode(zlib.compress((names + _BOOT + then).encode(), 9)).decode()
    # No letter in it that a shell would take for its own.
    return f"python3 -c \"import base64,zlib;exec(zlib.decompress(base64.b64decode('{text}')))\""
