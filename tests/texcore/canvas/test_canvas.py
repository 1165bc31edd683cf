import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close

from tests.making import blobs, bricks, waves
from texcore.canvas.spectral import SpectralCanvas
from texcore.statistics import Bands, band_power
from texcore.surfaces import torus

seeds = st.integers(0, 99)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def picture(make=bricks, h=48, w=56, dtype=torch.float64, **more):
    return torch.from_numpy(make(h, w, **more)).to(dtype)


def coloured_noise(h, w, seed=0):
    """Stationary, on a torus, three channels that depend on each other; power falls with f."""
    x = torch.randn(3, h, w, generator=generator(seed), dtype=torch.float64)
    r = torch.hypot(torch.fft.fftfreq(h)[:, None], torch.fft.rfftfreq(w)[None])
    x = torch.fft.irfft2(torch.fft.rfft2(x) / (r + 0.08), s=(h, w))
    mix = torch.tensor([[1.0, 0, 0], [0.7, 0.5, 0], [-0.3, 0.2, 0.6]], dtype=torch.float64)
    x = (mix @ x.flatten(1)).view_as(x) * 0.02
    return x + torch.tensor([0.3, 0.5, 0.7], dtype=torch.float64).view(3, 1, 1)


@given(st.integers(17, 40), st.integers(17, 40), st.sampled_from([0.0, 0.4, 1.0]), seeds)
@settings(max_examples=15)
def test_variables_and_image_are_inverses(height, width, directional, seed):
    canvas = SpectralCanvas(picture(), height, width, directional)
    z = canvas.draw_noise(generator(seed))
    assert_close(canvas.find_variables(canvas.render(z)), z, atol=1e-8, rtol=0)
    image = picture(blobs, height, width, seed=seed)
    assert_close(canvas.render(canvas.find_variables(image)), image, atol=1e-8, rtol=0)


@pytest.mark.parametrize("settled", [False, True])
@pytest.mark.parametrize("size", [(32, 40), (33, 35)])
def test_the_gradient_is_the_transpose_of_what_makes_the_image(size, settled):
    canvas = SpectralCanvas(picture(), *size, 0.7)
    if settled:
        canvas.begin_from_layout(picture(blobs, *size))
    z, slope = (canvas.draw_noise(generator(seed)) for seed in (1, 2))
    made = canvas.render(z) - canvas.render(torch.zeros_like(z))
    assert_close(
        (canvas.pull_back(slope.clone()) * z).sum(), (slope * made).sum(), rtol=1e-9, atol=0
    )


def test_of_a_large_canvas_the_channels_are_filtered_one_by_one_to_the_same(monkeypatch):
    canvas = SpectralCanvas(picture(blobs, channels=4), 32, 40, 0.7)
    z = canvas.draw_noise(generator())

    def all_made():
        back = canvas.find_variables(canvas.render(z))
        return canvas.render(z), back, canvas.pull_back(z.clone())

    small = all_made()
    monkeypatch.setattr("texcore.canvas.base.LARGE_TEXELS", 100)
    monkeypatch.setattr("texcore.canvas.spectral.LARGE_TEXELS", 100)
    assert_close(all_made(), small, rtol=0, atol=1e-9)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_any_number_of_channels(channels):
    canvas = SpectralCanvas(picture(blobs, channels=channels), 32, 40, 0.0)
    z = canvas.draw_noise(generator())
    assert canvas.render(z).shape == z.shape == (channels, 32, 40)


@given(st.integers(-40, 40), st.integers(-40, 40))
@settings(max_examples=10)
def test_moving_the_variables_moves_the_image(dy, dx):
    canvas = SpectralCanvas(picture(), 33, 32, 0.5)
    z = canvas.draw_noise(generator())
    moved = canvas.render(torus.roll(z, dy, dx))
    assert_close(moved, torus.roll(canvas.render(z), dy, dx), atol=1e-10, rtol=0)


def test_noise_is_of_its_seed_and_white():
    canvas = SpectralCanvas(picture(), 64, 64, 0.0)
    z = canvas.draw_noise(generator(1))
    assert torch.equal(z, canvas.draw_noise(generator(1)))
    assert not torch.equal(z, canvas.draw_noise(generator(2)))
    assert abs(float(z.mean())) < 0.05
    assert float(z.std()) == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("directional", [0.0, 1.0])
def test_an_image_of_noise_has_the_exemplars_colours(directional):
    exemplar = coloured_noise(64, 64)
    canvas = SpectralCanvas(exemplar, 48, 48, directional)
    texels = torch.cat(
        [canvas.render(canvas.draw_noise(generator(s))).flatten(1) for s in range(60)], 1
    )
    assert_close(texels.mean(1), exemplar.mean((1, 2)), atol=0.01, rtol=0)
    assert_close(texels.cov(), exemplar.flatten(1).cov(), rtol=0.15, atol=2e-5)
    # The exemplar's channels do depend on each other, so this says something.
    assert texels.corrcoef()[0, 1] > 0.5


