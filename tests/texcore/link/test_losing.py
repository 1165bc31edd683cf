"""What a connection that is lost means for a job: a stand-in for ssh, and one for the engine there.

That says what the test wants, at once; the engine's own tests are in ``tests/texcore/service``.
"""

import contextlib
import sys

import pytest

from tests.far import Far
from tests.making import bricks, save_png
from texcore.contract import messages
from texcore.contract.jobs import Job
from texcore.contract.messages import Cancel, ErrorCode, Finish
from texcore.contract.recipe import Recipe

# It has the job's files already, and writes down what it is asked.
ENGINE = """#!{python} -S
import json, sys
heard = open({heard!r}, "a", buffering=1)
def tell(**message):
    print(json.dumps({{"jsonrpc": "2.0", **message}}), flush=True)
def progress(fraction, **more):
    tell(method="progress", params=dict(job=job, fraction=fraction, stage="Shaping", **more))
connection = len(open({heard!r}).read().split("hello"))
job = 0
for line in sys.stdin:
    message = json.loads(line)
    id, method = message.get("id"), message["method"]
    if method in ("alive", "got"):
        continue
    print(method, file=heard)
    if method == "hello":
        reply = dict(protocol={protocol}, version="0", device="cpu", device_name="none")
        tell(id=id, result=reply)
    if method == "begin" and not {deaf}:
        tell(id=id, result=dict(missing=[], has_more={has_more} and connection > 1))
    if method == "synthesize":
        job = id
{at_work}
"""
# Without the waits between the tries.
AT_ONCE = "from texcore.link import relay; relay.WAITS = (0.0, 0.0, 0.0)"


@pytest.fixture
def exemplar(tmp_path):
    return save_png(tmp_path / "near" / "bark.png", bricks(20, 20))


@pytest.fixture(autouse=True)
def near(tmp_path):
    (tmp_path / "near").mkdir()


class Side:
    """The other side, and what its engine has heard."""

    def __init__(self, folder, at_work, has_more=True, deaf=False):
        self._heard = folder / "heard"
        self._heard.touch()
        engine = folder / "engine"
        lines = "\n".join(f"        {line}" for line in at_work.splitlines())
        words = {"has_more": has_more, "deaf": deaf, "at_work": lines, "python": sys.executable}
        words |= {"heard": str(self._heard), "protocol": messages.PROTOCOL_VERSION}
        engine.write_text(ENGINE.format(**words), encoding="utf-8")
        engine.chmod(0o755)
        # A second word for ssh, of which each connection takes notice: whether it is reachable.
        self._gone = folder / "gone"
        self.far = Far(folder, f"[ -e '{self._gone}' ] && exit 255", engine=str(engine))

    def vanish(self):
        """Have no further connection succeed, and lose this one."""
        self._gone.touch()
        self.far.cut()

    def come_back(self):
        self._gone.unlink()

    @property
    def heard(self):
        return self._heard.read_text().split()


def ask(link, exemplar):
    job = Job.of_picture(exemplar, exemplar.with_name("new.png"), Recipe(), pausable=True)
    return link.ask("synthesize", job)


WORKING = "progress(0.5, keepable=True)\nif connection > 1: tell(id=id, result={})"


def until_lost(link):
    """Wait until the loss is told; what was told of it."""
    while "Connecting to studio again" not in (message := link.receive())["params"]["stage"]:
        pass
    return message["params"]


@contextlib.contextmanager
def lost(side, tmp_path, exemplar):
    """A link to a side that has vanished in the midst of a job, and the job's id."""
    with side.far.reach(tmp_path / "home") as link:
        link.greet()
        id = ask(link, exemplar)
        link.until_at_work(id)
        side.vanish()
        until_lost(link)
        yield link, id


def test_what_is_done_stays_done_while_the_connection_is_away(tmp_path, exemplar):
    side = Side(tmp_path, WORKING)
    with side.far.reach(tmp_path / "home") as link:
        link.greet()
        id = ask(link, exemplar)
        assert link.until_at_work(id)["fraction"] == 0.5
        side.far.cut()
        told = until_lost(link)
        assert told["fraction"] == 0.5 and told["keepable"]
        assert "result" in link.until_answer(id)[0]
        assert link.end_of_input() == 0
    begun = ["hello", "begin", "synthesize"]
    assert side.heard == [*begun, *begun, "done", "bye"]


def test_cancelled_while_the_connection_is_away_and_the_next_one_has_another(tmp_path, exemplar):
    side = Side(tmp_path, WORKING)
    with lost(side, tmp_path, exemplar) as (link, id):
        link.send(messages.notification("cancel", Cancel(id)))
        assert link.until_answer(id)[0]["error"]["code"] == ErrorCode.CANCELLED
        side.come_back()
        assert "result" in link.until_answer(ask(link, exemplar))[0]


def test_cancelled_before_the_engine_was_asked_it_never_is(tmp_path, exemplar):
    side = Side(tmp_path, WORKING, deaf=True)
    with side.far.reach(tmp_path / "home") as link:
        link.greet()
        id = ask(link, exemplar)
        link.send(messages.notification("cancel", Cancel(id)))
        assert link.until_answer(id)[0]["error"]["code"] == ErrorCode.CANCELLED
        assert link.end_of_input() == 0
    assert side.heard == ["hello", "begin", "cancel", "bye"]


@pytest.mark.parametrize("has_more", [True, False])
def test_kept_as_it_is_while_the_connection_is_away(tmp_path, exemplar, has_more):
    side = Side(tmp_path, WORKING, has_more)
    with lost(side, tmp_path, exemplar) as (link, id):
        link.send(messages.notification("finish", Finish(id)))
        while link.receive()["params"]["stage"] != messages.KEEPING:
            pass  # it is told that it was heard, though nobody there has
        side.come_back()
        answer, _ = link.until_answer(id)
        if has_more:
            assert "result" in answer
            while side.heard[-1] != "done":
                pass
            assert side.heard.count("finish") == 1
        else:
            # A texture at its very beginning is not what somebody wanted to keep.
            assert "and with it what was done there" in answer["error"]["message"]
            assert side.heard.count("synthesize") == 1


def test_a_computer_that_stays_away_is_said_to_have_been_lost(tmp_path, exemplar):
    side = Side(tmp_path, WORKING)
    with side.far.reach(tmp_path / "home", AT_ONCE) as link:
        link.greet()
        id = ask(link, exemplar)
        link.until_at_work(id)
        side.vanish()
        answer, before = link.until_answer(id)
        assert answer["error"]["code"] == ErrorCode.LOST
        assert "did not come back" in answer["error"]["message"]
        assert (
            sum("Connecting to studio again" in message["params"]["stage"] for message in before)
            == 3
        )


def test_an_engine_that_ends_each_time_is_not_asked_for_ever(tmp_path, exemplar):
    side = Side(tmp_path, "progress(0.5, keepable=True)\nsys.exit(1)")
    with side.far.reach(tmp_path / "home", AT_ONCE) as link:
        link.greet()
        answer, _ = link.until_answer(ask(link, exemplar))
        assert "ends again and again" in answer["error"]["message"]
    assert side.heard.count("synthesize") == 4
