from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.torch import save_file

from tests.making import bricks
from texcore.contract.errors import BadInput
from texcore.contract.recipe import Recipe
from texcore.exemplars.exemplar import Exemplar
from texcore.runtime.context import Context
from texcore.service import checkpoint as checkpoint_
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
    next(steps), next(steps)  # a first patchwork and the layout, to be seen
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
    next(steps), next(steps)  # a first patchwork and the layout, to be seen
    next(steps)
    state = first.state()
    tensors = dict(state.tensors, point=torch.zeros(3, 16, 16))
    second = synthesis()
    second.restore(State(0, 1, 1, tensors))
    with pytest.raises(BadInput, match="does not fit"):
        next(second.steps())
    with pytest.raises(BadInput, match="does not fit"):
        second.restore(State(2, 1, 1, state.tensors))


def test_a_folder_that_takes_nothing_is_said_once_and_is_no_reason_to_fail(tmp_path, monkeypatch):
    monkeypatch.setattr(Checkpoint, "INTERVAL", 0.0)
    checkpoint = Checkpoint(tmp_path / "gone" / "out.png", RECIPE, Clock())
    assert not checkpoint.keep(small)
    checkpoint._interval = 0.0
    assert not checkpoint.keep(small)
    checkpoint.remove()
    assert checkpoint.notes == [
        "The checkpoint could not be written (No such file or directory): the run went on without."
    ]


@pytest.mark.parametrize("output", [255 * "x", 251 * "x" + ".png", 127 * "ä", 240 * "x" + ".png"])
def test_is_beside_an_output_of_any_name(tmp_path, monkeypatch, output):
    monkeypatch.setattr(Checkpoint, "INTERVAL", 0.0)
    checkpoint = Checkpoint(tmp_path / output, RECIPE, Clock())
    assert checkpoint.keep(small)
    assert Checkpoint(tmp_path / f"y{output[1:]}", RECIPE).load() is None
    assert Checkpoint(tmp_path / output, RECIPE).load().evaluations == 40
    checkpoint.remove()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("output", [".", "/"])
def test_beside_a_folder_without_a_name_it_is_in_it(output):
    assert Checkpoint(Path(output), RECIPE).path == Path(output) / ".checkpoint"


def rewritten(path, change):
    """Write a checkpoint anew with something of it changed, and nothing else."""
    with safe_open(path, "pt") as file:
        names = list(file.keys())  # it is no dictionary
        said, tensors = file.metadata(), {name: file.get_tensor(name) for name in names}
    change(said, tensors)
    save_file(tensors, path, said)


def test_written_anew_it_is_the_same(checkpoint):
    checkpoint.keep(small)
    rewritten(checkpoint.path, lambda said, tensors: None)
    assert checkpoint.load().evaluations == 40


@pytest.mark.parametrize(
    "change",
    [
        lambda said, tensors: tensors["a"].neg_(),
        lambda said, tensors: tensors["e"].add_(1),
        lambda said, tensors: tensors.pop("b"),
        lambda said, tensors: tensors.update(g=torch.ones(1)),
        lambda said, tensors: tensors.update(a=tensors["a"].reshape(4, 3)),
        lambda said, tensors: said.update(place='{"level":0,"evaluations":40,"in_level":7}'),
        lambda said, tensors: said.pop("checksum"),
        lambda said, tensors: said.pop("place"),
    ],
)
def test_one_that_is_not_what_was_written_is_refused(checkpoint, change):
    checkpoint.keep(small)
    rewritten(checkpoint.path, change)
    with pytest.raises(BadInput, match=r"“out\.png\.checkpoint” is damaged: delete it"):
        checkpoint.load()


