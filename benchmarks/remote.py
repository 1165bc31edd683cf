"""What ssh costs: the same textures by the engine here, and by one behind sshd and a slow line.

    python benchmarks/remote.py [--rounds 3] [--size 256]
    python benchmarks/remote.py --set-up [PACKAGE] [--pip pip.conf] [--stop-after SECONDS]

Both engines are on this machine, so that what differs is the way. The line takes 25 ms each way and
10 MB/s. The client is a program that speaks as Blender does, with a preview. With ``--set-up`` the
engine is set up behind sshd in a home of its own, as *Set Up There* does, from the package index;
or by another set-up program, with settings of pip there, or stopped on its way.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.running import Engine  # noqa: E402
from tests.sshd import Sshd  # noqa: E402
from texcore.contract.jobs import Job  # noqa: E402
from texcore.contract.recipe import Recipe  # noqa: E402
from texcore.link import setting_up as link  # noqa: E402
from tools.project import requirements  # noqa: E402


def measure(engine: Engine, folder: Path, size: int, rounds: int) -> tuple[float, list[float], int]:
    """Return seconds to the greeting, of each texture, and how often a preview came."""
    begun = time.monotonic()
    engine.greet()
    greeted = time.monotonic() - begun
    seconds, previews = [], 0
    for number in range(rounds + 1):
        recipe = Recipe(size=(size, size), quality="draft", seed=number)
        exemplar, output = ROOT / "demo" / "exemplar.png", folder / f"{number}.png"
        preview = folder / "preview.npy"
        job = Job.of_picture(exemplar, output, recipe, preview=preview, weights="random")
        begun = time.monotonic()
        answer, before = engine.until_answer(engine.ask("synthesize", job))
        assert "result" in answer, answer
        seconds.append(time.monotonic() - begun)
        previews += sum(message["params"].get("previewed", False) for message in before)
    return greeted, seconds[1:], previews


def set_up(folder: Path, package: Path, pip: Path | None, stop_after: float) -> None:
    """Set the engine up on the other side, tell what an artist reads meanwhile, and use it once."""
    settings = folder / "home" / ".config" / "pip"
    settings.mkdir(parents=True)
    if pip is not None:
        shutil.copy(pip, settings / "pip.conf")
    sshd = Sshd(folder, variables={"HOME": str(folder / "home")})
    place = folder / "place"
    brought = {"engine_setup": package, "requirements.txt": folder / "requirements.txt"}
    brought["requirements.txt"].write_text("\n".join(requirements()))
    os.environ["TEXCORE_SSH"] = str(sshd.ssh)
    begun, told = time.monotonic(), {}
    ended: list[int] = []
    thread = threading.Thread(target=lambda: ended.append(link.set_up("studio", brought, place)))
    thread.start()
    try:
        while thread.is_alive():
            thread.join(0.5)
            if time.monotonic() - begun > stop_after:
                (place / "setup.cancel").touch()
                stop_after = float("inf")
            said = (
                json.loads((place / "setup.json").read_text())
                if (place / "setup.json").exists()
                else {}
            )
            line = " ".join(str(said.get(name) or "") for name in ("stage", "detail", "message"))
            if line != told.get("line"):
                told["line"] = line
                print(f"{time.monotonic() - begun:6.1f} s {said.get('fraction', 0):4.0%} {line}")
        size = sum(path.lstat().st_size for path in sshd.home.rglob("*") if path.is_file())
        sent = sshd.line.carried / 1e6
        print(f"exit status {ended[0]}; {size / 1e9:.2f} GB there; {sent:.1f} MB by ssh")
        print((place / "setup.log").read_text()[-3000:])
        if ended == [0]:
            (folder / "use").mkdir()
            with sshd.reach(folder / "near") as engine:
                print(measure(engine, folder / "use", 128, 1))
                engine.end_of_input()
        time.sleep(3)
        print("left there:", sshd.list_left())
    finally:
        sshd.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--size", type=int, default=256)
    package = ROOT / "blender_addon" / "engine_setup"
    parser.add_argument("--set-up", type=Path, nargs="?", const=package, metavar="PACKAGE")
    parser.add_argument("--pip", type=Path, metavar="FILE")
    parser.add_argument("--stop-after", type=float, default=float("inf"), metavar="SECONDS")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if given.set_up:
            set_up(folder, given.set_up.resolve(), given.pip, given.stop_after)
            return
        (folder / "sshd").mkdir()
        sshd = Sshd(folder / "sshd")
        try:
            for way in ("here", "by ssh"):
                (folder / way).mkdir()
                home = folder / f"home {way}"
                start = Engine(home) if way == "here" else sshd.reach(home)
                with start as engine:
                    greeted, seconds, previews = measure(
                        engine, folder / way, given.size, given.rounds
                    )
                    engine.end_of_input()
                print(
                    f"| {way} | {greeted:.1f} | {statistics.median(seconds):.2f} "
                    f"| {min(seconds):.2f}–{max(seconds):.2f} | {previews} |",
                    flush=True,
                )
            print(f"{sshd.line.carried / 1e6:.1f} MB went over the line.")
        finally:
            sshd.close()


if __name__ == "__main__":
    main()
