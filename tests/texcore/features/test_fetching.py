"""Where weights come from when none are here: servers on this machine that fail in every way."""

import hashlib
import io
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import torch

from tests.making import state_dict
from tests.running import closed_port
from texcore.contract.errors import Cancelled, Unavailable
from texcore.contract.published import PUBLISHED, VGG16_NAME
from texcore.features import RandomBank, weights
from texcore.features.fetching import published_name
from texcore.features.torchvision_import import import_torchvision


class Server:
    """Answers every GET with ``content``, and counts."""

    def __init__(self):
        self.content, self.status, self.promised, self.raw = b"", 200, None, False
        self.asked = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                server.asked.append(self.path)
                if server.raw:
                    self.wfile.write(server.content)
                    return
                self.send_response(server.status)
                self.send_header("Content-Length", str(server.promised or len(server.content)))
                self.end_headers()
                self.wfile.write(server.content)

            def log_message(self, *words):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"


def publish(monkeypatch, url):
    """Have torchvision say that VGG-19 is there."""
    monkeypatch.setattr(weights, "vgg19_url", lambda: url)
    monkeypatch.setattr(weights, "VGG19_NAME", published_name(url))


@pytest.fixture
def server(monkeypatch):
    server = Server()
    thread = threading.Thread(target=server.http.serve_forever)
    thread.start()
    monkeypatch.setenv("no_proxy", "*")
    publish(monkeypatch, f"{server.url}/vgg19-00000000.pth")
    yield server
    server.http.shutdown()
    server.http.server_close()
    thread.join()


@pytest.fixture
def published(server, monkeypatch):
    """The server has a VGG-19 under its right hash."""
    file = io.BytesIO()
    torch.save(state_dict(16), file)
    server.content = file.getvalue()
    digest = hashlib.sha256(server.content).hexdigest()
    publish(monkeypatch, f"{server.url}/vgg19-{digest[:8]}.pth")
    monkeypatch.setattr(weights, "VGG19_SHA256", digest)
    return f"vgg19-{digest[:8]}"


def test_its_address_and_hash_are_torchvisions():
    published = import_torchvision().models.VGG19_Weights.IMAGENET1K_V1
    assert weights.vgg19_url() == published.url
    assert published_name(published.url) == weights.VGG19_NAME
    assert weights.VGG19_NAME.endswith(f"-{weights.VGG19_SHA256[:8]}")
    assert re.fullmatch("[0-9a-f]{64}", weights.VGG19_SHA256)


def test_the_names_of_all_that_can_be_fetched_are_in_the_contract():
    assert {weights._published(name) for name in ("vgg19", "vgg16")} < set(PUBLISHED)
    assert VGG16_NAME.endswith(f"-{weights._VGG16_MEMBER_SHA256[:8]}")


def test_without_torchvision_the_next_source_is_asked(monkeypatch):
    def fail():
        raise Unavailable("torchvision cannot be used")

    monkeypatch.setattr(weights, "import_torchvision", fail)
    network, notes = weights.load()
    assert isinstance(network, RandomBank)
    assert notes == [weights.RANDOM_NOTE]
    assert set(weights.why_failed()) == {"vgg19", "vgg16"}
    assert weights.why_failed()["vgg19"] == "torchvision cannot be used"


def test_without_a_network_the_random_filters_are_used_and_said(monkeypatch):
    publish(monkeypatch, f"http://127.0.0.1:{closed_port()}/vgg19-0.pth")
    monkeypatch.setenv("no_proxy", "*")
    network, notes = weights.load()
    assert isinstance(network, RandomBank)
    assert notes == [weights.RANDOM_NOTE]
    assert set(weights.why_failed()) == {"vgg19", "vgg16"}


def test_a_source_that_failed_is_not_asked_again_at_once(server):
    server.status = 404
    weights.load()
    assert server.asked == ["/vgg19-00000000.pth"]
    assert isinstance(weights.load()[0], RandomBank)
    with pytest.raises(Unavailable, match="404"):
        weights.load("vgg19")
    assert len(server.asked) == 1


def test_a_source_that_failed_is_asked_again_after_a_minute(server, published, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(weights, "monotonic", lambda: now[0])
    server.status = 503
    assert isinstance(weights.load()[0], RandomBank)
    server.status = 200
    now[0] += 59
    assert isinstance(weights.load()[0], RandomBank)
    assert "503" in weights.why_failed()["vgg19"]
    now[0] += 2
    assert weights.load()[0].name == published
    assert "vgg19" not in weights.why_failed()


def test_what_was_fetched_is_kept(server, published):
    stages = []
    network, notes = weights.load(report=lambda stage, fraction: stages.append((stage, fraction)))
    assert (network.name, notes) == (published, [])
    fetching = [fraction for stage, fraction in stages if stage.startswith("Fetching")]
    assert fetching == sorted(fetching)
    assert fetching[-1] == 1
    again, _ = weights.load()
    assert again.name == published
    assert len(server.asked) == 1
    assert weights.cached("vgg19").name.startswith(published)


def test_a_file_with_another_hash_is_refused(server, published, home):
    server.content = server.content[:-1] + bytes([server.content[-1] ^ 1])
    with pytest.raises(Unavailable, match="hash is wrong"):
        weights.load("vgg19")
    assert not (home / "cache").exists()


def test_a_file_is_checked_by_its_whole_hash(server, published, home, monkeypatch):
    # The file that arrives has the eight digits that are in its name, and others after them.
    other = weights.VGG19_SHA256[:8] + "0" * 56
    monkeypatch.setattr(weights, "VGG19_SHA256", other)
    with pytest.raises(Unavailable, match="hash is wrong"):
        weights.load("vgg19")
    assert not (home / "cache").exists()


@pytest.mark.parametrize("promised", [None, 1 << 30], ids=["short", "cut-off"])
def test_a_download_cut_short_is_refused(server, published, promised):
    server.content, server.promised = server.content[:5000], promised
    with pytest.raises(Unavailable):
        weights.load("vgg19")


@pytest.mark.parametrize(
    "content", [b"", b"SSH-2.0-OpenSSH_9.6\r\n", b"HTTP/1.1 999999\r\n\r\n", b"\0" * 70000]
)
def test_an_answer_that_is_no_http_is_a_failure_like_any_other(server, content):
    server.raw, server.content = True, content
    network, _ = weights.load()
    assert isinstance(network, RandomBank)
    assert weights.why_failed()["vgg19"]


def test_the_first_choice_that_is_in_the_cache_is_used_without_asking(server, published):
    weights.load("vgg19")
    weights._failed.clear()
    server.status = 500
    assert weights.load("auto")[0].name == published
    assert len(server.asked) == 1


def test_cancelled_while_fetching_nothing_is_kept(server, published, home):
    def stop(stage, fraction):
        if fraction > 0:
            raise Cancelled

    with pytest.raises(Cancelled):
        weights.load(report=stop)
    assert not (home / "cache").exists()
    assert weights.load()[0].name == published


def test_random_asks_nobody(server):
    network, notes = weights.load("random")
    assert isinstance(network, RandomBank)
    assert notes == [weights.CHOSEN_RANDOM_NOTE]
    assert server.asked == []


def test_when_it_may_not_fetch_it_asks_nobody_until_it_may(server, published):
    network, notes = weights.load(online=False)
    assert isinstance(network, RandomBank)
    assert notes == [weights.RANDOM_NOTE]
    with pytest.raises(Unavailable, match="not allowed"):
        weights.load("vgg19", online=False)
    assert server.asked == []
    assert weights.load()[0].name == published
    assert weights.load(online=False)[0].name == published
    assert len(server.asked) == 1
