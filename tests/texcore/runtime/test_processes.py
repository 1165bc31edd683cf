"""Several processes on one canvas, by gloo: the same as one."""

import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from tests.making import bricks, load_png, relief, save_png, tiling
from tests.running import SECONDS, begin, closed_port, command, environment, texcore
from texcore.contract.errors import Unavailable
from texcore.runtime.processes import join
from texcore.synthesis.tiles import plan_tiles

# Each process saves value and gradient of plans of its own making, and where its tiles are.
_EVALUATE = """
import sys, torch
from tests.making import tiling
from tests.texcore.synthesis.test_tiling import NETWORKS, CPU, objective, start
from texcore.runtime.processes import join
torch.set_num_threads(1)
group = join(CPU)
saved = {}
for name, model, size, side, channels in eval(sys.argv[2]):
    network = NETWORKS[name]
    tiles = tiling(network, model, tile_side=side, group=group)
    made = objective(network, channels, size, model, tiles)
    z = start(made) if group.leads else torch.zeros_like(start(made))
    value, gradient = made(z)
    tiles = [tuple(tile) for tile in tiles.plan(*size).visit()]
    saved[name, model, size] = value, gradient, tiles
torch.save(saved, f"{sys.argv[1]}/{group.rank}.pt")
group.leave()
"""
PLANS = [
    ("vgg", "default", (160, 144), 1000, 3),
    ("vgg", "default", (192, 96), 64, 4),
    ("bank", "default", (144, 128), 50, 1),
    ("vgg", "multiscale", (128, 160), 48, 3),
    ("vgg", "default", (64, 64), 1000, 3),  # too small to be divided
]


