import pytest

from texcore.cli import main
from texcore.contract.errors import BadInput, Cancelled, OutOfMemory, Unavailable


@pytest.mark.parametrize("kind", [BadInput, Unavailable, Cancelled, OutOfMemory])
@pytest.mark.parametrize("odd", ["\n", "\r\n", "\0", "\x1b[2J", "\u2028", "\x85"])
def test_a_sentence_is_one_line_whatever_is_quoted(kind, odd):
    sentence = str(kind(f"“bark{odd}.png” is not there: check the path."))
    assert len(sentence.splitlines()) == 1 and sentence.startswith("“bark ")
    assert "\x1b" not in sentence and "\0" not in sentence


def test_a_sentence_stays_as_it_is():
    words = "“Rinde – ä 𝕏.png” is 3\N{NO-BREAK SPACE}GB: scale it down."
    assert str(BadInput(words)) == words


def test_so_it_is_where_names_have_lines(tmp_path, capsys):
    photo = tmp_path / "two\nlines.png"
    assert main(["synthesize", str(photo), "-o", str(tmp_path / "out\n.xyz")]) == 1
    assert capsys.readouterr().err.count("\n") == 1
