import contextlib
import io
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from texcore.contract import messages
from texcore.contract.errors import BadInput
from texcore.contract.jobs import Companions, Job, Made, MadeMap, MapFiles
from texcore.contract.messages import ErrorCode, ProtocolError
from texcore.contract.recipe import Recipe

# Half of a pair, as names of files that are no UTF-8 have it, too.
texts = st.text(st.characters())
numbers = st.integers(0, 2**53)
floats = st.floats(0, 1e6)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
names = st.binary(min_size=1, max_size=12).map(
    lambda name: name.translate(None, b"/\\\0").decode(errors="surrogateescape") or "a"
)
paths = names.map(lambda name: Path("/pictures") / name)
objects = st.dictionaries(texts, json_values, max_size=4)
recipes = st.builds(Recipe, seed=st.integers(0, 2**32 - 1), network=texts)
files = st.dictionaries(texts, paths, max_size=3)
every_message = st.one_of(
    st.builds(messages.Hello, numbers, texts),
    st.builds(messages.HelloReply, numbers, texts, texts, texts),
    st.builds(
        Job,
        st.dictionaries(texts, st.builds(MapFiles, paths, paths, st.none() | paths, texts, texts)),
        recipes,
        files,
        st.booleans(),
        st.builds(
            Companions,
            files,
            st.lists(files, max_size=2),
            *([st.none() | paths] * 3),
            st.dictionaries(texts, files, max_size=2),
        ),
        tile_side=st.none() | numbers,
        checkpoint=st.none() | paths,
    ),
    st.builds(
        Made,
        st.dictionaries(texts, st.builds(MadeMap, paths, recipes), max_size=3),
        *(numbers, numbers, numbers, floats, texts, st.lists(texts, max_size=3)),
    ),
    st.builds(messages.Progress, numbers, floats, texts, st.none() | floats, st.booleans()),
    st.builds(messages.Cancel, numbers),
    st.builds(messages.Alive, numbers),
    st.builds(messages.Doctor, st.booleans(), st.lists(texts, max_size=3)),
)


def one_line(line):
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    return messages.parse(line)


@given(numbers, texts, every_message)
def test_requests_go_over_and_back(id, method, params):
    got = one_line(messages.request(id, method, params))
    assert (got["id"], got["method"]) == (id, method)
    assert messages.read(type(params), got["params"]) == params


@given(every_message)
def test_notifications_and_results_go_over_and_back(value):
    got = one_line(messages.notification("progress", value))
    assert "id" not in got
    assert messages.read(type(value), got["params"]) == value
    got = one_line(messages.result(3, value))
    assert got["id"] == 3
    assert messages.read(type(value), got["result"]) == value


@given(st.none() | numbers, st.sampled_from(ErrorCode), texts, texts)
def test_errors_go_over_and_back(id, code, message, log):
    got = one_line(messages.error(id, code, message, log))
    assert got["id"] == id
    assert got["error"]["code"] == code
    assert got["error"]["message"] == message
    assert got["error"].get("data", {"log": ""}) == {"log": log}


@given(every_message, objects)
def test_names_of_later_versions_are_passed_over(value, more):
    known = one_line(messages.result(1, value))["result"]
    assert messages.read(type(value), {**more, **known}) == value


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"", ErrorCode.PARSE_ERROR),
        (b"hello\n", ErrorCode.PARSE_ERROR),
        (b'{"jsonrpc":"2.0"', ErrorCode.PARSE_ERROR),
        (b"\xff\xfe\x00", ErrorCode.PARSE_ERROR),
        (b"[" * 100_000, ErrorCode.PARSE_ERROR),
        (b'{"id":' + b"9" * 10_000 + b"}", ErrorCode.PARSE_ERROR),
        (b"[]", ErrorCode.INVALID_REQUEST),
        (b"7", ErrorCode.INVALID_REQUEST),
        (b"{}", ErrorCode.INVALID_REQUEST),
        (b'{"jsonrpc":"1.0","id":1,"method":"hello"}', ErrorCode.INVALID_REQUEST),
        (b'{"jsonrpc":"2.0","id":[1],"result":{}}', ErrorCode.INVALID_REQUEST),
        (b'{"jsonrpc":"2.0","id":1.0,"result":{}}', ErrorCode.INVALID_REQUEST),
        (b'{"jsonrpc":"2.0","id":1,"method":"a","params":NaN}', ErrorCode.PARSE_ERROR),
        (b'{"jsonrpc":"2.0","id":1,"params":' + b"9" * 400 + b"}", ErrorCode.PARSE_ERROR),
        (
            b'{"jsonrpc":"2.0","id":1,"params":' + b"[" * 99 + b"]" * 99 + b"}",
            ErrorCode.PARSE_ERROR,
        ),
        (b'{"jsonrpc":"2.0","id":"x","method":"hello"}', ErrorCode.INVALID_REQUEST),
        (b'{"jsonrpc":"2.0","id":[],"method":"hello"}', ErrorCode.INVALID_REQUEST),
        (b'{"jsonrpc":"2.0","id":{},"result":1}', ErrorCode.INVALID_REQUEST),
        (b'{"jsonrpc":"2.0","id":true,"method":"hello"}', ErrorCode.INVALID_REQUEST),
        (b'{"jsonrpc":"2.0","id":1.5,"method":"hello"}', ErrorCode.INVALID_REQUEST),
        (b'"' + b"x" * messages.LINE_BYTES + b'"', ErrorCode.PARSE_ERROR),
    ],
)
def test_a_line_that_is_no_message_is_refused(line, code):
    with pytest.raises(ProtocolError) as refusal:
        messages.parse(line)
    assert refusal.value.code == code


