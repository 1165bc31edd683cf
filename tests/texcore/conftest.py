"""What the tests of the engine share."""

import os
import signal

import hypothesis
import pytest
import torch

from tests import unmeasured
from tests.running import offline
from texcore.features import RandomBank, weights
from texcore.service import calibrating

hypothesis.settings.register_profile(
    "texcore", deadline=None, derandomize=True, max_examples=30, database=None
)
hypothesis.settings.load_profile("texcore")

# The user's own; each test has another.
_USERS_HOME = os.environ.get("TEXCORE_HOME", "")


@pytest.fixture
def best_home():
    """The user's home of Texcore, where a published network may be; empty for the default."""
    return _USERS_HOME


@pytest.fixture(autouse=True)
def home(tmp_path_factory, monkeypatch):
    """An empty home of Texcore, and no network."""
    folder = tmp_path_factory.mktemp("user") / "home"
    for name in [name for name in os.environ if name.upper().startswith("PIP_")]:
        monkeypatch.delenv(name)
    for name, value in offline().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TEXCORE_HOME", str(folder))
    monkeypatch.setattr(weights, "_failed", {})
    return folder


@pytest.fixture(autouse=True)
def measured(monkeypatch):
    """Let no run measure the machine, as the first in each of these homes would."""
    monkeypatch.setattr(calibrating, "_measure_machine", unmeasured.measure_machine)
    monkeypatch.setattr(calibrating, "_measure_network", unmeasured.measure_network)


@pytest.fixture(autouse=True, scope="session")
def one_thread():
    """Sums in the same order on every machine."""
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _handlers():
    """The command line sets a handler of its own."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="session")
def bank():
    """The bank of random filters, thinner than the real one."""
    return RandomBank.seeded(0, channels=6)


@pytest.fixture
def thin(monkeypatch, bank):
    """The random filters, fewer of them."""
    monkeypatch.setattr(weights.RandomBank, "seeded", classmethod(lambda cls: bank))
