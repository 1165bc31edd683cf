"""The parts of the set-up program that need no environment."""

import errno
import hashlib
import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.setting_up import ADDON, PACKAGES
from tools.project import requirements


def _package():
    """The add-on's package without the add-on, which needs Blender."""
    folder = ADDON / "engine_setup"
    spec = importlib.util.spec_from_file_location(
        "engine_setup", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    sys.modules["engine_setup"] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)


_package()
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


def test_there_is_a_tiny_package_for_each_that_the_engine_needs():
    names = {re.match(r"[\w-]+", requirement)[0] for requirement in requirements()}
    assert names == set(PACKAGES)


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
    here = place.Place(tmp_path)
    here.temporary.mkdir()
    asked = Answering("said", () if pytorchs_index else ("--dry-run",))
    order = steps.Order(("torch>=2",), tmp_path)
    steps.SetUp(here, order, asked, place.Progress())._install(tmp_path / "python", tmp_path / "uv")
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
    here = place.Place(tmp_path)
    for folder in (here.cache, here.tools, here.pythons):
        folder.mkdir()
        (folder / "old").touch()
    monkeypatch.setattr(uv, "provide", lambda place, programs: tmp_path / "uv")
    asked = Answering("python", ("venv",))
    order = steps.Order(("torch>=2",), tmp_path, repair=True)
    with pytest.raises(place.Failed, match="nothing is fetched"):
        steps.SetUp(here, order, asked, place.Progress())._environment()
    assert (here.pythons / "old").exists()
    assert not (here.cache / "old").exists() and not here.tools.exists()
    (install,) = (words for words in asked.asked if "install" in words)
    assert install[1:] == ["python", "install", "--no-bin", "--reinstall", pythons.FETCHED]


@pytest.mark.parametrize("version", ["0.9.0", "as listed"])
def test_an_installer_of_another_version_is_fetched_anew(tmp_path, version):
    (listed,) = locks.read(locks.UV)
    here = place.Place(tmp_path)
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


class TestNeeds:
    @pytest.mark.parametrize("system", ["linux", "darwin", "win32", "freebsd"])
    @pytest.mark.parametrize("card", ["none", "NVIDIA", "AMD", "Apple"])
    def test_every_computer_has_figures(self, system, card):
        needs = machine.needs(card, system)
        assert needs.download > 0 and 0 < needs.disk < needs.free / 1e9

    def test_a_card_costs_more(self):
        assert machine.needs("NVIDIA", "linux").disk > 3 * machine.needs("none", "linux").disk

    @pytest.mark.parametrize(
        ("said", "kfd", "expected"),
        [("GPU 0: NVIDIA H200", False, "NVIDIA"), ("", True, "AMD"), ("", False, "none")],
    )
    def test_the_card_is_found(self, monkeypatch, said, kfd, expected):
        monkeypatch.setattr(machine.sys, "platform", "linux")
        monkeypatch.setattr(machine, "_said", lambda *words: said)
        monkeypatch.setattr(machine.Path, "exists", lambda path: kfd)
        assert machine.accelerator() == expected

    @pytest.mark.parametrize(
        ("system", "card", "own"),
        [
            ("linux", "none", True),
            ("linux", "NVIDIA", True),
            ("linux", "AMD", True),
            ("win32", "NVIDIA", True),
            ("win32", "none", False),
            ("darwin", "Apple", False),
        ],
    )
    def test_who_needs_a_build_of_pytorchs_own_index(self, system, card, own):
        assert machine.needs_own_build(card, system) == own

    def test_room(self, tmp_path):
        assert machine.check_room(tmp_path, 1) == ""
        assert "make room" in machine.check_room(tmp_path, 1 << 60)


def tell_files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.own"))


class TestOwnFolder:
    @pytest.mark.parametrize("mark", [None, "engine.json", "setup.lock"])
    def test_an_empty_folder_and_the_engines_own_are_taken_as_they_are(self, tmp_path, mark):
        if mark:
            (tmp_path / mark).touch()
            (tmp_path / "e").mkdir()
        assert place.find_own(tmp_path) == tmp_path

    @pytest.mark.parametrize("name", ["not there yet", "file", "file/below"])
    def test_what_is_no_folder_is_left_to_whoever_makes_it(self, tmp_path, name):
        (tmp_path / "file").touch()
        assert place.find_own(tmp_path / name) == tmp_path / name

    def test_in_somebodys_folder_it_is_one_of_its_own(self, tmp_path):
        (tmp_path / "e").mkdir()
        assert place.find_own(tmp_path) == tmp_path / "tx"
        (tmp_path / "tx").mkdir()
        (tmp_path / "tx" / "mine").touch()
        assert place.find_own(tmp_path) == tmp_path / "tx" / "tx"

    def test_a_set_up_deletes_nothing_of_anybodys(self, tmp_path):
        for name in ("c", "e", "p", "t", "u"):
            (tmp_path / "disk" / name).mkdir(parents=True)
            (tmp_path / "disk" / name / "mine.own").touch()
        before = tell_files(tmp_path)
        (tmp_path / "needed").touch()
        words = {"folder": "disk", "requirements": "needed", "engine": ".", "wheels": "none"}
        command = [sys.executable, "-m", "engine_setup", "--repair"]
        command += [f"--{name}={tmp_path / word}" for name, word in words.items()]
        done = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ADDON)})
        assert done.returncode == 1 and (tmp_path / "disk" / "tx" / "setup.json").exists()
        assert tell_files(tmp_path) == before


