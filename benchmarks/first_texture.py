"""How many clicks and seconds a new artist needs from the tab to the first texture.

    python3 benchmarks/first_texture.py [--window 1600 900]

A Blender with an empty profile, its own cube, `demo/exemplar.png` from the disk, an engine that is
set up but not started, and the settings as they are; then a second texture, twice as large. What an
artist looks and thinks is not in the seconds. The steps are those of
``tests/desktop/inside/first_texture.py``.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from texcore.contract.user_folders import HOME_VARIABLE, cache_dir  # noqa: E402
from tools import blenders, desktop, engine  # noqa: E402
from tools.package import make_zip  # noqa: E402
from tools.project import BUILD  # noqa: E402


def main() -> None:
    """Run it and print what it found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--window", type=int, nargs=2, default=(1600, 900), metavar="PIXELS")
    given = parser.parse_args()
    python = engine.set_up()
    engine.fetch_weights(python)
    blender, zip_ = desktop.find(), make_zip(blenders.find(), BUILD / "first-texture")
    inside, checks = ROOT / "tests/desktop/inside", ROOT / "tests/blender/inside"
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="texcore-first-") as name:
        folder = Path(name)
        shutil.copytree(cache_dir() / "weights", folder / "texcore" / "cache" / "weights")
        found = blender.run_script(
            inside / "first_texture.py",
            folder,
            [ROOT, zip_.parent, *desktop.list_engine_folders(python)],
            {
                HOME_VARIABLE: str(folder / "texcore"),
                "TEXCORE_PYTHON": str(python),
                "TEXCORE_ZIP": str(zip_),
                "TEXCORE_TEST_PICTURE": str(ROOT / "demo" / "exemplar.png"),
                "PYTHONPATH": f"{inside}:{checks}",
            },
            size=tuple(given.window),
        )
    print(json.dumps(found, indent=1, ensure_ascii=False))
    print(f"{os.cpu_count()} cores; load before: {before:.1f}, after: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