def test_an_image_of_noise_has_the_exemplars_spectrum():
    # Bands of the same kind of noise, each sample another; the canvas has seen but one, larger.
    bands = Bands.of(64, 64, per_octave=4)
    wanted = torch.stack([band_power(coloured_noise(64, 64, s), bands) for s in range(1, 41)])
    canvas = SpectralCanvas(coloured_noise(192, 192), 64, 64, 0.0)
    images = [canvas.render(canvas.draw_noise(generator(s))) for s in range(40)]
    got = torch.stack([band_power(image, bands) for image in images])
    several = bands.count > 12
    assert several.sum() > 8
    wanted, got = wanted.mean(0)[:, several], got.mean(0)[:, several]
    assert wanted.amax() > 10 * wanted.amin()
    assert 0.7 < (got / wanted).min() <= (got / wanted).max() < 1.4


def test_a_directional_canvas_keeps_directions():
    exemplar = picture(waves, 64, 64, highest=1) + 0.3 * torch.cos(torch.arange(64) * 0.9)
    across = []
    for directional in (0.0, 1.0):
        canvas = SpectralCanvas(exemplar, 64, 64, directional)
        image = canvas.render(canvas.draw_noise(generator()))
        across.append(float(image.diff(dim=2).square().mean() / image.diff(dim=1).square().mean()))
    assert across[0] < 2
    assert across[1] > 4


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_a_flat_exemplar_gives_a_flat_image(value):
    canvas = SpectralCanvas(torch.full((3, 40, 40), value), 32, 32, 0.0)
    image = canvas.render(canvas.draw_noise(generator()))
    assert torch.isfinite(image).all()
    assert_close(image, torch.full_like(image, value), atol=0.02, rtol=0)


@pytest.mark.parametrize(("old", "new"), [((32, 32), (64, 64)), ((32, 48), (63, 96))])
def test_going_on_from_a_coarser_canvas_keeps_the_coarse_and_fills_the_fine(old, new):
    exemplar = coloured_noise(96, 96)
    image = SpectralCanvas(exemplar, *old, 0.0)
    image = image.render(image.draw_noise(generator(1)))
    canvas = SpectralCanvas(exemplar, *new, 0.0)
    bands = Bands.of(*new, per_octave=4)
    f = torch.arange(len(bands.count))
    bare = band_power(canvas.find_variables(torus.resample(image, *new)), bands)
    z = canvas.begin_from_coarser(image, generator(2))
    other = SpectralCanvas(exemplar, *new, 0.0)
    power = band_power(other.find_variables(canvas.render(z)), bands)
    fine = f > len(f) - 4
    assert bare[:, fine].max() < 0.3
    assert 0.7 < power[:, fine].min() <= power[:, fine].max() < 1.3
    back = torus.resample(canvas.render(z), *(n // 2 for n in old))
    before = torus.resample(image, *(n // 2 for n in old))
    both = torch.stack([back.flatten(), before.flatten()])
    assert both.corrcoef()[0, 1] > 0.95


def test_what_a_layout_has_settled_moves_less_than_what_is_new():
    canvas = SpectralCanvas(coloured_noise(96, 96), 64, 64, 0.0)
    image = canvas.render(canvas.draw_noise(generator(1)))
    free = SpectralCanvas(coloured_noise(96, 96), 64, 64, 0.0)
    z = canvas.begin_from_layout(image)
    assert_close(canvas.render(z), image, atol=1e-8, rtol=0)
    step = free.draw_noise(generator(2))
    bands = Bands.of(64, 64, per_octave=4)
    moved, moved_freely = (
        band_power(c.render(start + step) - image, bands)
        for c, start in ((canvas, z), (free, free.find_variables(image)))
    )
    ratio = (moved / moved_freely)[0]
    assert ratio[:6].amax() == pytest.approx(0.09, rel=0.01)
    assert ratio[-3:].amin() == pytest.approx(1, rel=0.01)


def test_detail_is_taken_over_where_the_coarser_canvas_has_none():
    exemplar = coloured_noise(96, 96)
    image, detail = picture(blobs, 32, 32, seed=1), picture(blobs, 64, 64, seed=2)
    canvas = SpectralCanvas(exemplar, 64, 64, 0.0)
    made = canvas.render(canvas.begin_from_coarser(image, generator(2), detail))
    f, of_detail, of_image = (
        torch.fft.rfft2(x).abs() for x in (made, detail, torus.resample(image, 64, 64))
    )
    # Blobs have more power there than noise of the exemplar's, so nothing is filled up.
    assert_close(f[:, 24:40, 20:], of_detail[:, 24:40, 20:], rtol=0.2, atol=0.5)
    assert_close(f[:, :4, :4], of_image[:, :4, :4], rtol=0.2, atol=2.0)
