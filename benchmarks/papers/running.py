"""Run experiments, each into a folder of its own of the cache; what is there is not run again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import mkdtemp

from PIL import Image

from .experiment import Experiment, Part
from .sources import ROOT, SOURCES

#: A texture of more than this takes hours, and none of it is made quickly.
_LARGEST_QUICK_SIDE = 256


class Missing(Exception):
    """What an experiment learns from is not there."""


class Cache:
    """Finished runs, in folders named by all that decides them.

    Args:
        folder: Made when the first run is finished.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, part: Part, experiment: Experiment) -> Path | None:
        """Give the folder of a run that is finished, else None."""
        files = self.files(part, experiment)
        if files is None:
            return None
        folder = self._place(part, experiment, files)
        return folder if folder.is_dir() else None

    def files(self, part: Part, experiment: Experiment) -> dict[str, Path] | None:
        """List the files that an experiment needs; None while one of them is not made yet."""
        found = {}
        for name in experiment.needs | {experiment.exemplar}:
            other = part.get(name)
            if other is None or name == experiment.exemplar:
                path: Path | None = SOURCES[name]
            else:
                made = self.find(part, _like(experiment, other))
                path = made / f"result{other.suffix}" if made else None
            if path is None or not path.exists():
                return None
            found[name] = path
        return found

    def make(self, part: Part, experiment: Experiment) -> Path:
        """Run an experiment and give its folder.

        Raises:
            Missing: A picture or an experiment that it needs is not there.
            subprocess.CalledProcessError: The engine refused.
        """
        files = self.files(part, experiment)
        if files is None:
            raise Missing(f"{part.name} {experiment.name} needs what is not there yet.")
        place = self._place(part, experiment, files)
        place.parent.mkdir(parents=True, exist_ok=True)
        work = Path(mkdtemp(prefix=".running-", dir=place.parent))
        try:
            _run(experiment, files, work)
            work.chmod(0o755)
            keep(work, place)
        except BaseException:
            shutil.rmtree(work)
            raise
        return place

    def _place(self, part: Part, experiment: Experiment, files: dict[str, Path]) -> Path:
        name = f"{experiment.name}-{experiment.side}-{experiment.digest(files)}"
        return self._folder / part.name / name


def keep(work: Path, place: Path) -> None:
    """Put a finished run into its place, unless another process has been there first."""
    try:
        work.rename(place)
    except OSError:
        if not place.is_dir():
            raise
        shutil.rmtree(work)


def schedule(experiments: Sequence[Experiment], quick: bool) -> Iterator[Experiment]:
    """List what is run, in order."""
    for experiment in experiments:
        if not quick:
            yield experiment
        elif experiment.at_quick().side <= _LARGEST_QUICK_SIDE:
            yield experiment.at_quick()


def _like(experiment: Experiment, other: Experiment) -> Experiment:
    """Give another experiment of the part as large, or as quick, as the one that needs it."""
    quick = other.at_quick()
    return quick if experiment.side == quick.side else other


def _run(experiment: Experiment, files: dict[str, Path], work: Path) -> None:
    """Make everything of a run in a folder."""
    result = work / f"result{experiment.suffix}"
    source = files[experiment.exemplar]
    words = experiment.fill(files)
    if experiment.verb == "train":
        words += ["--steps", str(experiment.iterations)]
        _call([sys.executable, "-m", "texcore", "train", str(source), "-o", str(result), *words])
        return
    scaled = work / "exemplar.png"
    fit(source, experiment.side).save(scaled)
    if experiment.verb == "segment":
        _call([sys.executable, "-m", "texcore", "segment", str(scaled), "-o", str(result), *words])
        return
    # Companions have the exemplar's size, as it was scaled.
    for name in experiment.needs:
        if files[name].suffix in (".png", ".jpg"):
            put = work / f"{name}.png"
            fit(files[name], experiment.side, hard=name.endswith("mask")).save(put)
            words = [word.replace(str(files[name]), str(put)) for word in words]
    words += ["--size", str(experiment.side)]
    if experiment.iterations is not None:
        words += ["--iterations", str(experiment.iterations)]
    recorder = [sys.executable, "-m", "benchmarks.papers.recording", str(work)]
    how = json.dumps({"changes": dict(experiment.changes), "kept_at": experiment.kept_at})
    _call([*recorder, how, "synthesize", str(scaled), "-o", str(result), *words])


def fit(path: Path, side: int, hard: bool = False) -> Image.Image:
    """Read a picture at a size; a mask keeps its colours."""
    picture = Image.open(path).convert("RGB")
    how = Image.Resampling.NEAREST if hard else Image.Resampling.LANCZOS
    return picture.resize((side, side), how)


def _call(command: list[str]) -> None:
    """Run a program on one thread, its words shown where it fails only."""
    env = os.environ | {"OMP_NUM_THREADS": "1"}
    subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True, text=True)


Chosen = Sequence[tuple[Part, Sequence[Experiment]]]


def make_all(cache: Cache, chosen: Chosen, quick: bool) -> int:
    """Run what is not there, the first experiments of every part first; count what failed."""
    queues = [(part, list(schedule(experiments, quick))) for part, experiments in chosen]
    failed = 0
    for turn in range(max(len(queue) for _, queue in queues)):
        for part, queue in queues:
            if turn >= len(queue) or cache.find(part, queue[turn]):
                continue
            begun = time.monotonic()
            what = f"{part.name} {queue[turn].name} {queue[turn].side}²"
            try:
                cache.make(part, queue[turn])
            except (Missing, subprocess.CalledProcessError) as e:
                failed += 1
                said = (getattr(e, "stderr", "") or str(e)).strip().splitlines()[-1]
                print(f"{what}: not made. {said}", flush=True)
            else:
                print(f"{what}: {time.monotonic() - begun:.0f} s", flush=True)
    return failed
