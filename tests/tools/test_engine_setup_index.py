"""The index that the set-up program has its installer from."""

import hashlib
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.set_up_program import index, locks, place, uv


class TestPipsSettings:
    def test_become_those_of_uv(self):
        lines = [
            "global.index-url='https://company.example/simple'",
            "global.extra-index-url='https://one.example  file:///two'",
            "install.find-links='/wheels /more'",
            "global.timeout='30'",
            "not a setting",
        ]
        assert uv.from_pip(lines, {}) == {
            "UV_DEFAULT_INDEX": "https://company.example/simple",
            "UV_INDEX": "https://one.example file:///two",
            "UV_FIND_LINKS": "/wheels,/more",
            "UV_INDEX_STRATEGY": "unsafe-best-match",
        }

    def test_variables_go_before_files_and_uvs_own_before_all(self):
        lines = ["global.index-url='https://file.example'", "global.cert='/etc/company.pem'"]
        variables = {"PIP_INDEX_URL": "https://variable.example", "SSL_CERT_FILE": "/mine.pem"}
        assert uv.from_pip(lines, variables) == {"UV_DEFAULT_INDEX": "https://variable.example"}


@pytest.mark.parametrize(
    ("name", "system", "machine_", "fits"),
    [
        ("uv-0.13.8-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", "linux", "x86_64", 1),
        (
            "uv-0.13.8-py3-none-manylinux_2_17_aarch64.manylinux2014_aarch64.whl",
            "linux",
            "x86_64",
            0,
        ),
        ("uv-0.13.8-py3-none-musllinux_1_1_x86_64.whl", "linux", "x86_64", 0),
        ("uv-0.13.8-py3-none-win_amd64.whl", "win32", "AMD64", 1),
        ("uv-0.13.8-py3-none-win_arm64.whl", "win32", "AMD64", 0),
        ("uv-0.13.8-py3-none-macosx_11_0_arm64.whl", "darwin", "arm64", 1),
        ("uv-0.13.8-py3-none-macosx_10_12_x86_64.whl", "darwin", "arm64", 0),
        ("uv-0.14.0rc1-py3-none-win_amd64.whl", "win32", "AMD64", 0),
        ("uv-0.13.8.tar.gz", "linux", "x86_64", 0),
        ("../../../uv-0.13.8-py3-none-manylinux_2_17_x86_64.whl", "linux", "x86_64", 0),
        ("/tmp/uv-0.13.8-py3-none-manylinux_2_17_x86_64.whl", "linux", "x86_64", 0),
        ("uv-0.13.8-py3-none-manylinux_2_17_x86_64/../../x.whl", "linux", "x86_64", 0),
        ("..\\uv-0.13.8-py3-none-win_amd64.whl", "win32", "AMD64", 0),
        ("c:uv-0.13.8-py3-none-win_amd64.whl", "win32", "AMD64", 0),
    ],
)
def test_wheels_for_a_computer(name, system, machine_, fits):
    assert index.fits(name, system, machine_) == bool(fits)


class Index:
    """A package index on this machine with one wheel of uv, and another of an older version."""

    def __init__(self, content):
        self.content, self.digest = content, hashlib.sha256(content).hexdigest()
        self.asked = []
        self.wanted = locks.Locked("uv", "0.13.8", "uv==0.13.8", frozenset({self.digest}))
        self.answer = b""
        here = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                here.asked.append(self.path)
                listed = self.path == "/simple/uv/"
                body = (here.answer or here.page()) if listed else here.content
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *words):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.names = [f"uv-{n}-py3-none-{_tag()}.whl" for n in ("0.9.0", "0.13.8")]

    def page(self):
        digests = ["0" * 64] * (len(self.names) - 1) + [self.digest]
        files = [
            {"filename": n, "url": f"../../files/{n}", "hashes": {"sha256": digest}}
            for n, digest in zip(self.names, digests, strict=True)
        ]
        return json.dumps({"files": files}).encode()


def _tag():
    import platform

    name = platform.machine()
    return {
        "linux": f"manylinux_2_17_{name}",
        "darwin": f"macosx_11_0_{name}",
        "win32": f"win_{name}",
    }[sys.platform]


@pytest.fixture
def server(monkeypatch):
    server = Index(b"a wheel")
    thread = threading.Thread(target=server.http.serve_forever)
    thread.start()
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.http.server_port}/simple/")
    yield server
    server.http.shutdown()
    server.http.server_close()
    thread.join()


class TestIndex:
    def test_the_wheel_that_is_wanted_is_fetched(self, server, tmp_path):
        path = index.fetch(server.wanted, tmp_path, lambda: None)
        assert path.read_bytes() == b"a wheel" and "0.13.8" in path.name
        assert server.asked == ["/simple/uv/", f"/files/{path.name}"]

    def test_damaged_one_is_refused(self, server, tmp_path):
        server.content = b"a wheal"
        with pytest.raises(place.Failed, match="damaged"):
            index.fetch(server.wanted, tmp_path, lambda: None)
        assert not list(tmp_path.iterdir())

    def test_one_that_the_index_vouches_for_but_the_list_does_not(self, server, tmp_path):
        server.content = b"another program"
        server.digest = hashlib.sha256(server.content).hexdigest()
        with pytest.raises(place.Failed, match=r"no uv 0\.13\.8 for this computer"):
            index.fetch(server.wanted, tmp_path, lambda: None)
        assert not list(tmp_path.iterdir()) and server.asked == ["/simple/uv/"]

    def test_a_name_leads_nowhere_but_into_the_folder(self, server, tmp_path):
        server.names[-1] = f"../escaped-1-py3-none-{_tag()}.whl"
        (tmp_path / "in").mkdir()
        with pytest.raises(place.Failed, match="no uv"):
            index.fetch(server.wanted, tmp_path / "in", lambda: None)
        assert [path.name for path in tmp_path.iterdir()] == ["in"]

    @pytest.mark.parametrize(
        ("answer", "words"),
        [
            (b"[" * 100_000, "cannot be reached"),
            (b"[]", "cannot be reached"),
            (b'{"files": {}}', "cannot be reached"),
            (b'{"files": [5, {}, {"hashes": []}, {"filename": 5, "hashes": {}}]}', "no uv"),
        ],
    )
    def test_an_answer_that_is_none_of_an_index(self, server, tmp_path, answer, words):
        server.answer = answer
        with pytest.raises(place.Failed, match=words):
            index.fetch(server.wanted, tmp_path, lambda: None)

    def test_none_for_this_computer(self, server, tmp_path):
        server.names = ["uv-0.13.8-py3-none-plan9_x86_64.whl"]
        with pytest.raises(place.Failed, match=r"no uv 0\.13\.8 for this computer"):
            index.fetch(server.wanted, tmp_path, lambda: None)

    def test_cancelled(self, server, tmp_path):
        def stop():
            raise place.Cancelled

        with pytest.raises(place.Cancelled):
            index.fetch(server.wanted, tmp_path, stop)

    def test_nobody_there(self, server, tmp_path, monkeypatch):
        monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
        with pytest.raises(place.Failed, match="cannot be reached"):
            index.fetch(server.wanted, tmp_path, lambda: None)