@given(st.binary())
def test_any_line_is_a_message_or_refused(line):
    with contextlib.suppress(ProtocolError):
        assert messages.parse(line)["jsonrpc"] == "2.0"


A_MAP = {"exemplar": "/a.png", "output": "/b.png"}
GOOD = {"maps": {"picture": A_MAP}}


@pytest.mark.parametrize(
    ("kind", "params", "words"),
    [
        (messages.Hello, None, "wants an object, not NoneType"),
        (messages.Hello, [1], "wants an object, not list"),
        (messages.Hello, {}, "protocol"),
        (messages.Hello, {"protocol": "1"}, "Hello.protocol is '1'"),
        (messages.Hello, {"protocol": True}, "Hello.protocol is True"),
        (messages.Hello, {"protocol": 1.0}, "Hello.protocol is 1.0"),
        (messages.Hello, {"protocol": 1, "client": 5}, "Hello.client is 5"),
        (messages.Cancel, {"job": [1]}, "Cancel.job"),
        (Job, {}, "maps"),
        (Job, {"maps": {"picture": {"exemplar": "/a.png"}}}, "output"),
        (Job, {"maps": {"picture": {**A_MAP, "preview": 5}}}, "Job.maps.picture.preview is 5"),
        (Job, {"maps": {"picture": "/a.png"}}, "Job.maps.picture wants an object, not str"),
        (Job, {"maps": [A_MAP]}, "Job.maps is"),
        (Job, {**GOOD, "device": None}, "Job.device"),
        (Job, {**GOOD, "derive": {"height": 5}}, "Job.derive.height is 5"),
        (Job, {**GOOD, "companions": {"mix": ["/a.png"]}}, "Job.companions.mix[0] is"),
        (Job, {**GOOD, "companions": {"mask": {}}}, "Job.companions.mask is {}, not Path"),
        (messages.Progress, {"job": 1, "fraction": "0", "stage": ""}, "Progress.fraction"),
        (messages.Progress, {"job": 1, "fraction": True, "stage": ""}, "Progress.fraction"),
        (messages.Doctor, {"ready": 1, "lines": []}, "Doctor.ready"),
    ],
)
def test_wrong_parameters_are_named(kind, params, words):
    with pytest.raises(ProtocolError, match=re.escape(words)) as refusal:
        messages.read(kind, params)
    assert refusal.value.code == ErrorCode.INVALID_PARAMS


def test_a_whole_number_will_do_for_a_fraction():
    assert messages.read(messages.Progress, {"job": 1, "fraction": 1, "stage": ""}).fraction == 1


def test_a_request_is_json_rpc():
    line = messages.request(4, "hello", messages.Hello(1, "Blender"))
    assert json.loads(line) == {
        "jsonrpc": "2.0",
        "id": 4,
        "method": "hello",
        "params": {"protocol": 1, "client": "Blender"},
    }


@pytest.mark.parametrize("recipe", [[], {"colour": "red"}, {"seed": -1}])
def test_a_recipe_that_cannot_be_is_refused_in_an_artists_words(recipe):
    with pytest.raises(BadInput, match=r"recipe|seed"):
        messages.read(Job, {**GOOD, "recipe": recipe})


class Counting(io.BytesIO):
    """A stream that remembers the longest piece that was taken off it."""

    longest = 0

    def readline(self, size=-1):
        line = super().readline(size)
        self.longest = max(self.longest, len(line))
        return line


def test_a_line_without_end_is_never_held_whole():
    huge = b"x" * (5 * messages.LINE_BYTES)
    stream = Counting(b"first\n" + huge + b"\nsecond\n" + huge)
    lines = list(messages.read_lines(stream))
    assert stream.longest <= messages.LINE_BYTES + 1
    assert [line[:7] for line in lines] == [b"first\n", b"xxxxxxx", b"second\n", b"xxxxxxx"]
    for line in (lines[1], lines[3]):
        with pytest.raises(ProtocolError, match="longer than"):
            messages.parse(line)


def test_progress_is_read_within_bounds():
    given = {"job": 1, "fraction": 0.5, "stage": "x" * 10_000, "remaining": 3, "memory": 5}
    progress = messages.read_progress(given)
    assert (progress.fraction, progress.remaining, progress.memory) == (0.5, 3, 5)
    assert len(progress.stage) <= messages.STAGE_LETTERS


@pytest.mark.parametrize(
    "odd",
    [
        {"fraction": float("nan")},
        {"fraction": float("inf")},
        {"fraction": -0.1},
        {"fraction": 1.1},
        {"fraction": 10**400},
        {"remaining": float("nan")},
        {"remaining": -1.0},
        {"remaining": 1e300},
        {"memory": -1},
        {"stage": None},
        {"job": True},
    ],
)
def test_progress_that_cannot_be_is_refused(odd):
    with pytest.raises(ProtocolError, match="Progress"):
        messages.read_progress({"job": 1, "fraction": 0.5, "stage": "", **odd})


def test_an_error_is_read_within_bounds():
    given = {"code": -32001, "message": "m" * 10_000, "data": {"log": "a log"}}
    failure = messages.read_error(given)
    assert failure.code == ErrorCode.BAD_INPUT and failure.log == "a log"
    assert len(failure.message) <= messages.SENTENCE_LETTERS


@pytest.mark.parametrize(
    "odd",
    [
        "it failed",
        7,
        [],
        True,
        {},
        {"code": "1", "message": ""},
        {"code": 1, "message": 5},
        {"code": 1, "message": "", "data": "log"},
        {"code": 1, "message": "", "data": {"log": 5}},
    ],
)
def test_an_error_that_is_none_is_refused(odd):
    with pytest.raises(ProtocolError):
        messages.read_error(odd)
