"""``texcore batch``: rows of a queue from the command line, their report, and parts of them."""

import json
import shlex
import signal
import subprocess
import sys

import pytest

from tests.making import bricks, load_png, save_png
from tests.running import environment
from texcore.batches import work
from texcore.cli import main

QUICK = ("--size", "32", "--quality", "sketch", "--device", "cpu", "-q")


@pytest.fixture
def queue(tmp_path):
    for number in range(3):
        save_png(tmp_path / f"{number}.png", bricks(40, 40, number))
    path = tmp_path / "queue.csv"
    path.write_text("image,seed,width\n?.png,,\n0.png,7,48\nnone.png,,\n")
    return path


@pytest.fixture
def batch(queue, tmp_path, capsys):
    """Run the command; returns its status and what it said."""

    def batch(*words):
        given = ("batch", str(queue), "-o", str(tmp_path / "out"), "--name", "{stem}-{seed}")
        status = main([*given, *map(str, (*QUICK, *words))])
        return status, *capsys.readouterr()

    return batch


def read(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_rows_are_made_and_one_that_is_bad_is_told(batch, tmp_path):
    status, out, err = batch()
    assert status == 1 and out.startswith("4 made in") and "1 failed" in out
    assert err.count("\n") == 1 and "none-0: “" in err and "is not there" in err
    assert load_png(tmp_path / "out" / "0-7.png").shape == (32, 48, 3)
    lines = read(tmp_path / "out" / "report.jsonl")
    assert [(line["row"], line["state"]) for line in lines] == [
        *((number, "made") for number in (1, 2, 3, 4)),
        (5, "failed"),
    ]
    assert {line["rows"] for line in lines} == {5}
    status, out, _ = batch()
    assert status == 1 and out.startswith("0 made in ") and ", 4 there already, 1 failed" in out


def test_parts_make_up_the_whole_and_their_reports_do(batch, tmp_path):
    status, out, _ = batch("--part", "1/2")
    assert status == 1 and out.startswith("2 made")
    status, out, err = batch("--merge")
    assert (
        status == 1 and "2 there, 1 failed, 2 missing" in out and err.count("no report tells") == 2
    )
    status, out, _ = batch("--part", "2/2")
    assert status == 0 and out.startswith("2 made")
    status, out, _ = batch("--merge")
    assert status == 1 and "4 there, 1 failed, 0 missing" in out
    lines = read(tmp_path / "out" / "report.jsonl")
    assert [line["row"] for line in lines] == [1, 2, 3, 4, 5]


def test_reports_of_results_that_are_old_or_gone_do_not_count(batch, queue, tmp_path):
    queue.write_text("image,seed\n0.png,\n1.png,\n")
    assert batch("--part", "1/1")[0] == 0 and batch("--merge")[0] == 0
    assert batch("--merge", "--size", "48")[:2] == (
        1,
        f"0 there, 0 failed, 2 missing; {tmp_path / 'out' / 'report.jsonl'}\n",
    )
    (tmp_path / "out" / "0-0.png").unlink()
    batch("--part", "1/1")
    (tmp_path / "out" / "0-0.png").unlink()
    status, out, err = batch("--merge")
    assert status == 1 and "1 there, 0 failed, 1 missing" in out
    assert err.count("\n") == 1 and "0-0: its result is not there" in err


def test_a_report_that_is_cut_is_read_as_far_as_it_goes(batch, tmp_path):
    batch("--part", "1/2")
    report = tmp_path / "out" / "report-1-of-2.jsonl"
    report.write_bytes(report.read_bytes()[:-10])
    assert "2 there, 0 failed, 3 missing" in batch("--merge")[1]
    report.write_text("no report\n")
    status, out, err = batch("--merge")
    assert (status, out) == (1, "") and "Line 1 of “" in err and err.count("\n") == 1


def test_the_commands_of_parts_can_be_run(batch, queue, tmp_path, monkeypatch, capsys):
    words = ["batch", queue.name, "--output=out", "--name", "{stem}-{seed}", *QUICK]
    words += ["--commands", "2", "--report", "all.jsonl", "--weights=mine.pth"]
    (tmp_path / "mine.pth").write_bytes(b"a sketch reads no weights")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["texcore", *words])
    assert main(words) == 0
    lines = [shlex.split(line) for line in capsys.readouterr().out.splitlines()]
    assert {line[0] for line in lines} == {sys.executable}
    monkeypatch.chdir("/")
    assert [main(line[2:]) for line in lines] == [1, 0, 1]
    assert [line.count(f"--weights={tmp_path / 'mine.pth'}") for line in lines] == [1, 1, 1]
    assert len(read(tmp_path / "all.jsonl")) == 5
    assert len(list((tmp_path / "out").glob("*.png"))) == 4