@given(where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
@settings(deadline=None, derandomize=True, max_examples=150, database=None)
def test_with_one_bit_turned_it_is_refused(tmp_path_factory, where, bit):
    path = tmp_path_factory.getbasetemp() / "turned.png"
    kept = Checkpoint(path, RECIPE, Clock())
    kept._interval = 0.0
    assert kept.keep(small)
    content = bytearray(kept.path.read_bytes())
    content[int(where * len(content))] ^= 1 << bit
    kept.path.write_bytes(content)
    try:
        state = kept.load()
    except BadInput as refusal:
        assert "“turned.png.checkpoint”" in str(refusal)
    else:  # a bit that says nothing, such as one of a space
        assert (state.level, state.evaluations, state.in_level) == (1, 40, 7)
        assert all(torch.equal(state.tensors[name], t) for name, t in small().tensors.items())


@pytest.mark.parametrize(
    "place",
    [
        '{"level":"0","evaluations":40,"in_level":7}',
        '{"level":0,"evaluations":[40],"in_level":7}',
        '{"level":0,"evaluations":4.5,"in_level":7}',
        '{"level":true,"evaluations":40,"in_level":7}',
        '{"level":0,"evaluations":40,"in_level":-1}',
        '{"level":0,"evaluations":4,"in_level":7}',
        '{"level":0,"evaluations":1e400,"in_level":7}',
        '{"level":0}',
        "[" * 5000,
        "7",
    ],
)
def test_a_place_that_is_nowhere_is_refused_even_where_its_checksum_is_right(checkpoint, place):
    def change(said, tensors):
        said["place"] = place
        said["checksum"] = checkpoint_._find_checksum(said, tensors)

    checkpoint.keep(small)
    rewritten(checkpoint.path, change)
    with pytest.raises(BadInput, match="damaged"):
        checkpoint.load()


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_tensors_that_are_no_numbers_are_refused(checkpoint, value):
    tensors = {**small().tensors, "a": torch.tensor([1.0, value])}
    checkpoint.keep(lambda: State(1, 40, 7, tensors))
    with pytest.raises(BadInput, match="damaged"):
        checkpoint.load()


WRONG_TENSORS = [
    ("generator", torch.zeros(3)),
    ("generator", torch.zeros(16, dtype=torch.uint8)),
    ("convergence", torch.tensor(1.0)),
    ("convergence", torch.zeros(0)),
    ("layout.side", torch.tensor(1)),
    ("layout.side", torch.tensor([0, 128])),
    ("layout.side", torch.tensor([1.5, 2.5])),
    ("layout.origin", torch.zeros(2)),
    ("layout.origin", torch.zeros(2, 0, 4, dtype=torch.int64)),
    ("layout.origin", torch.zeros(2, 8, 8)),
    ("layout.moved", torch.zeros(2, 8, 8)),
    ("layout.moved", torch.zeros(2, 8, 8, dtype=torch.int64)),
    ("layout.field", torch.zeros(1)),
    ("layout.field", torch.zeros(2, 8, 8, dtype=torch.int64)),
    ("point", torch.zeros(3, 16, 16)),
    ("value", torch.zeros((), dtype=torch.float64)),
]


def test_a_tensor_of_the_wrong_kind_is_refused_by_one_sentence(synthesis):
    run = synthesis()
    steps = run.steps()
    next(steps), next(steps)  # a first patchwork and the layout, to be seen
    next(steps)
    kept = run.state()
    steps.close()
    for name, tensor in WRONG_TENSORS:
        assert name in kept.tensors
        run.restore(State(0, 1, 1, {**kept.tensors, name: tensor}))
        with pytest.raises(BadInput, match="The checkpoint does not fit this run"):
            next(run.steps())


def test_a_place_beyond_the_run_is_refused(synthesis):
    first = synthesis()
    for place in ((2, 1, 1), (0, 9, 9), (1, 3, 7), (-1, 1, 1)):
        with pytest.raises(BadInput, match="does not fit"):
            first.restore(State(*place, {}))


def test_without_a_step_there_is_no_state(synthesis):
    with pytest.raises(RuntimeError):
        synthesis().state()
