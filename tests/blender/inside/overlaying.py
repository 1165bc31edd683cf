"""What is drawn over an editor: one of a kind is open, and goes when it is closed."""

from __future__ import annotations

import contextlib
import functools
import types
from collections.abc import Iterator
from unittest import mock

import bpy
import helpers

ENGINE = "painting.py"


class Space:
    """The kind of an editor, which has the handlers that draw over it."""

    handlers: list[int]
    added = 0

    @classmethod
    def draw_handler_add(cls, draw, arguments: tuple, region: str, when: str) -> int:
        cls.added += 1
        cls.handlers.append(cls.added)
        return cls.added

    @classmethod
    def draw_handler_remove(cls, handler: int, region: str) -> None:
        cls.handlers.remove(handler)


def area(*regions: types.SimpleNamespace) -> types.SimpleNamespace:
    """An editor of such regions."""
    space = type("Space", (Space,), {"handlers": []})()
    return types.SimpleNamespace(regions=regions, spaces=types.SimpleNamespace(active=space))


def region(
    kind: str, alignment: str, x: int, y: int, width: int, height: int, view2d=None
) -> types.SimpleNamespace:
    """A region of an editor."""
    return types.SimpleNamespace(
        type=kind,
        alignment=alignment,
        x=x,
        y=y,
        width=width,
        height=height,
        view2d=view2d,
        tag_redraw=lambda: None,
    )


@contextlib.contextmanager
def opened(cls: type, shown) -> Iterator[mock.Mock]:
    """An operator whose overlay is open; it stays so after the operator's end."""
    overlay = helpers.module("operators.overlay")
    operator = mock.Mock(overlay=shown)
    for name in ("modal", "follow"):
        setattr(operator, name, functools.partial(getattr(cls, name), operator))
    with mock.patch.object(overlay, "_open", []):
        overlay.show(shown)
        yield operator


def happen(operator: mock.Mock, kind: str, place: tuple[float, float], value: str) -> set[str]:
    """What an operator answers to an event at a place of the window."""
    event = types.SimpleNamespace(type=kind, value=value, mouse_x=place[0], mouse_y=place[1])
    return operator.modal(bpy.context, event)


def check_of_a_kind_one_is_open_until_it_is_closed():
    overlay, sheet = helpers.module("operators.overlay"), helpers.module("operators.sheet")
    framing, choosing = (helpers.module(f"operators.{name}") for name in ("framing", "choosing"))
    where = area(region("WINDOW", "NONE", 0, 0, 400, 400))
    first, second = (sheet.Sheet([sheet.Shown("a", "a", 1.0)], where) for _ in range(2))
    frame = framing.Frame(where)
    for each in (first, frame, second):
        overlay.show(each)
    assert overlay.list_open(sheet.Sheet) == [second]
    assert overlay.list_open(framing.Frame) == [frame]
    assert len(where.spaces.active.handlers) == 2
    for cls, shown in (
        (choosing.TEXCORE_OT_compare_variations, second),
        (framing.TEXCORE_OT_draw_rectangle, frame),
    ):
        context = mock.Mock()
        cls.close(mock.Mock(overlay=shown, pointer=cls.pointer), context)
        assert overlay.list_open(type(shown)) == []
        context.workspace.status_text_set.assert_called_once_with(None)
        assert context.window.cursor_modal_restore.called == bool(cls.pointer)
    assert where.spaces.active.handlers == []


def check_one_that_another_has_taken_the_place_of_lets_events_through():
    overlay, sheet = helpers.module("operators.overlay"), helpers.module("operators.sheet")
    where = area(region("WINDOW", "NONE", 0, 0, 400, 400))
    first, second = (sheet.Sheet([sheet.Shown("a", "a", 1.0)], where) for _ in range(2))
    cls = helpers.module("operators.choosing").TEXCORE_OT_compare_variations
    with opened(cls, first) as operator:
        assert happen(operator, "MOUSEMOVE", (10, 10), "NOTHING") == {"RUNNING_MODAL"}
        overlay.show(second)
        answer = happen(operator, "MOUSEMOVE", (10, 10), "NOTHING")
    assert answer == {"CANCELLED", "PASS_THROUGH"}
