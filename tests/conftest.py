"""Which tests begin first where several processes share them."""

from collections import Counter
from pathlib import Path

import pytest

_HERE = Path(__file__).parent
#: Few tests that take long: begun last, they would keep one process busy while the others are done.
LONG = (
    "desktop/test_session.py",
    "faults/test_campaigns.py",
    "desktop/test_material_session.py",
    "texcore/runtime/test_processes.py",
    "faults/test_stopped.py",
    "faults/test_output.py",
    "texcore/runtime/test_torchrun.py",
    "texcore/synthesis/test_forecast.py",
    "texcore/layout/test_straightening.py",
    "faults/test_resumed.py",
    "faults/test_batches.py",
    "texcore/link/test_relay.py",
    "tools/test_engine_setup.py",
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the long files first, then those of many tests, as xdist does."""
    if not hasattr(config, "workerinput"):
        return
    counts = Counter(item.path for item in items)
    places = {_HERE / name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: (places.get(item.path, len(LONG)), -counts[item.path]))