@pytest.mark.slow
def test_a_printed_command_is_a_program_in_any_folder(batch, tmp_path):
    first, _ = batch("--commands", "1", "--workers", "1")[1].splitlines()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    variables = {k: v for k, v in environment(tmp_path / "home").items() if k != "PYTHONPATH"}
    done = subprocess.run(
        first, shell=True, cwd=elsewhere, env=variables, capture_output=True, text=True
    )
    assert done.returncode == 1 and done.stdout.startswith("4 made"), done.stderr
    assert "No module" not in done.stderr and not list(elsewhere.iterdir())


def test_words_that_are_names_of_files_too_stay_words(queue, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name in ("draft", "png"):
        (tmp_path / name).mkdir()
    words = [f"./{queue.name}", "-oout", "--quality", "draft", "--name", "{stem}-{seed}", "--comm"]
    assert main(["batch", *words, "1", "--no-straighten", "--workers", "2"]) == 0
    line = shlex.split(capsys.readouterr().out.splitlines()[0])[2:]
    assert line == [
        *("batch", str(queue), f"--output={tmp_path / 'out'}", "--name={stem}-{seed}"),
        *("--quality=draft", "--no-straighten", "--workers=2", "--part", "1/1"),
    ]


def test_a_report_in_the_place_of_the_queue_is_refused(batch, queue):
    before = queue.read_bytes()
    status, out, err = batch("--report", str(queue))
    assert (status, out) == (1, "") and "is the queue itself" in err
    assert queue.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (("--part", "3/2"), "“3/2” is no part"),
        (("--commands", "0"), "There cannot be 0 parts"),
        (("--workers=-1",), "There cannot be -1 workers: use 0"),
        (("--workers=-1", "--commands", "2"), "There cannot be -1 workers"),
        (("--name", "new"), "would both be called “new”"),
        (("--derive", "colour"), "“colour” cannot be derived"),
        (("--report", "/nowhere/report.jsonl"), "cannot be written"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(batch, words, wrong):
    status, out, err = batch(*words)
    assert (status, out) == (1, "") and wrong in err and err.count("\n") == 1


def test_interrupted_it_says_how_far_it_is_and_goes_on(batch, monkeypatch, tmp_path):
    do_row = work.do_row

    def interrupted(row, *others):
        if row.number == 3:
            signal.raise_signal(signal.SIGINT)
        return do_row(row, *others)

    with monkeypatch.context() as patch:
        patch.setattr(work, "do_row", interrupted)
        status, out, err = batch()
    assert (status, out) == (130, "")
    assert err == (
        "texcore: Stopped; 2 of 5 rows are done. The same command goes on with the others.\n"
    )
    assert len(read(tmp_path / "out" / "report.jsonl")) == 2
    assert batch()[1].startswith("2 made")


def test_a_folder_that_cannot_be_made_is_refused(batch, tmp_path):
    (tmp_path / "out").write_bytes(b"a file")
    status, out, err = batch()
    assert (status, out) == (1, "") and "cannot be used for the results" in err


def test_without_dask_a_sentence_says_what_to_install(batch, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    status, out, err = batch("--workers", "2")
    assert (status, out) == (1, "") and "install Texcore with its extra “cluster”" in err
