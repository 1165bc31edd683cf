from texcore.service import patience
from texcore.service.patience import Patience


def test_the_end_of_a_step_is_waited_for_where_something_can_be_kept_and_not_for_ever(monkeypatch):
    now = 100.0
    monkeypatch.setattr(patience.time, "monotonic", lambda: now)
    assert not Patience(pausable=False).lasts()
    waiting = Patience(pausable=True)
    assert not waiting.lasts()  # before the first step there is nothing to keep
    waiting.begin()
    now = 200.0
    assert waiting.lasts()
    now = 204.9
    assert waiting.lasts()
    now = 205.1
    assert not waiting.lasts()
