"""Build, try and test Texcore: the one door for people and for continuous integration.

Python 3.11 or newer and nothing else; each verb sets up what it needs and is missing.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

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


def main() -> int:
    """Do what the command line says and return its exit status."""
    console.use_any_encoding()
    given, words = parser().parse_known_args()
    if words and given.verb not in (
        "test",
        "bench",
        "faults",
        "papers",
        "exemplars",
        "photographs",
    ):
        parser().error(f"what is {words[0]}?")
    try:
        if given.verb == "setup":
            engine.fetch_weights(engine.set_up())
        elif given.verb == "zip":
            python = engine.set_up() if given.offline else None
            package.make_zip(blenders.find(), given.output, python, given.website)
        elif given.verb == "repository":
            repository.make_repository(blenders.find(), given.output, given.website)
        elif given.verb == "docs":
            settings_table.write()
        elif given.verb == "lock":
            locks.lock()
        elif given.verb == "audit":
            audit.audit()
        elif given.verb == "demo":
            demo.demo(given.image, given.size, given.quality, given.output)
        elif given.verb == "faults":
            checks.faults(words)
        elif given.verb == "bench":
            bench.bench(given.python, words)
        elif given.verb == "papers":
            papers.papers(words, given.cache)
        elif given.verb == "exemplars":
            papers.exemplars(words)
        elif given.verb == "photographs":
            photographs.photograph(words)
        else:
            checks.test(words, given.desktop, given.quick)
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
    """The command line."""
    top = argparse.ArgumentParser(prog="build.py", description=__doc__)
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB")
    verbs.add_parser(
        "setup", help="make the engine's environment, link it as .venv, fetch the weights"
    )
    zip_ = verbs.add_parser("zip", help="build and validate the extension")
    zip_.add_argument("--output", type=Path, default=ROOT / "dist", metavar="DIR")
    zip_.add_argument(
        "--offline", action="store_true", help="with the network's weights inside, 27 MB"
    )
    site = verbs.add_parser(
        "repository", help="build the extension and a repository that Blender installs it from"
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
    show = verbs.add_parser("demo", help="synthesise a texture in Blender, render before and after")
    show.add_argument("--image", type=Path, default=demo.EXEMPLAR, metavar="PICTURE")
    show.add_argument("--size", type=int, default=0, metavar="N", help="longer side in pixels")
    show.add_argument("--quality", choices=[q.id for q in QUALITIES], default="standard")
    show.add_argument("--output", type=Path, default=BUILD / "demo", metavar="DIR")
    verbs.add_parser(
        "docs", help="write the settings into docs/blender.md, as their table has them"
    )
    verbs.add_parser(
        "lock", help="choose anew the versions and hashes that the add-on's set-up installs"
    )
    verbs.add_parser(
        "audit", help="look up the packages of these lists in PyPI's database of vulnerabilities"
    )
    measure = verbs.add_parser(
        "bench",
        help="measure how fast it is, into benchmarks/; what follows goes to benchmarks.speed: "
        "--quick, --sizes 256,1024, --weights random-vgg, --judge PROGRAM and more",
    )
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
    again.add_argument("--cache", type=Path, default=papers.CACHE, metavar="DIR")
    verbs.add_parser(
        "exemplars",
        help="render demo/exemplars anew; what follows are names of scenes",
    )
    verbs.add_parser(
        "photographs",
        help="take pictures of Blender's window for docs anew; what follows are names, such as "
        f"{', '.join(list(FRAMES)[:3])}",
    )
    verbs.add_parser(
        "faults",
        help="hours of kills, damaged files and full disks, counted; what follows goes to "
        "tests/faults/campaigns: kills=20 pictures=500, --seed N, --write into docs/reliability.md",
        add_help=False,
    )
    test = verbs.add_parser(
        "test",
        help="run every check; what follows goes to pytest, and then only tests are run; --quick: "
        "without any Blender and slow tests; --desktop: in Blender's window too",
        add_help=False,
    )
    test.add_argument("--desktop", action="store_true")
    test.add_argument("--quick", action="store_true")
    return top


if __name__ == "__main__":
    sys.exit(main())
