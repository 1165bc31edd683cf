import os
import signal

import pytest

from tests.far import Far
from tests.making import bricks, load_png, save_png
from tests.running import texcore
from texcore.contract.jobs import Job
from texcore.contract.leftovers import is_alive
from texcore.contract.messages import ErrorCode
from texcore.contract.recipe import Recipe

QUICK = Recipe(size=(40, 36), quality="draft")
LONG = Recipe(size=(64, 64), quality="high")


@pytest.fixture
def exemplar(tmp_path):
    return save_png(tmp_path / "near" / "bark é.png", bricks(40, 44))


@pytest.fixture(autouse=True)
def near(tmp_path):
    (tmp_path / "near").mkdir()


def job_of(exemplar, recipe=QUICK, **more):
    output = exemplar.with_name("new texture.png")
    return Job.of_picture(exemplar, output, recipe, weights="random", **more)


@pytest.mark.slow
def test_a_texture_from_another_computer_is_the_one_of_this_and_leaves_nothing_there(
    tmp_path, exemplar
):
    far = Far(tmp_path)
    preview = exemplar.with_name("preview.npy")
    with far.reach(tmp_path / "home") as engine:
        assert engine.greet()["result"]["version"]
        answer, before = engine.until_answer(
            engine.ask("synthesize", job_of(exemplar, preview=preview))
        )
        made = answer["result"]
        assert made["maps"]["picture"]["output"] == str(exemplar.with_name("new texture.png"))
        assert any(message["params"].get("previewed") for message in before)
        assert preview.is_file()
        assert engine.answer("doctor")["result"]["lines"]
        assert engine.end_of_input() == 0
    assert not far.list_jobs()
    assert not is_alive(far.pid)
    local = exemplar.with_name("local.png")
    words = ["--size", "40x36", "--quality", "draft", "--weights", "random"]
    assert texcore(tmp_path / "home", "synthesize", exemplar, "-o", local, *words).returncode == 0
    assert (load_png(local) == load_png(exemplar.with_name("new texture.png"))).all()
    names = {path.name for path in exemplar.parent.iterdir()}
    assert names == {"bark é.png", "new texture.png", "preview.npy", "local.png"}


@pytest.mark.slow
def test_a_lost_connection_comes_back_and_the_run_with_it(tmp_path, exemplar):
    far = Far(tmp_path)
    with far.reach(tmp_path / "home") as engine:
        engine.greet()
        id = engine.ask("synthesize", job_of(exemplar, LONG))
        engine.until_at_work(id)
        first = far.pid
        os.kill(first, signal.SIGKILL)
        answer, before = engine.until_answer(id)
        assert "result" in answer, answer
        assert any("Connecting to studio again" in message["params"]["stage"] for message in before)
        fractions = [message["params"]["fraction"] for message in before]
        assert fractions == sorted(fractions)
        assert far.pid != first
        assert engine.end_of_input() == 0
    assert not far.list_jobs()


@pytest.mark.parametrize(
    ("before", "said"),
    [
        ("echo 'u@studio: Permission denied (publickey,password).' >&2; exit 255", "run “ssh st"),
        ("echo 'Host key verification failed.' >&2; exit 255", "run “ssh studio” once"),
        ("echo 'ssh: connect to host studio port 22: No route' >&2; exit 255", "No route"),
    ],
)
def test_a_computer_that_cannot_be_reached_is_one_sentence(tmp_path, before, said):
    with Far(tmp_path, before).reach(tmp_path / "home") as engine:
        answer = engine.greet()
        assert answer["error"]["code"] == ErrorCode.UNREACHABLE
        assert said in answer["error"]["message"]


def test_without_an_engine_there_set_up_is_named(tmp_path):
    with Far(tmp_path, engine="").reach(tmp_path / "home") as engine:
        assert "There is no engine on studio yet" in engine.greet()["error"]["message"]


def test_nothing_is_said_to_a_far_side_that_is_not_ready_yet(tmp_path):
    # It takes longer than the link is silent, and tells what came in the meantime.
    look = 'import select; print(select.select([0], [], [], 3.0)[0], file=open("{}", "w"))'
    heard = tmp_path / "heard"
    with Far(tmp_path, f"python3 -c '{look.format(heard)}'").reach(tmp_path / "home") as engine:
        assert engine.greet()["result"]["version"]
    assert heard.read_text() == "[]\n"