@pytest.fixture
def refusing(monkeypatch):
    """Have the system refuse every lock with an error number."""
    if os.name == "nt":
        pytest.skip("locks of POSIX")
    import fcntl

    def refuse(number):
        def flock(file, operation):
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(fcntl, "flock", flock)

    return refuse


class TestPlace:
    def test_a_lock_is_held_once(self, tmp_path):
        lock = tmp_path / "lock"
        assert not place.is_held(lock) and not lock.exists()
        with place.holding(lock):
            assert place.is_held(lock)
            with pytest.raises(place.Busy), place.holding(lock):
                pass
        assert not place.is_held(lock)

    @pytest.mark.parametrize("why", ["ENOSYS", "ENOLCK", "EOPNOTSUPP"])
    def test_where_no_file_can_be_held_none_is(self, tmp_path, refusing, why):
        refusing(getattr(errno, why))
        with place.holding(tmp_path / "lock") as held:
            assert not held and not place.is_held(tmp_path / "lock")

    @pytest.mark.parametrize("why", ["EWOULDBLOCK", "EACCES", "EDEADLK"])
    def test_a_lock_of_somebody_else_is_held(self, tmp_path, refusing, why):
        (tmp_path / "lock").touch()
        refusing(getattr(errno, why))
        assert place.is_held(tmp_path / "lock")

    def test_a_lock_that_may_not_be_opened_is_not_known_to_be_held(self, tmp_path, monkeypatch):
        def refuse(path, *words):
            raise PermissionError(errno.EACCES, "Permission denied")

        (tmp_path / "lock").touch()
        monkeypatch.setattr(Path, "open", refuse)
        assert not place.is_held(tmp_path / "lock")

    @pytest.mark.parametrize("text", ["", "[]", '{"status": ', "null", '{"python": "x"}'])
    def test_damaged_files_are_none(self, tmp_path, text):
        (tmp_path / "file").write_text(text)
        assert place.read(place.Record, tmp_path / "file") is None

    def test_what_a_newer_version_adds_is_passed_over(self, tmp_path):
        place.write(tmp_path / "state.json", place.Progress(stage="x", fraction=0.5))
        text = (tmp_path / "state.json").read_text()
        (tmp_path / "state.json").write_text(text.replace("{", '{"more": 1, ', 1))
        assert place.read(place.Progress, tmp_path / "state.json").fraction == 0.5
        assert [path.name for path in tmp_path.iterdir()] == ["state.json"]

    def test_a_file_is_written_whole_or_not_at_all(self, tmp_path):
        path = tmp_path / "file"
        path.write_text("old")
        with pytest.raises(OSError, match="disk"), place.replacing(path) as unfinished:
            unfinished.write_text("half")
            assert unfinished.parent == tmp_path
            raise OSError("the disk is full")
        assert path.read_text() == "old"
        with place.replacing(path) as unfinished:
            unfinished.write_text("new")
            assert path.read_text() == "old"
        assert path.read_text() == "new"
        assert list(tmp_path.iterdir()) == [path]

    def test_size_counts_a_file_with_two_names_once(self, tmp_path):
        (tmp_path / "a").write_bytes(b"x" * 1000)
        (tmp_path / "b").hardlink_to(tmp_path / "a")
        (tmp_path / "c").write_bytes(b"x" * 10)
        assert place.size(tmp_path) == 1010

    def test_what_may_not_be_written_is_deleted_all_the_same(self, tmp_path):
        folder = tmp_path / "e"
        folder.mkdir()
        (folder / "file").touch()
        (folder / "file").chmod(0o400)
        folder.chmod(0o500)
        place.remove(folder)
        assert not folder.exists()
        place.remove(folder)


