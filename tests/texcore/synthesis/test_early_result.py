"""What a run has to show before it is done, and what is kept of it then."""

import pytest
import torch
from torch.testing import assert_close

from tests.making import bricks
from texcore.contract.recipe import Recipe
from texcore.exemplars.exemplar import Exemplar
from texcore.runtime.context import Context
from texcore.surfaces import torus
from texcore.synthesis.run import Synthesis


@pytest.fixture
def begin(bank):
    """Begin a run of two levels that is new throughout."""

    def begin(**settings):
        recipe = Recipe(**{"size": (192, 160), "arrangement": "new", "iterations": 5, **settings})
        exemplar = Exemplar.of(torch.from_numpy(bricks(160, 160)))
        run = Synthesis(exemplar, recipe, bank, Context(torch.device("cpu")))
        assert len(run.levels) == 2
        assert run.plan.canvas_size == (160 if "y" in recipe.tile else 224, 192)
        return run

    return begin


def coarse_step(run, number):
    """Go on to a step of the coarse level; the generator has to be held."""
    steps = run.steps()
    next(steps)  # a first patchwork, of which the layout need not have anything
    for _ in range(number + 1):
        step = next(steps)
    assert step.level == 0 and step.iteration == number
    return steps


def sharpness(image):
    """Mean square of what is finer than half the image's size shows."""
    height, width = image.shape[-2:]
    coarse = torus.resample(torus.resample(image, height // 2, width // 2), height, width)
    return float((image - coarse).square().mean())


def test_before_the_first_evaluation_it_is_what_is_shown(begin):
    run = begin()
    steps = coarse_step(run, 0)
    assert run.evaluations == 0
    assert_close(run.result(), run.preview())
    steps.close()


def test_a_first_patchwork_is_shown_and_can_be_kept_while_a_better_one_is_sought(begin):
    run = begin()
    steps = run.steps()
    step = next(steps)
    assert (step.iteration, step.fraction, step.loss, step.whole) == (0, 0, None, True)
    first = run.result()
    assert_close(first, run.preview())
    again = next(steps)
    assert again == step
    best = run.result()
    assert sharpness(best) == pytest.approx(sharpness(first), rel=0.2)
    assert not torch.equal(best, first)
    steps.close()


def find_shift(image, other):
    """By how many texels an image on a torus is moved against another, where both agree best."""
    spectra = (torch.fft.rfft2(x - x.mean((1, 2), keepdim=True)) for x in (image, other))
    first, second = spectra
    agreement = torch.fft.irfft2((first * second.conj()).sum(0), s=image.shape[-2:])
    return divmod(int(agreement.argmax()), image.shape[-1])


@pytest.mark.parametrize("tile", ["xy", "x"])
def test_what_is_seen_before_the_first_evaluation_lies_where_it_is_at_last(begin, tile):
    found = []
    for quality in ("draft", "standard"):
        run = begin(quality=quality, tile=tile, iterations=3)
        steps = coarse_step(run, 0)
        found.append(run.preview())
        list(steps)
        found.append(run.preview())
        shown = run.plan.torus.cut(found[-1], *run.plan.size)
        assert find_shift(run.result(), shown) == (0, 0)
    for image in found[1:]:
        assert find_shift(image, found[0]) == (0, 0)


@pytest.mark.slow
def test_at_a_coarse_level_it_has_all_the_detail_and_the_change_so_far(begin):
    run = begin()
    steps = coarse_step(run, 0)
    sketch = run.result()
    for _ in range(3):
        step = next(steps)
    assert (step.level, step.iteration) == (0, 3)
    kept = run.result()
    assert kept.shape == (3, 160, 192)
    assert sharpness(kept) > 0.8 * sharpness(sketch)
    coarse = run.levels[0].height, run.levels[0].width
    shown = torus.resample(kept - sketch, *coarse)
    assert shown.abs().max() > 0.005
    # What has changed is what has changed on the coarse canvas, and nothing else.
    assert sharpness(kept - sketch) < 0.2 * sharpness(sketch)
    # It goes on as if nobody had looked.
    other = begin()
    assert [s.loss for s in other.steps()][5:] == [s.loss for s in steps]
    assert torch.equal(other.result(), run.result())


def test_gone_on_with_it_is_as_sharp(begin):
    first = begin()
    steps = coarse_step(first, 2)
    second = begin()
    second.restore(first.state())
    begun = second.steps()
    next(begun), next(steps)
    assert_close(second.result(), first.result(), rtol=0, atol=1e-5)


def test_begun_from_noise_the_canvas_is_enlarged(begin):
    run = begin(init="noise", quality="draft")
    steps = run.steps()
    assert next(steps).loss is not None
    assert run.result().shape == (3, 160, 192)
    steps.close()


def test_before_the_first_step_there_is_nothing(begin):
    with pytest.raises(RuntimeError, match="no step"):
        begin().result()
