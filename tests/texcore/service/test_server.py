import io
import os
import threading

import numpy as np
import pytest

from tests.making import bricks, load_png, relief, save_png
from tests.running import Engine
from texcore import __version__, pictures
from texcore.contract import messages
from texcore.contract.jobs import Job, Made, MapFiles
from texcore.contract.messages import ErrorCode
from texcore.contract.plain import to_plain
from texcore.contract.recipe import Recipe
from texcore.service import doctor
from texcore.service.server import Service

# A library that prints, in every way there is.
PRINTING = """
import os, subprocess, sys
from texcore.service import doctor, progress
def examine(examine=doctor.examine):
    print("printed")
    sys.__stdout__.write("written\\n")
    sys.stdout.flush()
    os.write(1, b"to the descriptor\\n")
    subprocess.run([sys.executable, "-c", "print('by a child')"], check=True)
    return examine()
doctor.examine = examine
def explode(*words):
    raise ZeroDivisionError("a bug")
progress.Clock.remaining = explode if "BUG" in os.environ else progress.Clock.remaining
"""

QUICK = Recipe(size=(40, 36), quality="draft")
# It is soon at work, and then makes so many evaluations that nothing comes too late.
LONG = Recipe(size=(96, 96), quality="high", iterations=5000)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    """One engine that all requests of this file go to, in any order."""
    with Engine(tmp_path_factory.mktemp("engine") / "home", PRINTING) as engine:
        engine.greeting = engine.greet()
        yield engine
        # Whatever was asked of it, it still ends as it should.
        assert engine.end_of_input() == 0


@pytest.fixture
def exemplar(tmp_path):
    return save_png(tmp_path / "exemplar.png", bricks(40, 44))


def synthesize(exemplar, name="out.png", **more):
    words = {"recipe": QUICK, "weights": "random", **more}
    recipe = words.pop("recipe")
    return Job.of_picture(exemplar, exemplar.with_name(name), recipe, **words)


def code(answer):
    return answer["error"]["code"]


def test_hello(engine):
    reply = messages.read(messages.HelloReply, engine.greeting["result"])
    assert (reply.protocol, reply.version) == (messages.PROTOCOL_VERSION, __version__)
    assert reply.device in ("cpu", "cuda", "mps")
    assert reply.device_name


@pytest.mark.slow
def test_before_hello_nothing_is_done_and_another_version_is_no_hello(tmp_path):
    with Engine(tmp_path / "home", fresh=True) as engine:
        assert code(engine.answer("doctor")) == ErrorCode.INVALID_REQUEST
        other = messages.Hello(messages.PROTOCOL_VERSION + 1)
        answer = engine.answer("hello", other)
        assert code(answer) == ErrorCode.PROTOCOL_MISMATCH
        assert "install the same Texcore for both" in answer["error"]["message"]
        assert code(engine.answer("doctor")) == ErrorCode.INVALID_REQUEST
        assert "result" in engine.greet()
        assert "result" in engine.answer("doctor")
        assert engine.end_of_input() == 0


def test_only_messages_are_on_stdout(engine):
    answer, before = engine.until_answer(engine.ask("doctor"))
    assert before == []
    assert messages.read(messages.Doctor, answer["result"]).ready
    log = engine.log.read_text(encoding="utf-8")
    for words in ("printed", "written", "to the descriptor", "by a child"):
        assert words in log


def test_progress_then_a_result(engine, exemplar):
    preview = exemplar.with_name("preview.png")
    id = engine.ask("synthesize", synthesize(exemplar, preview=preview))
    answer, before = engine.until_answer(id)
    reply = messages.read(Made, answer["result"])
    assert (reply.width, reply.height) == (40, 36)
    assert load_png(exemplar.with_name("out.png")).shape == (36, 40, 3)
    assert reply.first.recipe == pictures.read_recipe(exemplar.with_name("out.png"))
    assert reply.network == "random-0"
    assert reply.notes

    progress = [messages.read(messages.Progress, m["params"]) for m in before]
    assert all(m["method"] == "progress" and "id" not in m for m in before)
    assert {p.job for p in progress} == {id}
    fractions = [p.fraction for p in progress]
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0, pytest.approx(1))
    assert all(p.remaining is None or p.remaining >= 0 for p in progress)
    # The first is before anything is known; the second, before any work, tells of all of it.
    assert progress[0].memory is progress[0].remaining is None
    assert progress[1].fraction == 0
    assert progress[1].remaining > 0
    assert all(p.remaining is not None for p in progress[1:])
    assert progress[-1].memory > 2**26
    assert {p.previewed for p in progress} == {False, True}
    assert load_png(preview).shape == (36, 40, 3)
    assert {p.name for p in exemplar.parent.iterdir()} == {
        "exemplar.png",
        "out.png",
        "preview.png",
    }


