"""Build, try and test Texcore: the one door for people and for continuous integration.

Python 3.11 or newer and nothing else; each verb sets up what it needs and is missing.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TypeAlias

if sys.version_info < (3, 11):
    sys.exit(f"build.py needs Python 3.11 or newer; this is {sys.version.split()[0]}.")

from texcore.contract.choices import QUALITIES
from texcore.contract.errors import TexcoreError
from texcore.contract.files import explain
from tools import (
    audit,
    bench,
    blenders,
    checks,
    console,
    demo,
    engine,
    locks,
    package,
    papers,
    photographs,
    repository,
    settings_table,
)
from tools.photographs.frames import FRAMES
from tools.project import BUILD, ROOT

Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def main() -> int:
    """Do what the command line says and return its exit status."""
    console.use_any_encoding()
    given, words = parser().parse_known_args()
    if words and not given.passes_on:
        parser().error(f"what is {words[0]}?")
    try:
        given.run(given, words)
    except (console.Failure, TexcoreError) as failure:
        console.say(f"\n{failure}")
        return 1
    except OSError as e:
        console.say(f"\n{e.filename or 'A file'} cannot be used ({explain(e)}).")
        return 1
    except KeyboardInterrupt:
        console.say("\nStopped.")
        return 130
    return 0


def parser() -> argparse.ArgumentParser:
    """Make the command line. What each verb does is its `run`; those that `passes_on` take more."""
    top = argparse.ArgumentParser(prog="build.py", description=__doc__)
    top.set_defaults(passes_on=False)
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB")
    _add_packaging(verbs)
    _add_making(verbs)
    _add_measuring(verbs)
    _add_checking(verbs)
    return top


def _add_packaging(verbs: Verbs) -> None:
    """Add the verbs that set the engine up, and those that make what is published."""
    set_up = verbs.add_parser(
        "setup", help="make the engine's environment, link it as .venv, fetch the weights"
    )
    set_up.set_defaults(run=lambda given, words: engine.fetch_weights(engine.set_up()))
    zip_ = verbs.add_parser("zip", help="build and validate the extension")
    zip_.set_defaults(run=_make_zip)
    zip_.add_argument("--output", type=Path, default=ROOT / "dist", metavar="DIR")
    zip_.add_argument(
        "--offline", action="store_true", help="with the network's weights inside, 27 MB"
    )
    site = verbs.add_parser(
        "repository", help="build the extension and a repository that Blender installs it from"
    )
    site.set_defaults(
        run=lambda given, words: repository.make_repository(
            blenders.find(), given.output, given.website
        )
    )
    site.add_argument("--output", type=Path, default=ROOT / "dist" / "repository", metavar="DIR")
    for packaging in (zip_, site):
        packaging.add_argument(
            "--website",
            default="",
            metavar="URL",
            help="address for the manifest (default: Homepage of [project.urls] in pyproject.toml, "
            "if it is there)",
        )


def _make_zip(given: argparse.Namespace, words: list[str]) -> None:
    """Build the extension, with the network's weights if they were asked for."""
    python = engine.set_up() if given.offline else None
    package.make_zip(blenders.find(), given.output, python, given.website)


def _add_making(verbs: Verbs) -> None:
    """Add the verbs that write what is in the repository: pictures, documents, lists."""
    show = verbs.add_parser("demo", help="synthesise a texture in Blender, render before and after")
    show.set_defaults(
        run=lambda given, words: demo.demo(given.image, given.size, given.quality, given.output)
    )
    show.add_argument("--image", type=Path, default=demo.EXEMPLAR, metavar="PICTURE")
    show.add_argument("--size", type=int, default=0, metavar="N", help="longer side in pixels")
    show.add_argument("--quality", choices=[q.id for q in QUALITIES], default="standard")
    show.add_argument("--output", type=Path, default=BUILD / "demo", metavar="DIR")
    docs = verbs.add_parser(
        "docs", help="write the settings into docs/blender.md, as their table has them"
    )
    docs.set_defaults(run=lambda given, words: settings_table.write())
    lock = verbs.add_parser(
        "lock", help="choose anew the versions and hashes that the add-on's set-up installs"
    )
    lock.set_defaults(run=lambda given, words: locks.lock())
    look_up = verbs.add_parser(
        "audit", help="look up the packages of these lists in PyPI's database of vulnerabilities"
    )
    look_up.set_defaults(run=lambda given, words: audit.audit())


def _add_measuring(verbs: Verbs) -> None:
    """Add the verbs that measure, run experiments and take pictures."""
    measure = verbs.add_parser(
        "bench",
        help="measure how fast it is, into benchmarks/; what follows goes to benchmarks.speed: "
        "--quick, --sizes 256,1024, --weights random-vgg, --judge PROGRAM and more",
    )
    measure.set_defaults(run=lambda given, words: bench.bench(given.python, words), passes_on=True)
    measure.add_argument(
        "--python", metavar="PROGRAM", help="one that has PyTorch; nothing is installed then"
    )
    again = verbs.add_parser(
        "papers",
        help="run the papers' experiments, hours of them, into docs/papers.md; what is finished is "
        "not run again; what follows goes to benchmarks.papers: gatys, lasting, converging, "
        "snelgrove, large, smooth, regions, averages, ours, canvas; --quick: half the side, few "
        "evaluations; --compose: run nothing",
    )
    again.set_defaults(run=lambda given, words: papers.papers(words, given.cache), passes_on=True)
    again.add_argument("--cache", type=Path, default=papers.CACHE, metavar="DIR")
    render = verbs.add_parser(
        "exemplars",
        help="render demo/exemplars anew; what follows are names of scenes",
    )
    render.set_defaults(run=lambda given, words: papers.exemplars(words), passes_on=True)
    look = verbs.add_parser(
        "photographs",
        help="take pictures of Blender's window for docs anew; what follows are names, such as "
        f"{', '.join(list(FRAMES)[:3])}",
    )
    look.set_defaults(run=lambda given, words: photographs.photograph(words), passes_on=True)


def _add_checking(verbs: Verbs) -> None:
    """Add the verbs that run tests; all that they do not know goes on, ``--help`` too."""
    break_ = verbs.add_parser(
        "faults",
        help="hours of kills, damaged files and full disks, counted; what follows goes to "
        "tests/faults/campaigns: kills=20 pictures=500, --seed N, --write into docs/reliability.md",
        add_help=False,
    )
    break_.set_defaults(run=lambda given, words: checks.faults(words), passes_on=True)
    test = verbs.add_parser(
        "test",
        help="run every check; what follows goes to pytest, and then only tests are run; --quick: "
        "without any Blender and slow tests; --desktop: in Blender's window too",
        add_help=False,
    )
    test.set_defaults(
        run=lambda given, words: checks.test(words, given.desktop, given.quick), passes_on=True
    )
    test.add_argument("--desktop", action="store_true")
    test.add_argument("--quick", action="store_true")


if __name__ == "__main__":
    sys.exit(main())
