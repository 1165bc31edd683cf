"""A Blender with a window, on a virtual screen with software OpenGL: for tests and photographs.

It is the installed one where there is Xvfb beside it; else, for root on Linux, Debian's Blender in
a folder of its own, set up once per user.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from texcore.contract.user_folders import cache_dir

from . import blenders, console
from .console import Command, Failure, note, run, step
from .environments import only_one

SCREEN = (1280, 800)  #: width and height in pixels
PACKAGES = (
    "blender",
    "python3-cattr",
    "python3-numpy",
    "python3-requests",
    "xvfb",
    "libgl1-mesa-dri",
)
SECONDS = 1800  #: for a script in the window; only against hanging for ever
_MARKER = "texcore-complete"  #: written last; a root without it is made again

# The screen's pixels lie in a file that the tests read. Numbers are taken until one is free.
_ON_SCREEN = """
screen=$1 size=$2; shift 2
mkdir -p "$screen"
for n in $(seq 90 190); do
  [ -e "/tmp/.X$n-lock" ] && continue
  Xvfb ":$n" -screen 0 "${size}x24" -fbdir "$screen" -nolisten tcp >"$screen/xvfb.log" 2>&1 &
  x=$!
  for i in $(seq 100); do
    [ -s "$screen/Xvfb_screen0" ] && [ -e "/tmp/.X11-unix/X$n" ] && break
    kill -0 $x 2>/dev/null || break
    sleep 0.1
  done
  kill -0 $x 2>/dev/null && break
done
DISPLAY=":$n" "$@"; code=$?
kill $x 2>/dev/null
exit $code
"""

# Mounts in a namespace of its own: they are gone with the process, however that ends.
_INSIDE = """
set -e
root=$1; shift
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
while [ "$1" != -- ]; do
  mkdir -p "$root$1"; mount --bind "$1" "$root$1"; shift
done
shift
exec chroot "$root" "$@"
"""


@dataclass(frozen=True)
class Desktop:
    """A Blender that can open a window.

    Attributes:
        program: Of Blender, within the root.
        root: The folder that holds a whole system with it; None for this one.
    """

    program: str
    root: Path | None

    def run_script(
        self,
        script: Path,
        folder: Path,
        seen: Sequence[Path],
        env: Mapping[str, str],
        words: Sequence[str] = (),
        size: tuple[int, int] = SCREEN,
    ) -> dict[str, Any]:
        """Run a script that imports ``stepping``, in Blender's window and a throwaway profile.

        Args:
            script: A file; it finds what it imports by ``PYTHONPATH``.
            folder: An empty one, for the profile, the screen and what the script writes. Not one
                with a path so long that sockets in it cannot be.
            seen: Further folders that must be seen from within under the same paths.
            env: Variables besides.
            words: For Blender, before the script.
            size: Of the window, in pixels.

        Returns:
            What the script wrote down.

        Raises:
            Failure: It wrote nothing down.
        """
        factory = ("--factory-startup", "--python-use-system-env", *words)
        command = self.command(
            folder / "screen", [folder, *seen], *factory, "--python", script, size=size
        )
        variables = {
            "TEXCORE_TEST_FOLDER": str(folder),
            "TEXCORE_SCREEN": str(folder / "screen" / "Xvfb_screen0"),
        }
        done = subprocess.run(
            [str(word) for word in command],
            env=console.environment({**environment(folder), **variables, **env}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
        )
        results = folder / "results.json"
        if not results.exists():
            raise Failure(f"Blender ended with {done.returncode}: {done.stdout[-5000:]}")
        return dict(json.loads(results.read_text("utf-8")))

    def command(
        self,
        screen: Path,
        binds: Sequence[Path],
        *words: str | Path,
        size: tuple[int, int] = SCREEN,
    ) -> Command:
        """The command that runs Blender in a window.

        Args:
            screen: A folder; its file ``Xvfb_screen0`` is the screen's pixels (XWD).
            binds: Folders that must be seen from within under the same paths, `screen` among them.
            words: For Blender.
            size: Of the screen and the window, in pixels.
        """
        width, height = map(str, size)
        blender: Command = [
            *("bash", "-c", _ON_SCREEN, "on-screen", screen, f"{width}x{height}", self.program),
            *("--gpu-backend", "opengl", "--window-geometry", "0", "0", width, height, *words),
        ]
        return self._inside(binds, blender)

    def _inside(self, binds: Sequence[Path], command: Command) -> Command:
        if self.root is None:
            return command
        enter: Command = ["unshare", "--mount", "bash", "-c", _INSIDE, "inside", self.root]
        return [*enter, *_outermost(binds), "--", *command]


def environment(home: Path) -> dict[str, str]:
    """The variables of a throwaway profile in a folder, with software OpenGL."""
    return {
        "HOME": str(home),
        "BLENDER_USER_RESOURCES": str(home / "blender"),
        "LIBGL_ALWAYS_SOFTWARE": "1",
        "LC_ALL": "C.UTF-8",
    }


def find() -> Desktop:
    """A Blender that can open a window; it is installed if need be and possible.

    Raises:
        Failure: There is none, and none can be had; the text says why.
    """
    with step("Blender with a window"):
        found = _installed() or _debian()
        where = found.root or "this system"
        note(f"{found.program} of {where}")
    return found


def list_engine_folders(python: Path) -> list[Path]:
    """List the folders that an engine's interpreter needs to be seen, to whichever links lead."""
    code = "import sys; print(sys.base_prefix); print(*sys.path, sep='\\n')"
    said = run([python, "-c", code], doing="asking the engine where its packages are")
    named = [python.parent.parent, Path(sys.base_prefix), *map(Path, said.splitlines())]
    named += [Path(os.environ[v]) for v in ("TEXCORE_HOME",) if v in os.environ]
    return [folder for folder in named if folder.is_absolute() and folder.is_dir()]


