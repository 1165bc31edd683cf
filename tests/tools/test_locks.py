"""The lists that the add-on's set-up installs from, against what pyproject.toml asks for."""

import importlib.util
import itertools
import sys

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tools import locks as tool
from tools.project import requirements

# Loaded by its path: the add-on around it needs Blender.
_spec = importlib.util.spec_from_file_location("lists", tool.FOLDER / "__init__.py")
lists = importlib.util.module_from_spec(_spec)
sys.modules["lists"] = lists
_spec.loader.exec_module(lists)

PYTHONS = [f"3.{minor}" for minor in range(10, 15)]
SYSTEMS = {
    "linux": {"sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64"},
    "arm": {"sys_platform": "linux", "platform_system": "Linux", "platform_machine": "aarch64"},
    "mac": {"sys_platform": "darwin", "platform_system": "Darwin", "platform_machine": "arm64"},
    "windows": {"sys_platform": "win32", "platform_system": "Windows", "platform_machine": "AMD64"},
}
COMPUTERS = list(itertools.product(PYTHONS, SYSTEMS))


def canonical(name):
    return name.lower().replace("_", "-").replace(".", "-")


def applying(python, system):
    """The versions of each package that a list has for a computer."""
    here = {"python_version": python, "python_full_version": f"{python}.5", **SYSTEMS[system]}
    found = {}
    for package in lists.read(lists.ENGINE):
        marker = Requirement(package.requirement).marker
        if marker is None or marker.evaluate(here):
            found.setdefault(canonical(package.name), []).append(Version(package.version))
    return found


@pytest.mark.parametrize(("python", "system"), COMPUTERS)
def test_every_computer_gets_one_version_within_each_range(python, system):
    found = applying(python, system)
    assert all(len(versions) == 1 for versions in found.values())
    for line in requirements():
        wanted = Requirement(line)
        (version,) = found[canonical(wanted.name)]
        assert wanted.specifier.contains(version), f"run “python3 build.py lock”: {line}, {version}"


def test_every_version_has_hashes_of_all_its_digits():
    packages = lists.read(lists.ENGINE) + lists.read(lists.UV)
    assert len(packages) > 30
    assert all(len(digest) == 64 for package in packages for digest in package.hashes)
    assert [package.name for package in lists.read(lists.UV)] == ["uv"]


def test_what_is_built_per_accelerator_is_told_from_the_rest():
    own = {package.name for package in lists.read(lists.ENGINE) if package.per_accelerator}
    rest = {package.name for package in lists.read(lists.ENGINE)} - own
    assert {"torch", "torchvision", "triton", "nvidia-cublas"} <= own
    assert {canonical(Requirement(line).name) for line in requirements()} - own <= rest
    assert not {name for name in rest if name.startswith(("nvidia", "cuda"))}


def test_a_line_is_read_as_it_was_written(tmp_path):
    packages = lists.read(lists.ENGINE)
    (tmp_path / "again.txt").write_text("".join(p.line for p in packages), encoding="utf-8")
    assert lists.read(tmp_path / "again.txt") == packages


@pytest.mark.parametrize("line", ["torch>=2", "torch==2.13.0", "torch==2.13.0 --hash=md5:00"])
def test_a_line_that_pins_nothing_is_refused(tmp_path, line):
    (tmp_path / "list.txt").write_text(f"# Made\n{line}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="no version or no hash"):
        lists.read(tmp_path / "list.txt")


def test_a_list_that_cannot_be_made_leaves_the_old_one(tmp_path, monkeypatch):
    monkeypatch.setattr(tool, "FOLDER", tmp_path)
    (tmp_path / "engine.txt").write_text("old", encoding="utf-8")

    def fail(command, doing):
        raise tool.Failure(f"Failed while {doing}.")

    monkeypatch.setattr(tool, "run", fail)
    with pytest.raises(tool.Failure, match="locking engine"):
        tool._write(tmp_path / "python", "engine", requirements())
    assert [path.name for path in tmp_path.iterdir()] == ["engine.txt"]
    assert (tmp_path / "engine.txt").read_text(encoding="utf-8") == "old"