def launched(home, count, words, **more):
    """That many processes with the variables that a launcher sets."""
    port = str(closed_port())
    place = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "WORLD_SIZE": str(count)}
    place |= {"LOCAL_WORLD_SIZE": str(count), "GLOO_SOCKET_IFNAME": "lo"}
    return [
        begin(
            words,
            env=environment(home) | place | {"RANK": str(n), "LOCAL_RANK": str(n)} | more,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        for n in range(count)
    ]


def ended(processes):
    return [
        (p.returncode, out, err) for p in processes for out, err in [p.communicate(timeout=SECONDS)]
    ]


@pytest.mark.slow
@pytest.mark.parametrize("count", [2, 3])
def test_value_and_gradient_are_those_of_one_process(home, tmp_path, count):
    from tests.texcore.synthesis.test_tiling import NETWORKS, objective, start

    words = [sys.executable, "-c", _EVALUATE, str(tmp_path), repr(PLANS)]
    assert [(code, err) for code, _, err in ended(launched(home, count, words))] == [
        (0, "")
    ] * count
    answers = [torch.load(tmp_path / f"{n}.pt") for n in range(count)]
    for name, model, size, _, channels in PLANS:
        one = objective(
            NETWORKS[name], channels, size, model, tiling(NETWORKS[name], model, tile_side=1000)
        )
        value, gradient = one(start(one))
        visited = []
        for answer in answers:
            their_value, their_gradient, tiles = answer[name, model, size]
            assert_close(their_value, value, rtol=0, atol=1e-12 * float(value))
            assert_close(their_gradient, gradient, rtol=0, atol=1e-12 * float(gradient.abs().max()))
            visited += tiles
        if size == (64, 64):
            assert visited == [(0, 0, 64, 64)] * count
        else:
            covered = np.zeros(size, int)
            for top, left, height, width in visited:
                covered[top : top + height, left : left + width] += 1
            assert (covered == 1).all()


# Some of the processes cannot hold more than so many texels.
_STARVED = """
import sys, torch
from tests.making import tiling
from tests.texcore.synthesis.test_tiling import CPU, NETWORKS, Starved, objective, start, starved
from texcore.runtime.processes import join
torch.set_num_threads(1)
group = join(CPU)
size, most, which = eval(sys.argv[2])
network = starved(most) if group.rank in which else NETWORKS["vgg"]
tiles = tiling(network, tile_side=1000, group=group)
made = objective(network, 3, size, "default", tiles)
z = start(made) if group.leads else torch.zeros_like(start(made))
try:
    value, gradient = made(z)
except MemoryError as e:
    value, gradient = str(e), None
except torch.OutOfMemoryError as e:
    value, gradient = str(e), None
torch.save((tiles.limits.side, value, gradient), f"{sys.argv[1]}/{group.rank}.pt")
group.wait()
group.leave()
"""


@pytest.mark.slow
@pytest.mark.parametrize("which", [{0}, {1}, {0, 1}])
def test_where_one_runs_out_of_memory_all_go_on_with_smaller_tiles(home, tmp_path, which):
    from tests.texcore.synthesis.test_tiling import NETWORKS, objective, start

    size = 256, 320
    words = [sys.executable, "-c", _STARVED, str(tmp_path), repr((size, 180**2, which))]
    assert [(code, err) for code, _, err in ended(launched(home, 2, words))] == [(0, "")] * 2
    one = objective(NETWORKS["vgg"], 3, size, "default", tiling(NETWORKS["vgg"], tile_side=1000))
    value, gradient = one(start(one))
    for n in range(2):
        side, their_value, their_gradient = torch.load(tmp_path / f"{n}.pt")
        assert_close(their_value, value, rtol=0, atol=1e-12 * float(value))
        assert_close(their_gradient, gradient, rtol=0, atol=1e-12 * float(gradient.abs().max()))
        assert side == 80


# The second is too small a canvas to be divided: each process sees all of it.
@pytest.mark.slow
@pytest.mark.parametrize(("size", "most"), [((256, 320), 100**2), ((96, 112), 96 * 104)])
def test_where_no_tile_is_small_enough_all_say_so(home, tmp_path, size, most):
    words = [sys.executable, "-c", _STARVED, str(tmp_path), repr((size, most, {1}))]
    assert [(code, err) for code, _, err in ended(launched(home, 2, words))] == [(0, "")] * 2
    answers = [torch.load(tmp_path / f"{n}.pt") for n in range(2)]
    assert {side for side, _, _ in answers} == {64}
    assert [said for _, said, _ in answers] == [
        "another process of this job is out of memory",
        "CUDA out of memory. Tried to allocate 9 GiB",
    ]


@pytest.mark.parametrize("processes", [2, 3, 4, 7])
@pytest.mark.parametrize("size", [(256, 256), (160, 1600), (1024, 4096)])
def test_processes_have_about_as_much_to_do(size, processes):
    plan = plan_tiles(*size, 16, 48, 512, processes)
    assert len(plan.tiles) >= processes
    shares = [sum(map(plan.share, plan.tiles[n::processes])) for n in range(processes)]
    assert max(shares) <= 1.5 * min(shares)
    assert max(max(tile.height, tile.width) for tile in plan.tiles) <= 512


SETTINGS = ("--size", "160x144", "--quality", "draft", "--device", "cpu", "--weights", "random")


def words_for(tmp_path, out, *more):
    exemplar = tmp_path / "in.png"
    if not exemplar.exists():
        save_png(exemplar, bricks(144, 144))
    return ("synthesize", exemplar, "-o", tmp_path / out, *SETTINGS, *more)


# So few evaluations, in float32, that rounding has hardly time to grow.
_SHORT = """
import torch, texcore.runtime.devices as d
import texcore.synthesis.levels as p
p.FULL_EFFORT_SIDE = 1
d.precision = lambda name, device: torch.float32
"""


@pytest.mark.slow
def test_the_command_line_makes_the_same_texture_and_the_leader_alone_speaks(home, tmp_path):
    one = texcore(home, *words_for(tmp_path, "one.png"), code=_SHORT)
    assert one.returncode == 0, one.stderr
    words = command(*words_for(tmp_path, "two.png"), code=_SHORT)
    leader, follower = ended(launched(home, 2, words))
    assert (leader[0], follower) == (0, (0, "", "")), leader[2]
    assert leader[1].startswith(str(tmp_path / "two.png"))
    off = np.abs(load_png(tmp_path / "one.png").astype(int) - load_png(tmp_path / "two.png"))
    assert off.max() <= 2
    assert sorted(path.name for path in tmp_path.glob("*.png*")) == ["in.png", "one.png", "two.png"]


@pytest.mark.slow
def test_a_material_is_the_same_of_two_processes(home, tmp_path):
    exemplars = relief(144, 144)
    given = []
    for id in ("base_color", "normal"):
        given += ["--map", f"{id}={save_png(tmp_path / f'{id}.png', exemplars[id])}"]
    words = ("synthesize", *given, *SETTINGS, "--derive", "roughness", "-o")
    one = texcore(home, *words, tmp_path / "one", code=_SHORT)
    assert one.returncode == 0, one.stderr
    leader, follower = ended(launched(home, 2, command(*words, tmp_path / "two", code=_SHORT)))
    assert (leader[0], follower) == (0, (0, "", "")), (leader[2], follower)
    assert "3 maps, 160 × 144" in leader[1]
    names = {path.name for path in (tmp_path / "two").iterdir()}
    assert names == {"base_color.png", "normal.png", "roughness.png"}
    for name in ("base_color.png", "normal.png"):
        off = load_png(tmp_path / "one" / name).astype(int) - load_png(tmp_path / "two" / name)
        assert np.abs(off).max() <= 2, name


# Levels settle as soon as they may: of twenty evaluations after six, which are enough to compare.
_SETTLING = (
    _SHORT
    + """
from texcore.optimisers.convergence import Convergence
Convergence.WINDOW, Convergence.FALL = 5, 1.0
"""
)


@pytest.mark.slow
def test_where_the_leader_finds_a_level_settled_all_go_on_with_the_next(home, tmp_path):
    words = command(*words_for(tmp_path, "two.png", "--iterations", "20"), code=_SETTLING)
    leader, follower = ended(launched(home, 2, words))
    assert (leader[0], follower) == (0, (0, "", "")), leader[2]
    assert " 12 evaluations" in leader[1]


# The second process ends itself in the middle of a level, once there is a checkpoint.
_LOST = (
    _SHORT
    + """
import os, signal
from texcore.service.checkpoint import Checkpoint
from texcore.synthesis.run import Synthesis
Checkpoint.INTERVAL = 0.0
steps = Synthesis.steps
def until_lost(self):
    for step in steps(self):
        if os.environ["RANK"] == "1" and step.level == 1 and step.iteration == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        yield step
Synthesis.steps = until_lost
"""
)


@pytest.mark.slow
def test_a_lost_process_ends_the_job_and_it_can_go_on(home, tmp_path):
    one = texcore(home, *words_for(tmp_path, "one.png"), code=_SHORT)
    assert one.returncode == 0, one.stderr
    words = command(*words_for(tmp_path, "two.png", "-q"), code=_LOST)
    leader, lost = ended(launched(home, 2, words))
    assert lost[0] < 0
    assert leader[0] == 1
    assert leader[1] == ""
    assert leader[2].count("\n") == 1
    assert leader[2].startswith("texcore: Another process of this job was lost")
    assert not (tmp_path / "two.png").exists()
    assert (tmp_path / "two.png.checkpoint").exists()
    words = command(*words_for(tmp_path, "two.png", "-q", "--resume"), code=_SHORT)
    leader, follower = ended(launched(home, 2, words))
    assert (leader[0], follower) == (0, (0, "", "")), leader[2]
    assert "Gone on after" in leader[2]
    off = np.abs(load_png(tmp_path / "one.png").astype(int) - load_png(tmp_path / "two.png"))
    assert off.max() <= 2
    assert not (tmp_path / "two.png.checkpoint").exists()


def test_alone_there_is_no_group(monkeypatch):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    assert join(torch.device("cpu")) is None


def test_variables_that_lead_nowhere_are_said(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    for name in ("MASTER_ADDR", "MASTER_PORT", "RANK"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(Unavailable, match="cannot be reached"):
        join(torch.device("cpu"))
    assert "RANK" not in os.environ
