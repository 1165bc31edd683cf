"""What the set-up program has other programs do, and what it says when they fail."""

import re
import sys
from pathlib import Path

import pytest

from tests.set_up_program import locks, machine, place, programs, pythons, steps, uv
from tests.setting_up import ADDON, PACKAGES
from tools.project import requirements


def test_there_is_a_tiny_package_for_each_that_the_engine_needs():
    names = {re.match(r"[\w-]+", requirement)[0] for requirement in requirements()}
    assert names == set(PACKAGES)


class Answering:
    """In the place of programs: says what a program would, and notes what was asked of it."""

    variables: dict = {}  # noqa: RUF012

    def __init__(self, said, unreachable=("download",)):
        self.said, self.unreachable, self.asked, self.noted = said, unreachable, [], []

    def run(self, command, *words, **more):
        self.asked.append([str(word) for word in command])
        if any(word in command for word in self.unreachable):
            raise place.Failed("nothing is fetched here")
        return self.said

    def answers(self, command):
        return bool(self.run(command))

    def note(self, text):
        self.noted.append(text)


@pytest.mark.parametrize("card", ["none", "NVIDIA", "Apple"])
@pytest.mark.parametrize("pytorchs_index", [True, False])
def test_nothing_is_installed_but_by_hash_or_from_pytorchs_index(
    tmp_path, monkeypatch, card, pytorchs_index
):
    monkeypatch.setattr(machine, "accelerator", lambda: card)
    system = "darwin" if card == "Apple" else "linux"
    own = machine.needs_own_build
    monkeypatch.setattr(machine, "needs_own_build", lambda card: own(card, system))
    here = place.EngineFolder(tmp_path)
    here.temporary.mkdir()
    asked = Answering("said", () if pytorchs_index else ("--dry-run",))
    order = steps.Order(("torch>=2",), tmp_path)
    steps.SetUp(here, order, asked, place.SetUpProgress())._install(
        tmp_path / "python", tmp_path / "uv"
    )
    installs = [words for words in asked.asked if "install" in words and "--dry-run" not in words]
    if pytorchs_index and card != "Apple":
        others, builds = installs
        listed = Path(others[others.index("--requirement") + 1])
        assert {"--require-hashes", "--no-deps"} <= set(others)
        names = {package.name for package in locks.read(listed)}
        assert "numpy" in names and "torch" not in names
        assert "--torch-backend=auto" in builds
        wanted = {p.requirement for p in locks.read(locks.ENGINE) if p.name in names | {"torch"}}
        assert next(word for word in builds if word.startswith("torch==")) in wanted
        assert not [word for word in builds if ">" in word]
    else:
        (everything,) = installs
        assert everything[-3:] == ["--require-hashes", "--requirement", str(locks.ENGINE)]


def test_a_repair_leaves_the_old_python_until_there_is_another(tmp_path, monkeypatch):
    here = place.EngineFolder(tmp_path)
    for folder in (here.cache, here.tools, here.pythons):
        folder.mkdir()
        (folder / "old").touch()
    monkeypatch.setattr(uv, "provide", lambda place, programs: tmp_path / "uv")
    asked = Answering("python", ("venv",))
    order = steps.Order(("torch>=2",), tmp_path, repair=True)
    with pytest.raises(place.Failed, match="nothing is fetched"):
        steps.SetUp(here, order, asked, place.SetUpProgress())._environment()
    assert (here.pythons / "old").exists()
    assert not (here.cache / "old").exists() and not here.tools.exists()
    (install,) = (words for words in asked.asked if "install" in words)
    assert install[1:] == ["python", "install", "--no-bin", "--reinstall", pythons.FETCHED]


@pytest.mark.parametrize("version", ["0.9.0", "as listed"])
def test_an_installer_of_another_version_is_fetched_anew(tmp_path, version):
    (listed,) = locks.read(locks.UV)
    here = place.EngineFolder(tmp_path)
    here.tools.mkdir()
    program = here.tools / ("uv.exe" if sys.platform == "win32" else "uv")
    program.touch()
    said = Answering(f"uv {listed.version if version == 'as listed' else version} (some system)")
    if version == "as listed":
        assert uv.provide(here, said) == program
    else:
        with pytest.raises(place.Failed, match="nothing is fetched"):
            uv.provide(here, said)
        assert {"--require-hashes", str(locks.UV)} <= set(said.asked[-1])


@pytest.mark.parametrize(
    ("said", "words", "fix"),
    [
        ("error: failed to write: No space left on device (os error 28)", "disk is full", "folder"),
        ("cause: dns error\ncause: error resolving DNS", "cannot be reached", "retry"),
        ("SSLCertVerificationError: certificate verify failed", "not trusted", "wheels"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES FROM THE FILE", "its hash is another", "wheels"),
        ("error: Hash mismatch for `torch==2.13.0`", "its hash is another", "wheels"),
        ("error: In `--require-hashes` mode, no trusted hash", "its hash is another", "wheels"),
        ("No solution found when resolving dependencies", "no build", "python"),
        ("The filename or extension is too long. (os error 206)", "too long", "folder"),
        ("first\nsomething odd", "something odd", "retry"),
        ("", "said nothing", "retry"),
    ],
)
def test_last_words_become_a_sentence(said, words, fix):
    failed = programs.explained(said, "installing")
    assert words in str(failed) and failed.fix == fix and "\n" not in str(failed)


@pytest.mark.parametrize("version", ["3.9", "2.7", "3.15"])
def test_pythons_that_pytorch_has_no_build_for(version):
    class Programs:
        def run(self, *words, **more):
            return f"[{version.replace('.', ', ')}, 8]"

    assert pythons.examine(Programs(), ADDON) is None
