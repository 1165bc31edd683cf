import numpy as np
import pytest
import torch

from texcore.optimisers.adam import Adam


def bowl(scale):
    centre = torch.linspace(-1, 1, 12, dtype=torch.float64).view(3, 4)

    def objective(x):
        return (scale * (x - centre).square()).sum(), 2 * scale * (x - centre)

    return objective, centre


@pytest.mark.parametrize("clip", [None, 1.0])
def test_against_the_papers_algorithm(clip):
    objective, _ = bowl(torch.logspace(-2, 2, 12, dtype=torch.float64).view(3, 4))
    start = torch.full((3, 4), 0.3, dtype=torch.float64)
    adam = Adam(objective, start, 0.05, clip)
    values = list(adam.run(30))
    x, m, v = start.numpy().copy(), np.zeros((3, 4)), np.zeros((3, 4))
    for t in range(1, 31):
        value, gradient = (a.numpy() for a in objective(torch.from_numpy(x)))
        assert values[t - 1] == pytest.approx(float(value))
        g = gradient if clip is None else gradient.clip(-clip, clip)
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        x = x - 0.05 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    np.testing.assert_allclose(adam.point.numpy(), x, rtol=1e-10)
    assert (start == 0.3).all()
    assert adam.evaluations == 30


def test_it_reaches_the_bottom():
    objective, centre = bowl(torch.ones(3, 4, dtype=torch.float64))
    adam = Adam(objective, torch.zeros(3, 4, dtype=torch.float64), 0.02)
    *_, last = adam.run(400)
    assert last < 1e-4
    assert (adam.point - centre).abs().max() < 0.01


def test_a_start_that_is_no_number_is_an_error():
    adam = Adam(lambda x: (x.sum() * float("nan"), x), torch.zeros(2))
    with pytest.raises(FloatingPointError):
        next(adam.run(3))
