import math

import pytest
import torch

from texcore.optimisers.lbfgs import Lbfgs


def with_gradient(value):
    def objective(x):
        x = x.detach().requires_grad_()
        y = value(x)
        (gradient,) = torch.autograd.grad(y, x)
        return y.detach(), gradient

    return objective


def start(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def bowl(x):
    return (x.flatten() ** 2 * torch.logspace(0, 3, x.numel(), dtype=x.dtype)).sum()


def rosenbrock(x):
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def test_finds_the_bottom_of_a_bowl():
    x0 = start(3, 4, 5)
    before = x0.clone()
    optimiser = Lbfgs(with_gradient(bowl), x0)
    values = list(optimiser.run(200))
    assert values[-1] < 1e-9 * values[0]
    assert optimiser.point.shape == (3, 4, 5)
    assert optimiser.point.abs().max() < 1e-3
    assert torch.equal(x0, before)
    assert values[-1] == pytest.approx(float(bowl(optimiser.point)))


def test_finds_the_end_of_rosenbrocks_valley():
    optimiser = Lbfgs(with_gradient(rosenbrock), torch.zeros(4, dtype=torch.float64))
    values = list(optimiser.run(300))
    assert values[-1] < 1e-8
    torch.testing.assert_close(optimiser.point, torch.ones(4, dtype=torch.float64))


def test_memory_makes_it_faster_than_gradients_alone():
    ends = [list(Lbfgs(with_gradient(bowl), start(60), m).run(80))[-1] for m in (0, 1, 12)]
    assert ends[2] < 1e-3 * ends[0]
    assert ends[2] < ends[1]


@pytest.mark.parametrize("evaluations", [1, 2, 17])
def test_evaluates_as_often_as_it_is_told(evaluations):
    calls = []

    def counting(x):
        calls.append(x)
        return with_gradient(bowl)(x)

    optimiser = Lbfgs(counting, start(9))
    values = list(optimiser.run(evaluations))
    assert len(values) == len(calls) == optimiser.evaluations == evaluations


@pytest.mark.parametrize("function", [bowl, rosenbrock])
def test_the_value_never_rises_by_more_than_it_says(function):
    optimiser = Lbfgs(with_gradient(function), start(10))
    before = math.inf
    for value in optimiser.run(150):
        assert value <= before * Lbfgs.RISE
        assert value == pytest.approx(float(function(optimiser.point)))
        before = value


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_comes_back_from_a_step_too_far(bad):
    refused = []

    def barrier(x):
        value, gradient = with_gradient(lambda x: (0.01 / x + x).sum())(x)
        if (x > 0).all():
            return value, gradient
        refused.append(x)
        return torch.full_like(value, bad), torch.full_like(gradient, bad)

    optimiser = Lbfgs(barrier, torch.tensor([3.0, 0.02, 1.0], dtype=torch.float64))
    values = list(optimiser.run(150))
    assert refused
    assert all(math.isfinite(v) for v in values)
    assert values[-1] == pytest.approx(3 * 0.2, rel=1e-4)
    torch.testing.assert_close(optimiser.point, torch.full((3,), 0.1).double(), rtol=0.05, atol=0)


def test_nothing_but_nan_keeps_the_start():
    def only_once(x, calls=[]):  # noqa: B006
        calls.append(x)
        value, gradient = with_gradient(bowl)(x)
        return (value, gradient) if len(calls) == 1 else (value * math.nan, gradient)

    x0 = start(5)
    optimiser = Lbfgs(only_once, x0)
    values = list(optimiser.run(40))
    assert len(values) == 40
    assert set(values) == {float(bowl(x0))}
    assert torch.equal(optimiser.point, x0)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_start_that_is_no_number_is_an_error(bad):
    with pytest.raises(FloatingPointError):
        next(Lbfgs(lambda x: (torch.tensor(bad), x), start(3)).run(5))


def test_a_start_at_the_bottom_stays_there():
    optimiser = Lbfgs(with_gradient(bowl), torch.zeros(4, dtype=torch.float64))
    assert list(optimiser.run(5)) == [0] * 5
    assert torch.equal(optimiser.point, torch.zeros(4, dtype=torch.float64))


def test_the_same_start_takes_the_same_way():
    ways = [list(Lbfgs(with_gradient(rosenbrock), start(8)).run(60)) for _ in range(2)]
    assert ways[0] == ways[1]


@pytest.mark.parametrize("at", [1, 2, 9, 30])
def test_restored_it_goes_on_to_the_very_same_points(at):
    whole = Lbfgs(with_gradient(rosenbrock), start(8), 5)
    values = list(whole.run(60))
    first = Lbfgs(with_gradient(rosenbrock), start(8), 5)
    before = list(first.run(at))
    saved = {name: tensor.clone() for name, tensor in first.state().items()}
    second = Lbfgs(with_gradient(rosenbrock), torch.zeros(8, dtype=torch.float64), 5)
    second.restore(saved, at)
    assert before + list(second.run(60)) == values
    assert torch.equal(second.point, whole.point)


@pytest.mark.parametrize("other", [(start(9), 5), (start(8), 4), (start(8).float(), 5)])
def test_the_state_of_another_problem_is_refused(other):
    state = Lbfgs(with_gradient(rosenbrock), start(8), 5).state()
    optimiser = Lbfgs(with_gradient(rosenbrock), *other)
    with pytest.raises(ValueError, match="does not fit"):
        optimiser.restore(state, 3)
    assert optimiser.evaluations == 0


def test_no_iteration_asks_the_device_for_a_number(monkeypatch):
    """As far as it can be seen without such a device: numbers are read by the loop alone."""
    optimiser = Lbfgs(with_gradient(rosenbrock), start(8), 5)
    values = optimiser.run(40)
    next(values)

    def refused(tensor, *words):
        raise AssertionError("a tensor was asked for its value")

    for name in ("__bool__", "__float__", "__int__", "__index__", "item", "tolist", "cpu"):
        monkeypatch.setattr(torch.Tensor, name, refused)
    for _ in range(20):
        optimiser._advance()
    monkeypatch.undo()
    assert float(optimiser._value) < 1e2


def test_what_cannot_be_captured_is_iterated():
    """Without a CUDA device the switch changes nothing."""
    ways = [
        list(Lbfgs(with_gradient(rosenbrock), start(8), capture=capture).run(40))
        for capture in (False, True)
    ]
    assert ways[0] == ways[1]


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_an_eager_one_needs_no_evaluation_to_find_the_scale(scale):
    def scaled(x):
        return scale * (x**2 * torch.linspace(1, 3, x.numel(), dtype=x.dtype)).sum()

    cautious, eager = (
        list(Lbfgs(with_gradient(scaled), start(4000), eager=eager).run(3))
        for eager in (False, True)
    )
    assert eager[1] < 0.4 * eager[0]
    assert cautious[1] > 0.9 * cautious[0]


def test_an_eager_one_comes_back_from_a_step_too_far():
    def steep(x):
        # Far from the start it rises so fast that the first step goes much too far.
        return (x**2).sum() + 1e3 * (x.abs().clamp_min(1) - 1).pow(4).sum()

    optimiser = Lbfgs(with_gradient(steep), torch.full((5,), 0.9, dtype=torch.float64), eager=True)
    values = list(optimiser.run(40))
    assert values[-1] < 1e-6 * values[0]


def test_an_eager_one_goes_on_as_if_it_had_not_been_interrupted():
    whole = Lbfgs(with_gradient(rosenbrock), start(8), 5, eager=True)
    values = list(whole.run(40))
    first = Lbfgs(with_gradient(rosenbrock), start(8), 5, eager=True)
    list(first.run(11))
    second = Lbfgs(with_gradient(rosenbrock), torch.zeros(8, dtype=torch.float64), 5, eager=True)
    second.restore({name: t.clone() for name, t in first.state().items()}, 11)
    assert list(second.run(40)) == values[11:]
