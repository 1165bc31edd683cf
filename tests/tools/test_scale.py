"""How long a batch takes: the formula of the documents, against its scheduler played through."""

from dataclasses import replace

import pytest

from benchmarks.scale import Farm, draw, predict, simulate


@pytest.mark.parametrize("parts", [False, True])
@pytest.mark.parametrize("deaths", [0.0, 6.0])
@pytest.mark.parametrize(("rows", "workers", "mean"), [(200, 2, 2.0), (4000, 50, 20.0)])
def test_the_formula_is_near(rows, workers, mean, deaths, parts):
    farm = Farm(workers, deaths=deaths, parts=parts)
    played = simulate(farm, draw(rows, mean, 0.3))
    assert predict(farm, rows, mean, 0.3) == pytest.approx(played, rel=0.04)


def test_what_can_be_known_without_either():
    assert simulate(Farm(2, start=5.0, handing=0.0), [3.0, 1.0, 1.0, 1.0]) == 8.0
    assert simulate(Farm(2, start=5.0, parts=True), [3.0, 1.0, 1.0, 1.0]) == 9.0
    assert simulate(Farm(1000, start=0.0, handing=0.1), [1.0] * 100) == pytest.approx(11.0)
    # One that dies again and again still comes to its end, from checkpoint to checkpoint.
    dying = Farm(1, start=1.0, handing=0.0, deaths=3600 / 100)
    once = simulate(dying, [500.0])
    assert once > 500.0
    assert simulate(replace(dying, checkpoint=1e9), [500.0]) > once
