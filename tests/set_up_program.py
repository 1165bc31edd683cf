"""The parts of the set-up program, without the add-on around it, which needs Blender."""

import importlib.util
import sys

from tests.setting_up import ADDON


def _load_package():
    """Load the program's package from its folder."""
    folder = ADDON / "engine_setup"
    spec = importlib.util.spec_from_file_location(
        "engine_setup", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    sys.modules["engine_setup"] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)


_load_package()
from engine_setup import (  # noqa: E402
    index,
    locks,
    machine,
    place,
    processes,
    programs,
    pythons,
    steps,
    uv,
)

__all__ = [
    "index",
    "locks",
    "machine",
    "place",
    "processes",
    "programs",
    "pythons",
    "steps",
    "uv",
]
