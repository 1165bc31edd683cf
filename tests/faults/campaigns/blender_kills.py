"""Blender is killed while a texture is made, put into its file, and saved with it."""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from pathlib import Path

from tests.blender.test_extension import alive

from . import in_blender
from .counting import Outcome

#: Kills that are worth a Blender of a version of their own.
_FOR_EACH = 5
#: Seconds within which the engine of a Blender that was killed has to be gone.
_GONE = 5.0
#: Against hanging for ever.
_SECONDS = 240
#: What it is at, as it says it and in words.
_PARTS = {
    "at work": "as a texture is made",
    "at putting in": "as it is put in",
    "at saving": "as it is saved",
}
_NOT_BEGUN = "before a texture is begun"
#: Seconds that a part is taken to last before one has been seen.
_AT_FIRST = 0.5


def campaign(rng, count, folder, _):
    """Kill so many Blenders; the next of each version says what was left.

    Args:
        rng: A ``random.Random``.
        count: How many are killed.
        folder: Of this campaign; it need not be there.
    """
    outcome = Outcome("Blenders at a texture, killed")
    folder.mkdir(parents=True)
    blenders = in_blender.set_up(folder, count, _FOR_EACH)
    longest, lasting = 0.0, {}
    for number in range(count):
        blender = blenders[number % len(blenders)]
        engine = "real" if rng.random() < 0.25 else "painting.py"
        one = _Killed(blender, folder / f"{blender.version}.blend", engine)
        ending, seconds = one.kill(rng, lasting)
        lived = _outlived(one.engine)
        longest = max(longest, lived)
        if lived > _GONE:
            one.wrong.append(f"the engine is there {_GONE:.0f} s after Blender")
        outcome.note(ending, *(f"kill {number}, {blender.version}: {w}" for w in one.wrong))
        outcome.moments.append((ending, seconds))
    for blender in blenders:
        last = _Killed(blender, folder / f"{blender.version}.blend", "none")
        outcome.fallen += [f"after the last, {blender.version}: {w}" for w in last.until_judged()]
    outcome.remark = (
        f"In {', '.join(sorted(b.version for b in blenders))}; "
        f"no engine lived longer than {longest:.1f} s after its Blender"
    )
    return outcome.done()


class _Killed:
    """A Blender at work, and what it says that is wrong with what the one before has left."""

    def __init__(self, blender, path: Path, engine):
        self._blender = blender
        self.wrong: list[str] = []
        self.engine = 0
        self._process = subprocess.Popen(
            blender.command("killed.py", str(path), engine),
            env=blender.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._watchdog = threading.Timer(_SECONDS, self._process.kill)
        self._watchdog.daemon = True
        self._watchdog.start()
        self._said: list[str] = []

    def kill(self, rng, lasting):
        """Kill it at a moment that is drawn; what it was at, and for how many seconds.

        Args:
            rng: A ``random.Random``.
            lasting: How many seconds each part was seen to last; it is brought up to date.
        """
        wanted, times = rng.choice(list(_PARTS)), rng.randint(1, 2)
        share, begun, before = rng.uniform(0, 1.1), time.monotonic(), None
        while times and (line := self._hear()) is not None:
            if line not in _PARTS:
                continue
            now = time.monotonic()
            if before is not None:
                lasting[before] = now - begun
            begun, before = now, line
            times -= line == wanted
        time.sleep(share * lasting.get(wanted, _AT_FIRST))
        self._process.kill()
        killed = time.monotonic()
        self._hear_all()
        if self._process.returncode != -signal.SIGKILL:
            self.wrong.append(f"it has ended by itself: {self._said[-20:]}")
        parts = [line for line in self._said if line in _PARTS]
        return _PARTS[parts[-1]] if parts else _NOT_BEGUN, killed - begun

    def until_judged(self):
        """Have it end once it has said what is wrong; that."""
        self._hear_all()
        if "judged" not in self._said:
            self.wrong.append(f"it has ended before it could judge: {self._said[-20:]}")
        return self.wrong

    def _hear_all(self):
        while self._hear() is not None:
            pass
        self._process.wait()
        self._process.stdout.close()
        self._watchdog.cancel()

    def _hear(self):
        """The next line that it says, or None at the end of them; what it says is taken note of."""
        line = self._process.stdout.readline()
        if not line:
            return None
        line = line.rstrip("\n")
        self._said.append(line)
        word, _, rest = line.partition(" ")
        if word == "engine":
            self.engine = int(rest)
        elif word == "wrong":
            self.wrong.append(rest)
        elif word == "cleared":
            left = in_blender.temporary(self._blender)
            self.wrong += [f"{name} is left of the one before" for name in left]
        return line


def _outlived(engine):
    """Seconds that an engine is there after its Blender; no more are waited for than it may."""
    begun = time.monotonic()
    while engine and alive(engine) and time.monotonic() - begun <= _GONE:
        time.sleep(0.02)
    return time.monotonic() - begun
