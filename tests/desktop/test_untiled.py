"""What an artist changes by hand on an un-tiled map: the steps of ``inside/untiled.py``."""

from __future__ import annotations


def test_the_other_places_follow(run_in_window):
    said = run_in_window("untiled.py")["put_another_image_into_the_node"]
    assert not said, said