def from_words(words: str) -> Desktop:
    """The inverse of `to_words`."""
    program, root = words.split(os.pathsep)
    return Desktop(program, Path(root) if root else None)


def to_words(desktop: Desktop) -> str:
    """A desktop as the value of an environment variable."""
    return f"{desktop.program}{os.pathsep}{desktop.root or ''}"


def _installed() -> Desktop | None:
    blender = blenders.installed()
    if blender is None:
        return None
    if not shutil.which("Xvfb"):
        note(f"{blender.program} cannot be tested in a window: there is no Xvfb.")
        return None
    return Desktop(str(blender.program), None)


def _debian() -> Desktop:
    """Debian's Blender in a folder of its own."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        raise Failure("install Blender and Xvfb; only root on Linux gets them by itself.")
    root = cache_dir() / "desktop"
    with only_one(root.with_suffix(".lock")):
        if not (root / _MARKER).exists():
            _set_up(root)
    return Desktop("/usr/bin/blender", root)


def _set_up(root: Path) -> None:
    if not shutil.which("debootstrap"):
        if not shutil.which("apt-get"):
            raise Failure("there is neither Blender with Xvfb nor debootstrap here.")
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        run(["apt-get", "update", "-qq"], doing="asking for packages", env=quiet)
        install = ["apt-get", "install", "-y", "-qq", "debootstrap"]
        run(install, doing="installing debootstrap", env=quiet)
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    run(["debootstrap", "--variant=minbase", "sid", root], doing="installing Debian in a folder")
    get = "apt-get -qq -o Acquire::Check-Valid-Until=false"
    script = f"{get} update && {get} install -y --no-install-recommends {' '.join(PACKAGES)}"
    desktop = Desktop("", root)
    env = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8", "HOME": "/root"}
    doing = "installing Debian's Blender"
    run(desktop._inside([], ["sh", "-c", script]), doing=doing, env=env)
    (root / _MARKER).touch()


def _outermost(folders: Sequence[Path]) -> list[Path]:
    """Folders without those that lie in another of them: what is mounted once is enough."""
    whole = {folder.resolve() for folder in folders}
    return sorted(f for f in whole if not any(parent in whole for parent in f.parents))
