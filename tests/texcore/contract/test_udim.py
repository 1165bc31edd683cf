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
    with pytest.raises(BadInput, match="say how many there are"):
        udim.name_files(Path("wall.<UDIM>.png"), ())


def name_tiles(*names: str) -> dict[str, tuple[str, tuple[int, ...]]]:
    """What `find_tiles` finds among files, by their names."""
    found = udim.find_tiles([Path("maps") / name for name in names])
    return {file.name: (tiles.path.name, tiles.numbers) for file, tiles in found.items()}


def test_files_whose_names_differ_in_a_tiles_number_are_one_texture():
    wall, rough = ("wall.<UDIM>.png", (1001, 1012)), ("r_<UDIM>_2k.exr", (1001, 1002))
    assert name_tiles("wall.1012.png", "wall.1001.png", "r_1001_2k.exr", "r_1002_2k.exr", "a") == {
        "wall.1012.png": wall,
        "wall.1001.png": wall,
        "r_1001_2k.exr": rough,
        "r_1002_2k.exr": rough,
    }


def test_a_number_by_itself_is_a_tile_only_beside_such_tiles():
    assert name_tiles("a.1001.png", "b_1024.png") == {}
    found = name_tiles("a.1001.png", "a.1002.png", "b.1002.png", "c_1024.png")
    assert set(found) == {"a.1001.png", "a.1002.png", "b.1002.png"}
    assert found["b.1002.png"] == ("b.<UDIM>.png", (1002,))


def test_numbers_of_no_tile_are_none():
    assert name_tiles("a.1000.png", "a.2001.png", "a.2048.png", "b1001.png", "b1002.png") == {}
