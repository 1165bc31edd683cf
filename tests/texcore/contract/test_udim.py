from pathlib import Path

import pytest

from texcore.contract import udim
from texcore.contract.errors import BadInput


def test_numbers_run_to_the_right_and_then_up():
    assert udim.list_numbers(10, 2)[9:11] == (1010, 1011)
    box = udim.find_box([1010, 1022, 1023])
    assert (box.left, box.bottom, box.columns, box.rows) == (1, 0, 9, 3)
    assert box.place(1022) == (0, 2) and box.place(1010) == (8, 0)


@pytest.mark.parametrize("numbers", [(), (1000,), (2001,), range(1001, 1102)])
def test_what_is_no_set_of_tiles_is_refused(numbers):
    with pytest.raises(BadInput, match="UDIM tile"):
        udim.find_box(numbers)


@pytest.mark.parametrize("shape", [(11, 1), (0, 1), (10, 11)])
def test_more_tiles_than_there_can_be_are_refused(shape):
    with pytest.raises(BadInput, match="UDIM tiles"):
        udim.list_numbers(*shape)


def test_a_canvas_that_is_too_large_is_refused_with_the_size_that_is_not():
    assert udim.measure_canvas(4096, 4096, [1001, 1004]) == (16384, 4096)
    with pytest.raises(BadInput, match=r"4 × 1 UDIM tiles .* 20480 × 5120.* at most 4096"):
        udim.measure_canvas(5120, 5120, [1001, 1004])


def test_names_and_tiles_belong_together():
    files = udim.name_files(Path("a/wall_<UDIM>.exr"), (1001, 1012))
    assert [file.as_posix() for file in files] == ["a/wall_1001.exr", "a/wall_1012.exr"]
    assert udim.name_files(Path("wall.png"), ()) == [Path("wall.png")]
    with pytest.raises(BadInput, match=r"name it wall\.<UDIM>\.png"):
        udim.name_files(Path("wall.png"), (1001,))
    with pytest.raises(BadInput, match="--tiles"):
        udim.name_files(Path("wall.<UDIM>.png"), ())
