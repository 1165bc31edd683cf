import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import tomllib

import build
from tests import running
from tests.making import blobs, save_png
from texcore import pictures
from texcore.features import half, weights
from tools import package
from tools.blenders import profile
from tools.console import Failure, run
from tools.project import ROOT, homepage, manifest, requirements


@pytest.fixture
def stage(tmp_path, monkeypatch):
    monkeypatch.setattr(package, "STAGE", tmp_path / "stage" / "texcore_extension")
    return package.STAGE


@pytest.fixture
def zipped(stage, blender, tmp_path):
    return package.make_zip(blender, tmp_path / "dist")


@pytest.mark.slow
def test_zip_holds_addon_engine_and_licence(zipped):
    with zipfile.ZipFile(zipped) as archive:
        names = set(archive.namelist())
        for source in (ROOT / "texcore").rglob("*.py"):
            name = f"bundled/{source.relative_to(ROOT).as_posix()}"
            assert archive.read(name) == source.read_bytes()
    addon = {p.relative_to(ROOT / "blender_addon").as_posix() for p in _python("blender_addon")}
    assert addon | {"blender_manifest.toml", "LICENSE", "bundled/__init__.py"} <= names


def test_the_manifest_tells_of_the_clipboard_and_says_all_in_a_few_words():
    permissions = manifest()["permissions"]
    uses = any(".clipboard = " in path.read_text("utf-8") for path in _python("blender_addon"))
    assert uses and set(permissions) == {"files", "network", "clipboard"}
    # As Blender's tool wants them.
    assert all(len(why) <= 64 and why[-1].isalnum() for why in permissions.values())


@pytest.mark.slow
def test_zip_holds_nothing_else(zipped):
    with zipfile.ZipFile(zipped) as archive:
        names = archive.namelist()
    assert not [n for n in names if "__pycache__" in n or "test" in n or n.endswith((".pyc", "~"))]
    assert not [n for n in names if n.startswith("/") or ".." in n]


@pytest.mark.slow
def test_same_sources_give_the_same_bytes(zipped, blender, tmp_path):
    again = package.make_zip(blender, tmp_path / "again")
    assert again.read_bytes() == zipped.read_bytes()


@pytest.mark.slow
def test_validation_refuses_a_zip_without_manifest(zipped, blender, tmp_path):
    crippled = tmp_path / "crippled.zip"
    with zipfile.ZipFile(zipped) as old, zipfile.ZipFile(crippled, "w") as new:
        for name in old.namelist():
            if name != "blender_manifest.toml":
                new.writestr(name, old.read(name))
    with profile() as env, pytest.raises(Failure, match="manifest"):
        run(blender.extension_tool("validate", str(crippled)), doing="validating", env=env)


def test_versions_that_differ_are_refused(stage, monkeypatch):
    monkeypatch.setattr("texcore.__version__", "99.0")
    with pytest.raises(Failure, match=r"99\.0"):
        package.make_stage()


def staged_website(stage):
    return tomllib.loads((stage / "blender_manifest.toml").read_text("utf-8")).get("website")


def test_the_manifest_names_a_website_only_if_it_is_given_one(stage, monkeypatch):
    assert staged_website(package.make_stage()) == (homepage() or None)
    monkeypatch.setattr(package, "homepage", lambda: "https://example.org")
    assert staged_website(package.make_stage()) == "https://example.org"
    given = "https://example.org:8080/texcore?for=artists#top"
    assert staged_website(package.make_stage(given)) == given
    said = tomllib.loads((stage / "blender_manifest.toml").read_text("utf-8"))
    assert said == manifest() | {"website": given}


@pytest.mark.parametrize(
    "website",
    ["http://example.org", "example.org", "https://", "https://a b.org", 'https://a.org/"\n', "no"],
)
def test_a_website_that_is_no_address_is_refused_in_one_sentence(stage, website, monkeypatch):
    with pytest.raises(Failure, match="is no address of a website: give one such as https://"):
        package.make_stage(website)
    monkeypatch.setattr(package, "homepage", lambda: website)
    with pytest.raises(Failure, match="is no address of a website"):
        package.make_stage()
    assert not stage.exists()


@pytest.mark.slow
def test_blender_takes_a_zip_with_a_website(stage, blender, tmp_path):
    given = "https://example.org/texcore"
    with zipfile.ZipFile(package.make_zip(blender, tmp_path, website=given)) as archive:
        said = tomllib.loads(archive.read("blender_manifest.toml").decode())
    assert said["website"] == given


@pytest.mark.parametrize("verb", ["zip", "repository"])
def test_the_command_line_takes_a_website(verb):
    words = [verb, "--website", "https://example.org"]
    assert build.parser().parse_args(words).website == "https://example.org"
    assert build.parser().parse_args([verb]).website == ""


def _python(folder):
    return (ROOT / folder).rglob("*.py")


@pytest.mark.slow
def test_offline_zip_makes_a_texture_with_an_empty_cache_and_no_network(stage, blender, tmp_path):
    if weights.cached("vgg16") is None:
        pytest.skip("the weights of VGG-16 are not on this computer: “build.py setup” fetches them")
    path = package.make_zip(blender, tmp_path / "dist", Path(sys.executable))
    assert path.name.endswith("-offline.zip") and path.stat().st_size < 30e6
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "zip")
    engine = tmp_path / "zip" / "bundled"
    exemplar, out = tmp_path / "exemplar.png", tmp_path / "out.png"
    save_png(exemplar, blobs(32, 32))
    words = ["synthesize", exemplar, "-o", out, "--size", "32", "--quality", "draft", "-q"]
    environment = running.environment(tmp_path / "empty home") | {"PYTHONPATH": str(engine)}
    done = subprocess.run(
        [sys.executable, "-m", "texcore", *map(str, words)],
        cwd=engine,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0 and done.stderr == "", done.stderr
    assert pictures.read_recipe(out).network == half.NAME
    # Nothing is fetched; only how long it took is kept, for the next time it is asked.
    assert [path.name for path in (tmp_path / "empty home").rglob("*.*")] == ["estimates.json"]


@pytest.mark.slow
def test_zip_says_what_the_engine_needs(zipped):
    with zipfile.ZipFile(zipped) as archive:
        assert tuple(archive.read("bundled/requirements.txt").decode().split("\n")[:-1]) == (
            requirements()
        )
        for name in ("engine", "uv"):  # and which versions of it, by which hashes
            lock = f"engine_setup/locks/{name}.txt"
            assert archive.read(lock) == (ROOT / "blender_addon" / lock).read_bytes()
        assert not [name for name in archive.namelist() if "weights/" in name]
