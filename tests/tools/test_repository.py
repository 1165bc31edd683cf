import functools
import http.server
import json
import re
import subprocess
import threading
import zipfile
from pathlib import Path

import pytest

from tools import package, repository
from tools.console import environment
from tools.project import manifest

SESSION = Path(__file__).parent / "repository_session.py"


@pytest.fixture(scope="module")
def extension(tmp_path_factory, blender):
    folder = tmp_path_factory.mktemp("extension")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(package, "STAGE", folder / "stage" / "texcore_extension")
        return package.make_zip(blender, folder / "zip")


@pytest.fixture
def served(tmp_path):
    """A folder, and its address on this computer."""
    folder = tmp_path / "site"
    folder.mkdir()
    handler = functools.partial(_Silent, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class _Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *words):
        pass


@pytest.mark.slow
def test_blender_installs_updates_and_removes_from_a_repository(
    extension, served, blender, tmp_path
):
    site, address = served

    env = environment({"BLENDER_USER_RESOURCES": str(tmp_path / "profile")})
    repository.publish(blender, extension, site)
    with subprocess.Popen(
        [str(word) for word in blender.script(SESSION, f"{address}/index.json")],
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:

        def ask(verb):
            process.stdin.write(f"{verb}\n")
            process.stdin.flush()
            lines = []
            for line in process.stdout:
                lines.append(line)
                if line.startswith(f"{verb}: "):
                    return line.strip()
            raise AssertionError("".join(lines))

        assert ask("install") == f"install: {manifest()['version']} True"
        repository.publish(blender, _newer(extension, tmp_path / "newer"), site)
        assert {path.name for path in site.glob("*.zip")} == {extension.name, "texcore-9.0.0.zip"}
        assert [entry["version"] for entry in _listed(site)] == ["9.0.0"]
        assert ask("update") == "update: 9.0.0 True"
        assert ask("remove") == "remove: none False"
        process.stdin.close()
    assert process.returncode == 0


@pytest.mark.slow
def test_the_page_has_what_blender_takes_by_drag_and_drop(extension, blender, tmp_path):
    site = repository.publish(blender, extension, tmp_path / "site")
    page = (site / "index.html").read_text("utf-8")
    (link,) = re.findall(r'href="([^"]+)"', page)
    assert link.startswith(f"./{extension.name}?repository=.%2Findex.json&")
    assert "Drag the link" in page and "${" not in page
    (entry,) = _listed(site)
    assert entry["archive_url"] == f"./{extension.name}"
    again = repository.publish(blender, extension, tmp_path / "again")
    for name in ("index.json", "index.html", extension.name):
        assert (again / name).read_bytes() == (site / name).read_bytes()


def test_the_manifest_says_all_that_the_set_up_fetches():
    reason = manifest()["permissions"]["network"]
    assert all(word in reason for word in ("uv", "Python", "PyTorch", "weights"))
    assert len(reason) <= 64  # as many letters as Blender allows


def _newer(extension: Path, folder: Path) -> Path:
    """The same extension as a later version."""
    folder.mkdir()
    path = folder / "texcore-9.0.0.zip"
    with zipfile.ZipFile(extension) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "blender_manifest.toml":
                content = content.replace(manifest()["version"].encode(), b"9.0.0", 1)
            new.writestr(name, content)
    return path


def _listed(site: Path):
    return json.loads((site / "index.json").read_text("utf-8"))["data"]
