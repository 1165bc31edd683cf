"""What the set-up program finds of a computer, and what an engine takes there."""

import pytest

from tests.set_up_program import machine


class TestNeeds:
    @pytest.mark.parametrize("system", ["linux", "darwin", "win32", "freebsd"])
    @pytest.mark.parametrize("card", ["none", "NVIDIA", "AMD", "Apple"])
    def test_every_computer_has_figures(self, system, card):
        needs = machine.needs(card, system)
        assert needs.download > 0 and 0 < needs.disk < needs.free / 1e9

    def test_a_card_costs_more(self):
        assert machine.needs("NVIDIA", "linux").disk > 3 * machine.needs("none", "linux").disk

    @pytest.mark.parametrize(
        ("said", "kfd", "expected"),
        [("GPU 0: NVIDIA H200", False, "NVIDIA"), ("", True, "AMD"), ("", False, "none")],
    )
    def test_the_card_is_found(self, monkeypatch, said, kfd, expected):
        monkeypatch.setattr(machine.sys, "platform", "linux")
        monkeypatch.setattr(machine, "_said", lambda *words: said)
        monkeypatch.setattr(machine.Path, "exists", lambda path: kfd)
        assert machine.accelerator() == expected

    @pytest.mark.parametrize(
        ("system", "card", "own"),
        [
            ("linux", "none", True),
            ("linux", "NVIDIA", True),
            ("linux", "AMD", True),
            ("win32", "NVIDIA", True),
            ("win32", "none", False),
            ("darwin", "Apple", False),
        ],
    )
    def test_who_needs_a_build_of_pytorchs_own_index(self, system, card, own):
        assert machine.needs_own_build(card, system) == own

    def test_room(self, tmp_path):
        assert machine.check_room(tmp_path, 1) == ""
        assert "make room" in machine.check_room(tmp_path, 1 << 60)
