"""Queues: the same rows from JSON, JSON Lines and CSV, and a sentence for each that cannot be."""

import json

import pytest

from texcore.contract.errors import BadInput
from texcore.contract.parts import Part, parse_part
from texcore.contract.queues import read_queue
from texcore.contract.recipe import SETTINGS

ROWS = [{"seed": 7, "tile": "x", "straighten": False}, {"size": [64, 32], "novelty": 0.5}]
VALUES = [{"seed": 7, "tile": "x", "straighten": False}, {"size": (64, 32), "novelty": 0.5}]
CSV = "seed,tile,straighten,size,novelty\n7,x,no,,\n\n,,,64x32,0.5\n"
FORMS = {
    "queue.json": json.dumps(ROWS),
    "queue.jsonl": "\n".join(map(json.dumps, ROWS)) + "\n\n",
    "queue.csv": CSV,
    "marked.csv": "\ufeff" + CSV.replace(",", ";").replace("\n", "\r\n"),
    "queue.tsv": CSV.replace(",", "\t"),
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_has_the_same_rows(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(FORMS[name].encode())
    items = read_queue(path, SETTINGS)
    assert [item.values for item in items] == VALUES
    assert [(item.number, item.wrong) for item in items] == [(1, ""), (2, "")]


@pytest.mark.parametrize(
    ("name", "text", "wrong"),
    [
        ("a.jsonl", '{"seed": 1}\n{"seed": \n{"seed": 3}', "Item 2 of the queue is not JSON"),
        ("a.jsonl", '{"seed": 1}\n[]\n{"seed": 3}', "Item 2 of the queue is not an object"),
        ("a.json", '[{"seed": 1}, {"sed": 2}, {"seed": 3}]', "has “sed”, which is none of size"),
        ("a.json", '[{"seed": 1}, {"seed": "2"}, {"seed": 3}]', "has '2' as seed. The seed is 2"),
        ("a.csv", "seed\n1\ntwo\n3", "has 'two' as seed. The seed is “two”: use a whole number"),
        ("a.csv", "seed\n1\n2,5\n3", "Item 2 of the queue has more cells than columns"),
    ],
)
def test_a_wrong_row_says_so_and_stops_none_of_the_others(tmp_path, name, text, wrong):
    (tmp_path / name).write_text(text)
    first, second, third = read_queue(tmp_path / name, SETTINGS)
    assert (first.values, third.values) == ({"seed": 1}, {"seed": 3})
    assert wrong in second.wrong and "\n" not in second.wrong


@pytest.mark.parametrize(
    ("name", "content", "wrong"),
    [
        ("a.json", b"{", "is not JSON"),
        ("a.json", b"{}", "is not a list"),
        ("a.jsonl", b"\n \n", "is empty"),
        ("a.csv", b"", "is empty"),
        ("a.csv", b"seed\n", "is empty"),
        ("a.csv", b"seed,colour\n1,2\n", "has a column “colour”, which is none of size"),
        ("a.csv", b"seed,seed\n1,2\n", "has two columns “seed”"),
        ("a.csv", b"seed\n\xff\n", "is not UTF-8"),
    ],
)
def test_a_file_that_is_no_queue_is_refused(tmp_path, name, content, wrong):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInput, match=wrong):
        read_queue(tmp_path / name, SETTINGS)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(BadInput, match="cannot be read"):
        read_queue(tmp_path / "none.csv", SETTINGS)


def test_parts_are_disjoint_and_make_up_the_whole():
    rows = list(range(23))
    parts = [Part(number, 5).take(rows) for number in range(1, 6)]
    assert sorted(row for part in parts for row in part) == rows
    assert {len(part) for part in parts} == {4, 5}


@pytest.mark.parametrize("text", ["", "0/2", "3/2", "1", "1/2/3", "-1/2", "a/b", "1/0", "١/٢"])
def test_what_is_no_part_is_refused(text):
    with pytest.raises(BadInput, match="is no part: use one such as 2/8"):
        parse_part(text)
    assert parse_part("2/8") == Part(2, 8)
