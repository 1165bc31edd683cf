"""What the documents lead to is there: links, pictures, and the files they name."""

import re

import pytest

from tools import settings_table
from tools.project import ROOT

DOCUMENTS = [
    p for folder in (".", "docs", "benchmarks") for p in sorted((ROOT / folder).glob("*.md"))
]
LINK = re.compile(r"\]\(([^)\s]+)\)")
NAMED = re.compile(
    r"(?<![\w./-])(?:texcore|blender_addon|tests|tools|benchmarks|demo|docs)(?:/[\w-]+)+(?:(?:\.\w+)+|/)?"
)


def missing(text, folder):
    """Links from a document in this folder that lead nowhere, and files named in it likewise."""
    links = [link.partition("#") for link in LINK.findall(text) if "://" not in link]
    nowhere = [path for path, _, _ in links if path and not (folder / path).exists()]
    nowhere += [f"#{anchor}" for path, _, anchor in links if not path and anchor not in slugs(text)]
    # A name in code may be a module without its ending.
    named = (name.rstrip("/") for name in NAMED.findall(text))
    return nowhere + [n for n in named if not ((ROOT / n).exists() or (ROOT / f"{n}.py").exists())]


def slugs(text):
    """The anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", text, re.M)
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_every_link_and_every_name_of_a_file_leads_somewhere(document):
    assert missing(document.read_text("utf-8"), document.parent) == []


def test_the_settings_in_the_document_are_those_of_the_table():
    text = settings_table.DOCUMENT.read_text("utf-8")
    assert settings_table.renew(text) == text, "Run: python3 build.py docs"


def test_a_setting_that_is_missing_or_another_is_put_right():
    text = settings_table.DOCUMENT.read_text("utf-8")
    row = next(line for line in text.splitlines() if line.startswith("| Straighten |"))
    for wrong in (
        text.replace(row + "\n", ""),
        text.replace(row, "| Straighten | Advanced | Not this |"),
    ):
        assert wrong != text
        assert settings_table.renew(wrong) == text


def test_every_picture_is_shown_somewhere():
    shown = "".join(document.read_text("utf-8") for document in DOCUMENTS)
    assert [p.name for p in sorted((ROOT / "docs").glob("*.jpg")) if p.name not in shown] == []


def test_what_leads_nowhere_is_found():
    text = "[a](docs/none.md) ![b](none.jpg) [c](#none) `texcore/none.py` [d](docs) texcore/canvas/"
    assert missing(text, ROOT) == [
        "docs/none.md",
        "none.jpg",
        "#none",
        "docs/none.md",
        "texcore/none.py",
    ]
    assert missing("# A Heading\n[a](#a-heading) [b](https://a.b/c.md) `texcore/cli`", ROOT) == []
