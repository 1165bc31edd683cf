"""What a run will take, said before it begins, against what it takes."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.making import bricks, save_png, vgg
from tests.running import texcore
from texcore.contract.errors import OutOfMemory
from texcore.contract.recipe import Recipe
from texcore.exemplars.exemplar import Exemplar
from texcore.models.presets import make_preset
from texcore.runtime import memory
from texcore.runtime.context import Context, Machine
from texcore.synthesis import forecast
from texcore.synthesis.forecast import Demand, Forecast
from texcore.synthesis.run import Synthesis
from texcore.synthesis.tiling import limit_tiles

CPU = torch.device("cpu")

# A network so thin that the canvas is what takes memory; says what was expected and what it was.
_MEASURED = """
import atexit
from pathlib import Path
from tests.making import vgg
from texcore.features import weights
from texcore.synthesis.run import Synthesis
weights.load = lambda *words: (vgg(), [])
begin = Synthesis.__init__
def noting(self, *words):
    begin(self, *words)
    print(self.forecast.peak)
Synthesis.__init__ = noting
def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))
atexit.register(lambda: print(peak()))
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="nobody says the peak")
@pytest.mark.parametrize(
    ("size", "channels", "more"),
    [("512", 3, ()), ("1024x640", 3, ("--model", "smooth")), ("512", 1, ("--tile-side", "192"))],
)
def test_a_run_takes_about_what_was_forecast(home, tmp_path, size, channels, more):
    # All pairs of the optimiser's are filled.
    exemplar = save_png(tmp_path / "in.png", bricks(128, 128)[:channels])
    words = ("-o", tmp_path / "out.png", "--size", size, "--iterations", "14", "--device", "cpu")
    done = texcore(home, "synthesize", exemplar, *words, "-q", *more, code=_MEASURED, fresh=True)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    forecast, measured = int(lines[0]), int(lines[-1])
    assert 0.8 * measured <= forecast <= 1.5 * measured


def at(height, width):
    """Bytes of a run that takes a hundred a texel."""
    return 100 * height * width


class TestCheck:
    def test_what_fits_is_let_through(self):
        assert forecast.check(Forecast(700, 900), 1000, (2, 3), at) == []

    def test_what_hardly_fits_is_said(self):
        (note,) = forecast.check(Forecast(1700 * 10**6, 0), 2 * 10**9, (2, 3), at)
        assert "about 1.7 GB of the 2.0 GB" in note

    def test_where_nobody_says_what_is_free_nothing_is_refused(self):
        assert forecast.check(Forecast(10**15, 10**15), None, (2, 3), at) == []

    @given(st.integers(32, 20000), st.integers(32, 20000), st.integers(1, 10**11))
    def test_the_size_said_instead_fits_and_the_next_does_not(self, height, width, free):
        if at(height, width) <= 0.95 * free:
            assert forecast.check(Forecast(0, 0), free, (height, width), at) == []
            return
        with pytest.raises(OutOfMemory) as raised:
            forecast.check(Forecast(0, 0), free, (height, width), at)
        sentence = str(raised.value)
        assert sentence.startswith(f"{width} × {height} takes ")
        if "choose" not in sentence:
            return
        size = sentence.split("choose ")[1].split(" at most")[0]
        fitting = [int(n) for n in size.split(" × ")]
        assert at(*fitting) <= 0.95 * free
        step = (max(fitting) + 16) / max(height, width)
        assert at(int(height * step), int(width * step)) > 0.95 * free
        assert fitting[0] / fitting[1] == pytest.approx(width / height, rel=2 / min(fitting))


class TestRun:
    def synthesis(self, size):
        exemplar = Exemplar.of(torch.from_numpy(bricks(96, 96)))
        recipe = Recipe(quality="draft", size=size)
        return Synthesis(exemplar, recipe, vgg(), Context(CPU))

    def test_one_that_cannot_fit_is_refused_before_it_begins(self, monkeypatch):
        monkeypatch.setattr(memory, "free", lambda device: 4 * 10**9)
        with pytest.raises(OutOfMemory, match=r"8192 × 4096 takes \d.* 4.0 GB are free: choose "):
            self.synthesis((8192, 4096))
        assert "tight" not in str(self.synthesis((512, 256)).notes)

    def test_the_size_that_is_said_instead_is_not_refused(self, monkeypatch):
        monkeypatch.setattr(memory, "free", lambda device: 4 * 10**9)
        with pytest.raises(OutOfMemory) as raised:
            self.synthesis((8192, 4096))
        width, height = str(raised.value).split("choose ")[1].split(" at most")[0].split(" × ")
        notes = self.synthesis((int(width), int(height))).notes
        assert any(note.startswith("Memory is tight") for note in notes)

    @pytest.mark.slow
    def test_the_command_line_says_it_in_one_sentence(self, home, tmp_path):
        exemplar = save_png(tmp_path / "in.png", bricks(64, 64))
        words = ("-o", tmp_path / "out.png", "--size", "16384", "--weights", "random")
        scarce = "import texcore.runtime.memory as m; m.free = lambda device: 10**9"
        done = texcore(home, "synthesize", exemplar, *words, "-q", code=scarce)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("texcore: 16384 × 16384 takes ")
        assert done.stderr.count("\n") == 1
        assert [p.name for p in tmp_path.glob("*.png*")] == ["in.png"]


@pytest.mark.parametrize(
    ("more", "free", "ample"), [(10, 20, True), (11, 20, False), (1, None, False)]
)
def test_freed_memory_is_kept_only_where_there_is_much(more, free, ample):
    assert forecast.is_ample(Forecast(more, more), free) is ample


def test_what_is_kept_is_in_the_forecast():
    kept = forecast.add_kept(Forecast(1000, 1500))
    assert kept.more > 1000
    assert kept.peak - kept.more == 500


def limits(machine, reserved=0):
    network = vgg()
    layers = make_preset("default", network).layer_names
    return limit_tiles(network.describe(), layers, machine, reserved=reserved)


def test_tiles_leave_room_for_the_canvas():
    sides = [limits(Machine(free=10**9), share * 10**8).side for share in (0, 3, 6, 9, 12)]
    assert sides == sorted(sides, reverse=True)
    assert sides[0] == sides[1] > sides[2] > sides[3]
    assert sides[-1] == 64


def test_smaller_tiles_take_less_and_the_smallest_least():
    several = [limits(Machine(tile_side=side)) for side in (1024, 512, 128, 64)]
    taken = [tiles.evaluation_bytes(1024, 768) for tiles in several]
    assert taken == sorted(taken, reverse=True)
    assert np.diff(taken).all()
    assert {tiles.least_evaluation_bytes(1024, 768) for tiles in several} == {taken[-1]}


def test_a_level_takes_at_least_its_optimiser_and_its_maps():
    demand = Demand(canvas=10, optimiser=1000, shown=0, maps=500, block=0, exemplar=0)
    assert demand.peak >= 1500 + 10
    assert demand.without_maps < 1500


@pytest.mark.parametrize(("count", "text"), [(4.94e9, "4.9 GB"), (6.4e8, "640 MB")])
def test_bytes_as_a_person_says_them(count, text):
    assert memory.gigabytes(count) == text
