"""Levels end where they have come as far as they will, and nowhere before."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.making import bricks
from texcore.contract.recipe import Recipe
from texcore.exemplars.exemplar import Exemplar
from texcore.optimisers.convergence import Convergence
from texcore.runtime.context import Context
from texcore.synthesis.run import Synthesis

CPU = torch.device("cpu")


def ends(losses, least=0):
    """After how many evaluations it is settled; None if never."""
    watch = Convergence(least)
    for number, loss in enumerate(losses, 1):
        watch.note(loss)
        if watch.settled:
            return number
    return None


def test_a_loss_that_falls_goes_on_and_one_that_stands_ends():
    falling = [0.99**n for n in range(300)]
    assert ends(falling) is None
    standing = falling[:100] + [falling[99]] * 100
    assert 100 < ends(standing) <= 100 + Convergence.WINDOW
    assert ends(standing, least=180) == 180


def test_a_rise_between_does_not_count():
    assert ends([1.0 if n % 2 else 0.97**n for n in range(300)]) is None
    assert ends([1.0, 5.0, 9.0] * 100) == Convergence.WINDOW + 1


@given(st.lists(st.floats(1e-6, 1e6), max_size=120), st.integers(0, 120), st.integers(0, 90))
def test_gone_on_with_it_ends_at_the_same_place(losses, cut, least):
    cut = min(cut, len(losses))
    first = Convergence(least)
    for loss in losses[:cut]:
        first.note(loss)
    second = Convergence(least)
    second.restore(first.state())
    for loss in losses[cut:]:
        first.note(loss)
        second.note(loss)
        assert second.settled == first.settled


@pytest.fixture
def synthesis(bank, monkeypatch):
    """Runs of many evaluations, of which few are usual, and none worth it any more from 10 on."""
    monkeypatch.setattr("texcore.synthesis.levels.FULL_EFFORT_SIDE", 0.1)
    monkeypatch.setattr(Convergence, "WINDOW", 5)
    monkeypatch.setattr(Convergence, "FALL", 0.4)

    def made(**words):
        exemplar = Exemplar.of(torch.from_numpy(bricks(128, 128)))
        recipe = Recipe(size=(96, 96), **words)
        return Synthesis(exemplar, recipe, bank, Context(CPU))

    return made


@pytest.mark.slow
def test_levels_end_early_and_progress_goes_on_from_there(synthesis):
    run = synthesis(iterations=90)
    steps = [step for step in run.steps() if step.evaluations]
    made = [sum(step.level == level for step in steps) for level in range(len(run.levels))]
    assert all(6 <= n < 90 for n in made)
    assert [step.evaluations for step in steps] == list(range(1, len(steps) + 1))
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1)


@pytest.mark.slow
def test_the_usual_number_is_always_made(synthesis):
    run = synthesis()
    assert sum(step.evaluations > 0 for step in run.steps()) == sum(
        level.evaluations for level in run.levels
    )


@pytest.mark.slow
def test_interrupted_where_a_level_has_settled_it_goes_on_with_the_next(synthesis):
    whole = synthesis(iterations=60)
    seen = [(step.loss, step.level) for step in whole.steps() if step.evaluations]
    losses = [loss for loss, _ in seen]
    in_first = sum(level == 0 for _, level in seen)
    for after in (in_first - 1, in_first, in_first + 2, len(losses)):
        first = synthesis(iterations=60)
        steps = first.steps()
        next(steps), next(steps)  # a first patchwork and the layout, to be seen
        for _ in range(after):
            next(steps)
        state = first.state()
        kept = {name: tensor.clone() for name, tensor in state.tensors.items()}
        second = synthesis(iterations=60)
        second.restore(type(state)(state.level, state.evaluations, state.in_level, kept))
        assert [step.loss for step in second.steps()] == losses[after:]
        assert torch.equal(second.result(), whole.result())
