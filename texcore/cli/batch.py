"""``batch``: make the textures that a queue lists, here, in parts, or on many machines."""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..contract.choices import JOB_SCHEDULERS
from ..contract.errors import BadInput, Cancelled
from ..contract.estimates import format_duration
from ..contract.files import safely
from ..contract.options import add_options, read_options, write_options
from ..contract.parts import WHOLE, Part, parse_part
from ..contract.row_settings import ROW_SETTINGS
from .bar import Bar

if TYPE_CHECKING:
    from ..batches.outcomes import Outcome
    from ..batches.pace import Pace
    from ..batches.rows import Row
    from ..batches.shelf import Shelf
    from ..service.progress import Moment

# A farm starts commands in any folder, where Python may not find the package by its name.
_PACKAGE = Path(__file__).absolute().parents[1]
# What a command line gives is for what a row leaves out.
OPTIONS = [setting for setting in ROW_SETTINGS.values() if setting.option]
# Further options of a command that its parts have as well; each has a value.
_OF_A_PART = ("workers", "scheduler", "jobs", "memory")
# Options whose value may be a path; of a command line it starts where the user is.
_PATHS = ("mix", "mask", "target_mask", "weights")


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb and its options."""
    parser = verbs.add_parser(
        "batch",
        help="make the textures that a queue lists",
        description="Make the textures that a queue lists. What is there already, of the same "
        "files and settings, is not made again, so that the same command goes on after a stop.",
    )
    parser.set_defaults(run=run)
    parser.add_argument(
        "queue",
        type=Path,
        help="JSON Lines, a JSON list or CSV: a row a texture, its image (a picture, a folder of "
        "maps, or a pattern such as photos/*.jpg) and any of the settings below by name",
    )
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FOLDER")
    parser.add_argument(
        "--report", type=Path, metavar="FILE.jsonl", help="of what was made (default: in FOLDER)"
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress")
    group = parser.add_argument_group("several machines")
    group.add_argument(
        "--part", metavar="I/N", help="only every N-th row, from the I-th on, as in a job array"
    )
    group.add_argument(
        "--workers",
        type=int,
        metavar="N",
        help="so many rows at a time, each in a process of its own (with Dask); 0: one for each "
        "graphics card (default: this process makes one row at a time)",
    )
    group.add_argument(
        "--scheduler", default="", metavar="ADDRESS", help="of Dask's, such as tcp://farm:8786"
    )
    group.add_argument(
        "--jobs",
        choices=JOB_SCHEDULERS,
        default="",
        help="workers that are jobs of such a scheduler, as dask-jobqueue's settings describe them",
    )
    group.add_argument(
        "--memory", metavar="N", help="that each worker, or this process, may have, such as 8GB"
    )
    group.add_argument(
        "--commands",
        type=int,
        metavar="N",
        help="make nothing, but print N commands that each make a part, and one for the end",
    )
    group.add_argument(
        "--merge",
        type=Path,
        nargs="*",
        metavar="REPORT",
        help="make nothing, but put the reports of all parts together (default: those in FOLDER)",
    )
    add_options(parser, OPTIONS)


def run(options: argparse.Namespace) -> int:
    """Make what a queue lists; returns the exit status: 1 if any row failed."""
    from ..batches.rows import read_rows

    _check_workers(options.workers)
    part = parse_part(options.part) if options.part else WHOLE
    common = read_options(options, OPTIONS)
    common |= {name: _make_whole(common[name]) for name in _PATHS if name in common}
    rows = read_rows(options.queue, common)
    if options.report and options.report.resolve() == options.queue.resolve():
        raise BadInput(f"“{options.report}” is the queue itself: choose another report.")
    folder = options.output.absolute()
    if options.commands is not None:
        return _print_commands(options)
    if options.merge is not None:
        return _merge(options, folder, rows)
    return _make(options, folder, rows, part)


def _check_workers(count: int | None) -> None:
    if count is not None and count < 0:
        raise BadInput(
            f"There cannot be {count} workers: use 0 for one for each graphics card, or a number "
            "from 1 on."
        )


def _make(options: argparse.Namespace, folder: Path, rows: list[Row], part: Part) -> int:
    from ..batches.pace import Pace
    from ..batches.reports import ReportFile, name_report
    from ..batches.shelf import Shelf

    begun = time.monotonic()
    shelf = Shelf(folder)
    shelf.clear()
    mine = part.take(rows)
    report = ReportFile(options.report or name_report(folder, part), len(rows))
    bar, pace = Bar(quiet=options.quiet), Pace(len(mine))
    outcomes = []
    try:
        with _open(options, mine, shelf, bar, pace) as coming:
            for outcome in coming:
                outcomes.append(outcome)
                pace.add(outcome)
                report.add(outcome)
                if not outcome.ok:
                    bar.close()
                    print(f"texcore: {outcome.name}: {outcome.message}", file=sys.stderr)
    except (KeyboardInterrupt, Cancelled):
        bar.close()
        raise Cancelled(
            f"Stopped; {pace.done - pace.failed} of {len(mine)} rows are done. The same command "
            "goes on with the others."
        ) from None
    finally:
        bar.close()
        report.close()
    return _tell(outcomes, time.monotonic() - begun, report.path)


@contextlib.contextmanager
def _open(
    options: argparse.Namespace, rows: list[Row], shelf: Shelf, bar: Bar, pace: Pace
) -> Iterator[Iterator[Outcome]]:
    """What becomes of all rows, one after the other, here or on a cluster."""
    if options.workers is None and not options.scheduler and not options.jobs:
        from ..runtime import memory

        memory.set_share(memory.read_bytes(options.memory) if options.memory else None)
        with contextlib.closing(_do_rows(rows, shelf, bar, pace)) as coming:
            yield coming
        return
    from ..batches.cluster import Wanted, open_cluster
    from ..batches.farming import farm_rows
    from ..batches.rows import OWN_FOLDER

    own = shelf.folder / OWN_FOLDER
    wanted = Wanted(options.scheduler, options.jobs, options.workers, options.memory, own)
    with open_cluster(wanted) as cluster:
        if cluster.dashboard:
            bar.say(f"What the workers do: {cluster.dashboard}")

        def tick(workers: int) -> None:
            pace.workers = max(1, workers)
            words = f"{pace.done} of {pace.rows}, {workers} worker{'s' * (workers != 1)}"
            bar.show(words, pace.fraction, pace.remaining())

        with contextlib.closing(farm_rows(rows, shelf.folder, cluster, tick)) as coming:
            yield coming


def _do_rows(
    rows: Iterable[Row], shelf: Shelf, bar: Bar, pace: Pace
) -> Generator[Outcome, None, None]:
    """Make one row after the other in this process."""
    from ..batches.work import do_row

    for row in rows:

        def show(moment: Moment, row: Row = row) -> None:
            step = moment.step
            left = pace.remaining(moment.remaining)
            words = f"{pace.done + 1} of {pace.rows}, {row.name}: {step.stage.lower()}"
            bar.show(words, (pace.done + step.fraction) / pace.rows, left)

        yield do_row(row, shelf, show, bar.tick)


def _tell(outcomes: Iterable[Outcome], seconds: float, report: Path) -> int:
    """Say what came of all rows; returns the exit status."""
    from ..batches.outcomes import FAILED, MADE, THERE
    from ..batches.reports import count_states

    counts = count_states(outcomes)
    words = [f"{counts.get(MADE, 0)} made in {format_duration(seconds)}"]
    words += [f"{counts[THERE]} there already"] if THERE in counts else []
    words += [f"{counts[FAILED]} failed"] if FAILED in counts else []
    print(f"{', '.join(words)}; {report}")
    return int(FAILED in counts)


def _make_whole(word: str) -> str:
    """A path that leads somewhere, from the root on; any other word as it is."""
    return str(Path(word).absolute()) if safely(Path(word).exists) else word


def _print_commands(options: argparse.Namespace) -> int:
    """Print them with whole paths: a farm starts them elsewhere."""
    from ..batches.commands import list_commands

    if options.commands < 1:
        raise BadInput(f"There cannot be {options.commands} parts: use a number from 1 on.")
    queue, folder = options.queue.absolute(), options.output.absolute()
    words = [str(queue), f"--output={folder}", *_list_further(options)]
    report = options.report and options.report.absolute()
    program = [sys.executable, str(_PACKAGE)]
    for line in list_commands(program, words, options.commands, report):
        print(line)
    return 0


def _list_further(options: argparse.Namespace) -> list[str]:
    """The words of the command that was given that each part has, too."""
    given = argparse.Namespace(**vars(options))
    for name in _PATHS:
        if getattr(given, name) is not None:
            setattr(given, name, _make_whole(getattr(given, name)))
    words = write_options(given, OPTIONS)
    for name in _OF_A_PART:
        if getattr(options, name) not in (None, ""):
            words.append(f"--{name}={getattr(options, name)}")
    return [*words, *(["--quiet"] if options.quiet else [])]


def _merge(options: argparse.Namespace, folder: Path, rows: list[Row]) -> int:
    from ..batches.outcomes import FAILED
    from ..batches.reports import list_reports, merge, name_report, write_report
    from ..batches.shelf import Shelf

    merged = merge(list_reports(options.merge or [folder]), rows, Shelf(folder).find_row)
    target = options.report or name_report(folder)
    write_report(target, merged.outcomes)
    for outcome in merged.outcomes:
        if not outcome.ok:
            print(f"texcore: {outcome.name}: {outcome.message}", file=sys.stderr)
    for name, why in list(merged.missing.items())[:10]:
        print(f"texcore: {name}: {why}", file=sys.stderr)
    there = sum(outcome.ok for outcome in merged.outcomes)
    failed = sum(outcome.state == FAILED for outcome in merged.outcomes)
    print(f"{there} there, {failed} failed, {len(merged.missing)} missing; {target}")
    return int(not merged.ok)