def test_a_material_is_made_as_one(engine, tmp_path):
    made = relief(40, 40)
    maps = {
        kind: MapFiles(save_png(tmp_path / f"{kind}.png", made[kind]), tmp_path / f"new-{kind}.png")
        for kind in ("height", "normal")
    }
    answer, before = engine.until_answer(
        engine.ask("synthesize", Job(maps, QUICK, weights="random"))
    )
    reply = messages.read(Made, answer["result"])
    assert {kind: map.output for kind, map in reply.maps.items()} == {
        kind: files.output for kind, files in maps.items()
    }
    assert (reply.width, reply.height) == (40, 36)
    for map in reply.maps.values():
        assert map.recipe == pictures.read_recipe(map.output)
    assert before[-1]["params"]["fraction"] == pytest.approx(1)
    lost = Job({"normal": MapFiles(tmp_path / "no.png", tmp_path / "new.png")})
    assert code(engine.answer("synthesize", lost)) == ErrorCode.BAD_INPUT


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["base_color", "picture"])
def test_derived_maps_and_previews(engine, tmp_path, kind):
    photo = save_png(tmp_path / "photo.png", relief(40, 40)["base_color"])
    derive = {
        other: tmp_path / f"new-{other}.png" for other in ("height", "normal", "roughness", "ao")
    }
    preview = tmp_path / "preview.npy"
    files = MapFiles(photo, tmp_path / "new.png", preview)
    job = Job({kind: files}, QUICK, derive=derive, weights="random")
    answer, before = engine.until_answer(engine.ask("synthesize", job))
    reply = messages.read(Made, answer["result"])
    outputs = {other: map.output for other, map in reply.maps.items()}
    assert outputs == {kind: files.output, **derive}
    assert {load_png(path).shape[:2] for path in outputs.values()} == {(36, 40)}
    assert {m["params"]["previewed"] for m in before} == {False, True}
    assert np.load(preview).shape == (36, 40, 4)


@pytest.mark.slow
def test_cancelled_in_the_middle_it_leaves_nothing(engine, exemplar):
    large = synthesize(exemplar, recipe=LONG)
    id = engine.ask("synthesize", large)
    engine.until_at_work(id)
    engine.send(messages.notification("cancel", messages.Cancel(id)))
    answer, _ = engine.until_answer(id)
    assert code(answer) == ErrorCode.CANCELLED
    assert list(exemplar.parent.iterdir()) == [exemplar]
    # And the next one is not cancelled.
    assert "result" in engine.answer("synthesize", synthesize(exemplar))


@pytest.mark.slow
def test_cancelled_in_the_middle_a_pausable_one_is_gone_on_with(engine, exemplar):
    words = {"checkpoint": exemplar.with_name("state"), "pausable": True}
    recipe = Recipe(size=(40, 36), quality="high")
    id = engine.ask("synthesize", synthesize(exemplar, recipe=recipe, **words))
    engine.until_at_work(id)
    engine.send(messages.notification("cancel", messages.Cancel(id)))
    answer, _ = engine.until_answer(id)
    assert code(answer) == ErrorCode.CANCELLED
    assert exemplar.with_name("state.checkpoint").exists()
    again = synthesize(exemplar, recipe=recipe, **words, resume=True)
    made = messages.read(Made, engine.answer("synthesize", again)["result"])
    assert any(note.startswith("Gone on after ") for note in made.notes), made.notes
    assert {p.name for p in exemplar.parent.iterdir()} == {"exemplar.png", "out.png"}


def test_cancelled_before_its_turn_it_never_begins(engine, exemplar):
    first = engine.ask("synthesize", synthesize(exemplar, "first.png"))
    second = engine.ask("synthesize", synthesize(exemplar, "second.png"))
    engine.send(messages.notification("cancel", messages.Cancel(second)))
    assert "result" in engine.until_answer(first)[0]
    answer, before = engine.until_answer(second)
    assert code(answer) == ErrorCode.CANCELLED
    assert {m["params"]["fraction"] for m in before} <= {0.0}
    assert not exemplar.with_name("second.png").exists()


