"""A session in Blender's window with the engine behind sshd and a slow line: what it takes.

    .venv/bin/python benchmarks/remote_window.py FOLDER [--size 512]

Both computers are this one, so that what differs is the way, which takes 25 ms each way and
10 MB/s. Three textures are made by the engine here, three by the one there; then the process of ssh
is killed, once so that the connection comes back, once so that it does not and *Resume* is pressed.
Pictures of the window are put into FOLDER. The steps are those of
``tests/desktop/inside/remote_session.py``.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.sshd import Sshd  # noqa: E402
from texcore.contract.user_folders import cache_dir  # noqa: E402
from tools import desktop  # noqa: E402


def main() -> None:
    """Run it and print what it found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", type=int, default=512)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    blender = desktop.find()
    subprocess.run([sys.executable, "build.py", "zip"], cwd=ROOT, check=True)
    zip_ = max((ROOT / "dist").glob("texcore-*.zip"), key=lambda path: path.stat().st_mtime)
    with tempfile.TemporaryDirectory(prefix="texcore-remote-") as name:
        folder = Path(name)
        (folder / "sshd").mkdir()
        sshd = Sshd(folder / "sshd", variables={"TEXCORE_PYTHON": sys.executable})
        for home in (sshd.home, folder / "near"):
            (home / "cache").mkdir(parents=True)
            shutil.copytree(cache_dir() / "weights", home / "cache" / "weights")
        try:
            found = run(blender, folder, zip_, sshd, given.size)
        finally:
            sshd.close()
        for shot in folder.glob("*.npy"):
            Image.fromarray(np.load(shot)).save(given.folder / f"{shot.stem}.png")
    print(json.dumps(found, indent=1, ensure_ascii=False))
    print(f"{sshd.line.carried / 1e6:.1f} MB went over the line; left there: {sshd.list_left()}")


def run(blender: desktop.Desktop, folder: Path, zip_: Path, sshd: Sshd, size: int) -> dict:
    """Have the steps done in Blender's window; what they wrote down."""
    inside, checks = ROOT / "tests/desktop/inside", ROOT / "tests/blender/inside"
    gone = folder / "gone"
    ssh = bring_ssh(folder / "ssh")
    program = folder / "reach"
    program.write_text(
        f"#!/bin/sh\n[ -e '{gone}' ] && exit 255\nexec {ssh} -F '{sshd.config}' \"$@\"\n"
    )
    program.chmod(0o755)
    env = {
        "TEXCORE_HOME": str(folder / "near"),
        "TEXCORE_PYTHON": sys.executable,
        "TEXCORE_SSH": str(program),
        "TEXCORE_ZIP": str(zip_),
        "TEXCORE_TEST_GONE": str(gone),
        "TEXCORE_TEST_SHOTS": str(folder),
        "TEXCORE_TEST_SIZE": str(size),
        "TEXCORE_TEST_PICTURE": str(ROOT / "demo" / "exemplar.png"),
        "PYTHONPATH": f"{inside}:{checks}",
    }
    seen = [ROOT, zip_.parent, *desktop.list_engine_folders(Path(sys.executable))]
    return blender.run_script(inside / "remote_session.py", folder, seen, env)


def bring_ssh(folder: Path) -> str:
    """Copy ssh and its libraries, for a Blender that lives in a folder of its own, without one."""
    folder.mkdir()
    program = shutil.which("ssh")
    if program is None:
        raise SystemExit("There is no ssh on this computer: install OpenSSH.")
    said = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    paths = [word for word in said.split() if word.startswith("/")]
    for path in [program, *paths]:
        shutil.copy(path, folder)
    loader = next(Path(path).name for path in paths if Path(path).name.startswith("ld-"))
    return f"'{folder}/{loader}' --library-path '{folder}' '{folder}/ssh'"


if __name__ == "__main__":
    main()