@pytest.mark.parametrize("version", ["3.9", "2.7", "3.15"])
def test_pythons_that_pytorch_has_no_build_for(version):
    class Programs:
        def run(self, *words, **more):
            return f"[{version.replace('.', ', ')}, 8]"

    assert pythons.examine(Programs(), ADDON) is None


@pytest.fixture
def bystander():
    """A process that has nothing to do with a set-up, the leader of a group of its own."""
    command = [sys.executable, "-c", "import sys; print(flush=True); sys.stdin.read()"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, **pipes, start_new_session=True) as process:
        process.stdout.readline()  # before it has begun, its command line may be empty
        yield process
        process.stdin.close()  # not by a signal, which a test may have taken away


@pytest.mark.parametrize("asked", ["/proc", "ps"])
def test_a_process_is_known_by_its_number_and_its_start(bystander, monkeypatch, tmp_path, asked):
    if asked == "ps":  # as where there is no /proc
        if not Path("/bin/ps").exists():
            pytest.skip("there is no ps")
        monkeypatch.setattr(processes, "_STAT", tmp_path / "none")
        assert "sys.stdin.read()" in processes._get_command(bystander.pid)
    started = processes.when_started(bystander.pid)
    assert started == processes.when_started(bystander.pid) != ""
    assert not processes.is_set_up(bystander.pid, started)  # its command is another
    bystander.stdin.close()
    bystander.wait()
    assert processes.when_started(bystander.pid) == ""


@pytest.mark.parametrize("pid", [0, -1, -(2**40), 2**31, 2**70])
def test_a_number_that_is_no_process_has_no_start(pid):
    assert processes.when_started(pid) == ""
    assert not processes.is_set_up(pid, "") and not processes.is_set_up(pid, "some time")


@pytest.fixture
def signalled(monkeypatch):
    """What would be signalled. Nothing is: to signal group 1 ends all that runs on the machine."""
    calls = []
    for name in ("kill", "killpg"):
        monkeypatch.setattr(os, name, lambda *words, name=name: calls.append((name, *words)))
    return calls


@pytest.mark.skipif(os.name == "nt", reason="groups of POSIX")
@pytest.mark.parametrize("pid", [0, -1, 1, -(2**40), 2**31, 2**70, "own"])
def test_a_number_that_is_no_process_of_ours_is_never_signalled(signalled, pid):
    programs.terminate(os.getpid() if pid == "own" else pid)
    assert signalled == []


@pytest.mark.skipif(os.name == "nt", reason="groups of POSIX")
def test_a_group_is_ended_by_its_leader_alone(signalled, bystander):
    programs.terminate(bystander.pid)
    assert signalled == [("killpg", bystander.pid, signal.SIGKILL)]
    signalled.clear()
    # Where a process leads no group, its group is somebody else's.
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        programs.terminate(child.pid)
        child.communicate(b"\n")
    assert signalled == [("kill", child.pid, signal.SIGKILL)]


@pytest.mark.parametrize(
    "odd",
    [
        {"pid": "0"},
        {"pid": 0.5},
        {"pid": True},
        {"pid": None},
        {"fraction": "half"},
        {"fraction": float("nan")},
        {"fraction": 7},
        {"stage": 5},
        {"message": ["x"]},
        {"status": None},
        {"started": 3},
    ],
)
def test_a_damaged_state_is_none(tmp_path, odd):
    good = {"status": "running", "pid": 5, "fraction": 0.5, "later": "unknown"}
    path = tmp_path / "setup.json"
    path.write_text(json.dumps(good), encoding="utf-8")
    assert place.read(place.Progress, path).pid == 5
    path.write_text(json.dumps({**good, **odd}), encoding="utf-8")
    assert place.read(place.Progress, path) is None


@pytest.mark.parametrize("text", ["[" * 100_000, '{"pid": 1' + "0" * 10_000 + "}", "[]", "\0", ""])
def test_a_state_that_is_no_json_is_none(tmp_path, text):
    path = tmp_path / "setup.json"
    path.write_text(text, encoding="utf-8")
    assert place.read(place.Progress, path) is None


@pytest.mark.parametrize(
    "odd", [{"python": 5}, {"requirements": "torch"}, {"requirements": [5]}, {"bytes": "many"}]
)
def test_a_damaged_record_is_none(tmp_path, odd):
    good = {"python": "/p", "requirements": ["torch"], "torch": "2", "device": "cpu"}
    path = tmp_path / "engine.json"
    path.write_text(json.dumps(good), encoding="utf-8")
    assert place.read(place.Record, path).python == "/p"
    path.write_text(json.dumps({**good, **odd}), encoding="utf-8")
    assert place.read(place.Record, path) is None