@pytest.mark.slow
def test_told_to_finish_in_the_middle_it_says_so_and_writes_the_texture_as_it_is(engine, exemplar):
    id = engine.ask("synthesize", synthesize(exemplar, recipe=LONG))
    while not (at := engine.receive()["params"])["keepable"]:
        assert at["job"] == id
    engine.send(messages.notification("finish", messages.Finish(id)))
    answer, before = engine.until_answer(id)
    made = messages.read(Made, answer["result"])
    assert any(note.startswith("Stopped after ") for note in made.notes)
    assert load_png(exemplar.with_name("out.png")).shape == (96, 96, 3)
    said = [m["params"] for m in before if m["params"]["stage"] == messages.KEEPING]
    assert len(said) == 1 and said[0] == before[-1]["params"]
    assert before[-1]["params"]["fraction"] >= at["fraction"]
    # And the next one is made to its end.
    made = messages.read(Made, engine.answer("synthesize", synthesize(exemplar))["result"])
    assert not any(note.startswith("Stopped") for note in made.notes)


@pytest.mark.parametrize("method", ["cancel", "finish"])
def test_ending_what_is_not_there_is_nothing(engine, method):
    kind = {"cancel": messages.Cancel, "finish": messages.Finish}[method]
    engine.send(messages.notification(method, kind(10**6)))
    assert "result" in engine.answer("doctor")


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (b"hello there", ErrorCode.PARSE_ERROR),
        (b"\xff\xfe\x00\x01", ErrorCode.PARSE_ERROR),
        (b"[" * 100_000, ErrorCode.PARSE_ERROR),
        (b"[]", ErrorCode.INVALID_REQUEST),
        (b'{"id":1,"method":"doctor"}', ErrorCode.INVALID_REQUEST),
        (b'{"jsonrpc":"2.0","method":"doctor"}', ErrorCode.INVALID_REQUEST),
        (b'{"jsonrpc":"2.0","id":"x","method":"doctor"}', ErrorCode.INVALID_REQUEST),
        (b'{"jsonrpc":"2.0","method":"cancel"}', ErrorCode.INVALID_PARAMS),
        (b'{"jsonrpc":"2.0","method":"cancel","params":{"job":[]}}', ErrorCode.INVALID_PARAMS),
        (b'{"jsonrpc":"2.0","method":"finish"}', ErrorCode.INVALID_PARAMS),
    ],
)
def test_garbage_is_answered_and_survived(engine, line, wanted):
    engine.send(b"\n" + line + b"\n")
    assert code(engine.until_answer(None)[0]) == wanted
    assert "result" in engine.answer("doctor")


@pytest.mark.parametrize(
    ("method", "params", "wanted"),
    [
        ("paint", None, ErrorCode.METHOD_NOT_FOUND),
        (["doctor"], None, ErrorCode.METHOD_NOT_FOUND),
        (None, None, ErrorCode.METHOD_NOT_FOUND),
        ("hello", None, ErrorCode.INVALID_PARAMS),
        ("hello", {"protocol": "1"}, ErrorCode.INVALID_PARAMS),
        ("synthesize", [], ErrorCode.INVALID_PARAMS),
        ("synthesize", {"maps": {"picture": {"exemplar": 5}}}, ErrorCode.INVALID_PARAMS),
        ("synthesize", {"maps": {}, "device": None}, ErrorCode.INVALID_PARAMS),
        ("synthesize", {"maps": {}}, ErrorCode.BAD_INPUT),
        ("synthesize", {"maps": {}, "recipe": "x"}, ErrorCode.BAD_INPUT),
    ],
)
def test_a_wrong_request_is_refused(engine, method, params, wanted):
    assert code(engine.answer(method, params)) == wanted


@pytest.mark.parametrize(
    ("words", "wanted", "sentence"),
    [
        ({"exemplar": "/gone.png"}, ErrorCode.BAD_INPUT, "“/gone.png” is not there"),
        ({"exemplar": "/half-a-pair-\ud800.png"}, ErrorCode.BAD_INPUT, "is no file's name"),
        ({"exemplar": "/nul-\0.png"}, ErrorCode.BAD_INPUT, "is no file's name"),
        ({"output": "/gone/out.png"}, ErrorCode.BAD_INPUT, "The folder “/gone” is not there"),
        ({"recipe": {"tile": "z"}}, ErrorCode.BAD_INPUT, "“z” is no tile"),
        ({"recipe": {"network": 5}}, ErrorCode.BAD_INPUT, "network"),
        ({"device": "abacus"}, ErrorCode.BAD_INPUT, "abacus"),
        ({"weights": "vgg19"}, ErrorCode.UNAVAILABLE, "cannot be fetched"),
        ({"weights": "/gone.pth"}, ErrorCode.BAD_INPUT, "no weights file"),
    ],
)
def test_what_cannot_be_made_is_said_in_one_sentence(engine, exemplar, words, wanted, sentence):
    request = {**to_plain(synthesize(exemplar)), **words}
    for name in ("exemplar", "output"):
        if name in words:
            request["maps"]["picture"][name] = request.pop(name)
    answer = engine.answer("synthesize", request)
    assert code(answer) == wanted, answer
    assert sentence in answer["error"]["message"]
    assert "\n" not in answer["error"]["message"]
    assert list(exemplar.parent.iterdir()) == [exemplar]


