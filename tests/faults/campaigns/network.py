"""The network is lost at every request of a set-up: a sentence, nothing half, and it goes on."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests import setting_up

from .counting import Outcome


def campaign(rng, count, folder, exemplar):
    """Set up so often, each time losing the network at another request."""
    outcome = Outcome("Set-ups that lose the network")
    wheels = setting_up.wheelhouse(folder / "wheels")
    lock = setting_up.locked(wheels, folder / "lock.txt")
    engine = setting_up.engine(folder / "engine")
    with _Index(wheels) as index:

        def set_up(where, answers):
            index.left = answers
            words = ("--lock", lock, "--python", getattr(sys, "_base_executable", sys.executable))
            more = {"PIP_INDEX_URL": index.address, "PIP_RETRIES": "0", "no_proxy": "*"}
            return setting_up.run(folder / where, engine, *words, **more, **_OTHERS)

        first = set_up("whole", 10**6)
        requests = 10**6 - index.left
        if first.returncode:
            outcome.fallen.append(f"with a network it fails: {first.stdout[-500:]}")
            return outcome.done()
        # Each request once before any comes twice.
        order = rng.sample(range(requests), requests)
        for number in range(count):
            lost = order[number % requests]
            done = set_up("lost", lost)
            outcome.note(*_judge(folder / "lost", done, lost))
        again = set_up("lost", 10**6)
        if again.returncode:
            outcome.fallen.append(f"it does not go on afterwards: {again.stdout[-500:]}")
    outcome.remark = f"A whole set-up asks {requests} times"
    return outcome.done()


#: Of this machine's own settings none shall lead elsewhere.
_OTHERS = {"PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": "/dev/null", "PIP_EXTRA_INDEX_URL": ""}


class _Index:
    """A package index that answers so often, and then closes every connection."""

    def __init__(self, wheels):
        self.left = 0
        here = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                here.left -= 1
                if here.left < 0:
                    self.close_connection = True
                    return
                name = self.path.rstrip("/").rpartition("/")[2]
                if self.path.startswith("/files/"):
                    self._say((wheels / name).read_bytes(), "application/octet-stream")
                else:
                    self._say(_page(wheels, name), "text/html")

            def _say(self, content, kind):
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                with contextlib.suppress(ConnectionError):
                    self.wfile.write(content)

            def log_message(self, *words):
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._http.server_port}/simple"
        self._thread = threading.Thread(target=self._http.serve_forever)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *error):
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


def _page(wheels, name):
    """What an index says of a package (PEP 503)."""
    links = []
    for wheel in sorted(wheels.glob(f"{name.replace('-', '_')}-*.whl")):
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        links.append(f'<a href="/files/{wheel.name}#sha256={digest}">{wheel.name}</a>')
    return f"<!DOCTYPE html><html><body>{''.join(links)}</body></html>".encode()


def _judge(folder, done, lost):
    """How a set-up ended that lost the network at a request, and what is wrong with that."""
    state = json.loads((folder / "setup.json").read_text(encoding="utf-8"))
    words, wrong = state["message"], []
    if done.returncode == 0 and (folder / "engine.json").exists():
        return ("done, for it could do without what was lost",)
    if "Traceback" in done.stdout or "made a mistake" in words or "\n" in words or not words:
        wrong.append(f"request {lost}: no sentence: {words!r} {done.stdout[-300:]!r}")
    if state["status"] != "failed" or not state["fix"]:
        wrong.append(f"request {lost}: it says {state}")
    environments = folder / "e"
    if (folder / "engine.json").exists() or (environments.exists() and any(environments.iterdir())):
        wrong.append(f"request {lost}: something half made is left")
    return ("refused in a sentence, nothing half made", *wrong)
