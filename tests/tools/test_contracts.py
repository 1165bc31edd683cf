import grimp
import pytest

from tools.contracts import OnlyImports

IMPORTS = (
    ("a.one", "json"),
    ("a.one", "a.two"),
    ("a.two", "numpy"),
    ("a.two", "a.brought.open"),
    ("a.brought.open", "torch"),
)


def check(*more, **options):
    graph = grimp.ImportGraph()
    graph.add_module("a")
    for importer, imported in IMPORTS + more:
        graph.add_import(importer=importer, imported=imported, line_number=3, line_contents="")
    options = {"source_modules": ["a"], **options}
    found = OnlyImports("only", session_options={}, contract_options=options).check(graph, False)
    assert found.kept == (not found.metadata["lines"])
    return found.metadata["lines"]


ALLOWED = {"except_modules": ["a.brought"], "allowed_modules": ["a.brought.open", "numpy"]}


def test_what_is_allowed_may_be_imported():
    assert check(**ALLOWED) == []


@pytest.mark.parametrize("name", ["scipy", "numpylike", "a.brought", "a.brought.other", "ab"])
def test_nothing_else_may(name):
    assert check(("a.two", name), **ALLOWED) == [f"- a.two may not import {name} (l.3)"]


def test_what_is_excepted_is_checked_where_it_is_not():
    assert check(allowed_modules=["numpy"]) == ["- a.brought.open may not import torch (l.3)"]


def test_a_package_that_is_not_there_is_named():
    with pytest.raises(ValueError, match=r"no module a\.nowhere"):
        check(source_modules=["a.nowhere"])