@pytest.mark.slow
def test_a_bug_is_answered_with_its_log(tmp_path, exemplar, monkeypatch):
    monkeypatch.setitem(os.environ, "BUG", "1")
    with Engine(tmp_path / "home", PRINTING) as engine:
        engine.greet()
        answer = engine.answer("synthesize", synthesize(exemplar))
        assert code(answer) == ErrorCode.FAILED
        assert answer["error"]["message"] == "The engine failed: a bug. The log says more."
        assert "ZeroDivisionError" in answer["error"]["data"]["log"]
        assert "result" in engine.answer("doctor")
        assert not exemplar.with_name("out.png").exists()


@pytest.mark.slow
def test_when_its_input_ends_in_the_middle_it_ends_and_leaves_nothing(tmp_path, exemplar):
    home = tmp_path / "home"
    home.mkdir()
    with Engine(home) as engine:
        engine.greet()
        before = set(tmp_path.iterdir())
        id = engine.ask("synthesize", synthesize(exemplar, recipe=LONG))
        engine.until_at_work(id)
        assert engine.end_of_input() == 0
    assert set(tmp_path.iterdir()) == before
    assert {path.name for path in home.rglob("*.*")} <= {"estimates.json"}


class InParts(io.RawIOBase):
    """A pipe that takes a line in parts and has other threads come between them, as one may."""

    def __init__(self):
        super().__init__()
        self.taken = []

    def writable(self):
        return True

    def write(self, data):
        part = bytes(data[:1000])
        self.taken.append(part)
        threading.Event().wait(0)
        return len(part)


def sent_by_many_threads(answers, threads=8, lines=60):
    """Have many threads of a service send lines at once, of lengths on both sides of a pipe's."""
    service = Service(answers)
    ready = threading.Barrier(threads)

    def send(thread):
        ready.wait()
        for number in range(lines):
            stage = f"{thread}:{number}:" + "x" * (37 * number * (thread + 1) % 9000)
            service._notify(messages.Progress(thread, 0.5, stage))

    workers = [threading.Thread(target=send, args=(thread,)) for thread in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return {f"{thread}:{number}" for thread in range(threads) for number in range(lines)}


def heads(data):
    """The beginnings of the stages in lines, each of which must be a message."""
    parsed = [messages.parse(line)["params"]["stage"] for line in data.splitlines()]
    return sorted(":".join(stage.split(":")[:2]) for stage in parsed)


def test_lines_of_many_threads_are_whole_though_the_pipe_takes_parts():
    answers = InParts()
    sent = sent_by_many_threads(answers)
    assert heads(b"".join(answers.taken)) == sorted(sent)


def test_lines_of_many_threads_are_whole_in_a_real_pipe():
    read, write = os.pipe()
    got = []

    def receive():
        with os.fdopen(read, "rb") as pipe:
            got.append(pipe.read())

    reader = threading.Thread(target=receive)
    reader.start()
    with os.fdopen(write, "wb", buffering=0) as answers:
        sent = sent_by_many_threads(answers)
    reader.join()
    assert heads(got[0]) == sorted(sent)


class Watched(io.RawIOBase):
    """Takes whole lines, and sets an event after so many that say the engine lives."""

    def __init__(self, beats):
        super().__init__()
        self.lines, self.beats, self.enough = [], beats, threading.Event()

    def writable(self):
        return True

    def write(self, data):
        self.lines.append(messages.parse(bytes(data)))
        alive = [line for line in self.lines if line.get("method") == "alive"]
        if len(alive) >= self.beats:
            self.enough.set()
        return len(data)


def test_it_says_that_it_lives_as_long_as_it_works_and_not_longer(monkeypatch):
    monkeypatch.setattr(messages, "ALIVE_SECONDS", 0.01)
    answers = Watched(beats=3)

    def examine():
        # A computation whose end is far away: it ends when the third beat has come.
        assert answers.enough.wait(60)
        return messages.Doctor(True, [])

    monkeypatch.setattr(doctor, "examine", examine)
    service = Service(answers)
    hello = messages.Hello(messages.PROTOCOL_VERSION)
    asked = messages.request(1, "hello", hello) + messages.request(2, "doctor")
    service.read(io.BytesIO(asked))
    assert service.work() == 0
    assert answers.lines[-1]["id"] == 2  # after an answer it is quiet
    beats = [line["params"] for line in answers.lines if line.get("method") == "alive"]
    assert beats.count({"job": 2}) >= 3
    count = len(answers.lines)
    threading.Event().wait(0.1)
    assert len(answers.lines) == count
