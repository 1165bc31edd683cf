import pytest
import torch

from tests.making import bricks
from texcore.contract.errors import BadInput
from texcore.contract.recipe import Recipe
from texcore.exemplars.exemplar import Exemplar
from texcore.runtime.context import Context
from texcore.service.checkpoint import Checkpoint
from texcore.synthesis.run import Synthesis
from texcore.synthesis.state import State

CPU = torch.device("cpu")
RECIPE = Recipe(size=(144, 128), quality="draft")


class Clock:
    """Goes on by a second at each look, or by what a test says."""

    def __init__(self):
        self.time, self.tick = 0.0, 1.0

    def __call__(self):
        self.time += self.tick
        return self.time


@pytest.fixture
def synthesis(bank, monkeypatch):
    monkeypatch.setattr("texcore.synthesis.levels.FULL_EFFORT_SIDE", 6)  # few evaluations

    def made():
        exemplar = Exemplar.of(torch.from_numpy(bricks(128, 128)))
        return Synthesis(exemplar, RECIPE, bank, Context(CPU))

    return made


@pytest.fixture
def checkpoint(tmp_path, monkeypatch):
    monkeypatch.setattr(Checkpoint, "INTERVAL", 0.0)
    return Checkpoint(tmp_path / "out.png", RECIPE, Clock())


def small(seed=0):
    tensors = {
        "a": torch.randn(3, 4, generator=torch.Generator().manual_seed(seed)),
        "b": torch.tensor(7.5, dtype=torch.float64),
        "c": torch.tensor([True, False, True]),
        "d": torch.arange(5).bfloat16(),
        "e": torch.arange(3),
        "f": torch.Generator().get_state(),
    }
    return State(1, 40, 7, tensors)


# The first evaluation, within the first level, its last, and within the second.
@pytest.mark.slow
@pytest.mark.parametrize("after", [1, 3, 6, 7, 9])
def test_interrupted_and_gone_on_with_it_is_the_very_same_texture(synthesis, checkpoint, after):
    whole = synthesis()
    losses = [step.loss for step in whole.steps() if step.evaluations]
    assert len(whole.levels) == 2
    assert whole.levels[0].evaluations == 6
    first = synthesis()
    steps = first.steps()
    next(steps)  # the layout is there to be seen
    before = [next(steps) for _ in range(after)]
    assert checkpoint.keep(first.state)
    next(steps)  # what was kept is not what is going on
    second = synthesis()
    state = checkpoint.load()
    second.restore(state)
    rest = list(second.steps())
    assert [step.loss for step in before + rest] == losses
    assert [step.evaluations for step in before + rest] == list(range(1, len(losses) + 1))
    assert rest[-1].fraction == pytest.approx(1)
    assert torch.equal(second.result(), whole.result())


def test_what_is_kept_is_what_was_there(checkpoint):
    checkpoint.keep(small)
    state = checkpoint.load()
    assert (state.level, state.evaluations, state.in_level) == (1, 40, 7)
    assert state.tensors.keys() == small().tensors.keys()
    for name, tensor in small().tensors.items():
        assert state.tensors[name].dtype == tensor.dtype
        assert torch.equal(state.tensors[name], tensor)
    assert [path.name for path in checkpoint.path.parent.iterdir()] == ["out.png.checkpoint"]
    checkpoint.remove()
    assert checkpoint.load() is None
    checkpoint.remove()


def test_is_written_now_and_then_and_never_most_of_the_time(tmp_path, monkeypatch):
    monkeypatch.setattr(Checkpoint, "INTERVAL", 10.0)
    clock = Clock()
    checkpoint = Checkpoint(tmp_path / "out.png", RECIPE, clock)
    assert not checkpoint.keep(small)
    clock.time = 20
    clock.tick = 7.0  # seconds that writing takes
    assert checkpoint.keep(small)
    clock.tick = 0.0
    ended = clock.time
    clock.time = ended + 7 * 20 - 1
    assert not checkpoint.keep(small)
    clock.time = ended + 7 * 20
    assert checkpoint.keep(small)


@pytest.mark.parametrize(
    "other", [{"seed": 1}, {"exemplar": "00"}, {"network": "vgg"}, {"quality": "high"}]
)
def test_that_of_another_run_is_refused(checkpoint, tmp_path, other):
    checkpoint.keep(small)
    recipe = Recipe(**{**RECIPE.to_json(), "size": RECIPE.size, **other})
    with pytest.raises(BadInput, match=r"“out\.png\.checkpoint” belongs to a run with another"):
        Checkpoint(tmp_path / "out.png", recipe).load()


@pytest.mark.parametrize("length", [0, 4, 40, -1])
def test_a_damaged_one_is_refused(checkpoint, length):
    checkpoint.keep(small)
    whole = checkpoint.path.read_bytes()
    checkpoint.path.write_bytes(whole[:length])
    with pytest.raises(BadInput, match="damaged"):
        checkpoint.load()


@pytest.mark.slow
def test_tensors_of_another_size_are_refused(synthesis):
    first = synthesis()
    steps = first.steps()
    next(steps)
    next(steps)
    state = first.state()
    tensors = dict(state.tensors, point=torch.zeros(3, 16, 16))
    second = synthesis()
    second.restore(State(0, 1, 1, tensors))
    with pytest.raises(BadInput, match="does not fit"):
        next(second.steps())
    with pytest.raises(BadInput, match="does not fit"):
        second.restore(State(2, 1, 1, state.tensors))


def test_a_folder_that_takes_nothing_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(Checkpoint, "INTERVAL", 0.0)
    checkpoint = Checkpoint(tmp_path / "gone" / "out.png", RECIPE, Clock())
    with pytest.raises(BadInput, match="cannot be written: No such file"):
        checkpoint.keep(small)


def test_without_a_step_there_is_no_state(synthesis):
    with pytest.raises(RuntimeError):
        synthesis().state()
