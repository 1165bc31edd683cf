"""Each model's value against its equations, written down again in numpy and float64.

Nothing here but the filters comes from the code under test.
"""

import numpy as np
import pytest
import torch

from tests.making import blobs, bricks, filters, tiling
from texcore.canvas.pixels import PixelCanvas
from texcore.contract.recipe import Recipe
from texcore.exemplars.exemplar import Exemplar, Region, Source
from texcore.features import Vgg
from texcore.models.presets import choose_model
from texcore.synthesis.objective import Objective

# Widths that keep the reference's plain loops short.
WIDTHS = (3, 4, 4, 5, 5)
BLOCKS = {13: (2, 2, 3, 3, 3), 16: (2, 2, 4, 4, 4)}


class Reference:
    """A VGG with average pooling as loops over shifts."""

    def __init__(self, convolutions):
        made = filters(convolutions, widths=WIDTHS, dtype=torch.float64)
        self.filters = [(w.numpy(), b.numpy()) for w, b in made]
        self.blocks = BLOCKS[convolutions]

    def maps(self, image, mode):
        """Name → (channels, h, w) and how many features at each side the border has touched."""
        mean = np.array([0.485, 0.456, 0.406])[:, None, None]
        std = np.array([0.229, 0.224, 0.225])[:, None, None]
        x, rim, found, index = (image - mean) / std, 0, {}, 0
        for block, count in enumerate(self.blocks, 1):
            for i in range(1, count + 1):
                w, b = self.filters[index]
                index += 1
                rows, columns = x.shape[1:]
                padded = np.pad(x, ((0, 0), (1, 1), (1, 1)), mode=mode)
                y = np.zeros((len(b), rows, columns)) + b[:, None, None]
                for dy in range(3):
                    for dx in range(3):
                        part = padded[:, dy : dy + rows, dx : dx + columns]
                        y += np.einsum("oi,ihw->ohw", w[:, :, dy, dx], part)
                x, rim = np.maximum(y, 0), rim + 1
                found[f"conv{block}_{i}"] = x, rim
            h, w_ = (n // 2 * 2 for n in x.shape[1:])
            x = sum(x[:, a:h:2, c:w_:2] for a in (0, 1) for c in (0, 1)) / 4
            rim = -(-rim // 2)
            found[f"pool{block}"] = x, rim
            if min(x.shape[1:]) < 2:
                break
        return found

    def torus(self, image, layer):
        return self.maps(image, "wrap")[layer][0]

    def exemplar(self, image, layer):
        """Without what the border has touched, but for at most a quarter at each side."""
        f, rim = self.maps(image, "reflect")[layer]
        y, x = (min(rim, int(n * 0.25)) for n in f.shape[1:])
        return f[:, y : f.shape[1] - y, x : f.shape[2] - x]


def gram(f):
    f = f.reshape(len(f), -1)
    return f @ f.T / f.shape[1]


def relative(value, wanted):
    return np.square(value - wanted).sum() / np.square(wanted).sum()


def gatys_term(f, e):
    return np.square(gram(f) - gram(e)).sum() / (4 * len(f) ** 2)


def octave(x, mode):
    """Every second texel under the binomial weights."""
    for axis in (1, 2):
        pad = [(0, 0)] * 3
        pad[axis] = (2, 2)
        padded = np.pad(x, pad, mode=mode)
        n = x.shape[axis]
        x = sum(
            weight / 16 * np.take(padded, range(k, k + n, 2), axis)
            for k, weight in enumerate((1, 4, 6, 4, 1))
        )
    return x


def pictures(height=32, width=48):
    canvas = np.random.default_rng(3).random((3, height, width))
    return canvas, bricks(56, 64).astype(np.float64), blobs(64, 66).astype(np.float64)


def produced(recipe, convolutions, exemplar, canvas, **more):
    """Value and gradient of the code under test."""
    network = Vgg(filters(convolutions, widths=WIDTHS, dtype=torch.float64), "thin", torch.float64)
    model, _ = choose_model(recipe, network)
    source = Source(torch.from_numpy(exemplar))
    on = PixelCanvas([source], *canvas.shape[1:])
    made = Exemplar.of(source.image)
    made = Exemplar(made.image, tuple(v.double() for v in made.views), **more)
    value, gradient = Objective(network, model, made, on, tiling(network, recipe.model))(
        torch.from_numpy(canvas)
    )
    return float(value) / model.scale, gradient.numpy() / model.scale, model


def assert_same(value, gradient, reference, canvas, rel=1e-6):
    assert value == pytest.approx(reference(canvas), rel=rel)
    along = np.random.default_rng(7).standard_normal(canvas.shape)
    # A rectifier that turns within the step has no slope to compare with.
    step = 1e-7
    slope = (reference(canvas + step * along) - reference(canvas - step * along)) / (2 * step)
    assert (gradient * along).sum() == pytest.approx(slope, rel=1e-4 if rel < 1e-4 else rel)


GATYS = ("conv1_1", "pool1", "pool2", "pool3", "pool4")


def test_gatys():
    """Equations 3 and 4, each layer's weight as the module says."""
    canvas, exemplar, _ = pictures()
    net = Reference(16)

    def reference(x):
        total = 0
        for name in GATYS:
            f, e = net.torus(x, name), net.exemplar(exemplar, name)
            weight = 4 * len(f) ** 2 / np.square(gram(e)).sum()
            total += weight * gatys_term(f, e)
        return total

    value, gradient, _ = produced(Recipe(model="gatys"), 16, exemplar, canvas)
    assert_same(value, gradient, reference, canvas)


def test_gatys_with_fewer_parameters():
    """Figure 3A: the features' leading principal components, here three."""
    canvas, exemplar, _ = pictures()
    net = Reference(13)
    layers = ("conv1_2", "conv2_2")

    def components(e):
        _, _, v = np.linalg.svd(e.reshape(len(e), -1).T, full_matrices=False)
        return v[:3]

    def reference(x):
        total = 0
        for name in layers:
            f, e = net.torus(x, name), net.exemplar(exemplar, name)
            p = components(e) if len(e) > 3 else np.eye(3)
            total += relative(*(gram(np.einsum("kc,chw->khw", p, y)) for y in (f, e)))
        return total

    recipe = Recipe(model="gatys", layers=tuple((n, 1.0) for n in layers), components=3)
    value, gradient, _ = produced(recipe, 13, exemplar, canvas)
    assert_same(value, gradient, reference, canvas)


def test_multiscale():
    """Equations 4 to 6 with weights of octaves and layers, and two exemplars mixed."""
    canvas, exemplar, other = pictures(64, 64)
    exemplar = np.concatenate([exemplar, exemplar[:, ::-1]], 1)[:, :100, :]
    other = np.concatenate([other, other[:, ::-1]], 1)[:, :90, :]
    net = Reference(16)
    layers = ("pool1", "conv3_2")
    octave_weights, layer_weights, mixed = (1.0, 0.5), (2.0, 1.0), 3.0

    def reference(x):
        e, o, total = exemplar, other, 0
        for s, v in enumerate(octave_weights):
            if s:
                x, e, o = octave(x, "wrap"), octave(e, "reflect"), octave(o, "reflect")
            for name, w in zip(layers, layer_weights, strict=True):
                g, ge, go = (
                    gram(f) for f in (net.torus(x, name), *(net.exemplar(y, name) for y in (e, o)))
                )
                total += v * w * relative(g, (ge + mixed * go) / (1 + mixed))
        return total

    recipe = Recipe(
        model="multiscale",
        octaves=octave_weights,
        layers=tuple(zip(layers, layer_weights, strict=True)),
    )
    sources = (Source(torch.from_numpy(exemplar)), Source(torch.from_numpy(other), mixed))
    value, gradient, _ = produced(recipe, 16, exemplar, canvas, regions=(Region(sources),))
    assert_same(value, gradient, reference, canvas)


def test_smooth():
    canvas, exemplar, _ = pictures()
    net = Reference(16)
    layers = ("conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_4")
    to_bytes = 255 * 0.2256

    def reference(x):
        style = sum(
            0.1 / 5 * gatys_term(to_bytes * net.torus(x, n), to_bytes * net.exemplar(exemplar, n))
            for n in layers
        )
        right, below = np.roll(x, -1, 2), np.roll(x, -1, 1)
        return style + 1.5 * np.square(2 * x - right - below).sum()

    value, gradient, _ = produced(Recipe(model="smooth"), 16, exemplar, canvas)
    assert_same(value, gradient, reference, canvas)


def shrunk(mask, radius, mode):
    padded = np.pad(mask, radius, mode=mode)
    h, w = mask.shape
    shifts = range(2 * radius + 1)
    return np.min([padded[a : a + h, b : b + w] for a in shifts for b in shifts], 0)


def pooled(mask, stride):
    h, w = (n // stride for n in mask.shape)
    return mask[: h * stride, : w * stride].reshape(h, stride, w, stride).mean((1, 3))


def guided_gram(f, weights):
    w = weights / weights.sum()
    return np.einsum("hw,ihw,jhw->ij", w, f, f)


def test_regions():
    canvas, exemplar, other = pictures(64, 64)
    rows = np.arange(64)[:, None].repeat(64, 1)
    left = np.linspace(0, 1, 64)[None].repeat(56, 0)
    place = {0: (rows < 30).astype(float), 1: (rows >= 30).astype(float)}
    net = Reference(13)
    layers, reach, stride = ("conv1_1", "pool2"), {"conv1_1": 1, "pool2": 8}, (1, 4)

    def reference(x):
        total = 0
        for name, s in zip(layers, stride, strict=True):
            radius = round(reach[name] * 0.5)
            f = net.torus(x, name)
            e = net.exemplar(exemplar, name)
            rim = (net.maps(exemplar, "reflect")[name][0].shape[1] - e.shape[1]) // 2
            mask = pooled(shrunk(left, radius, "edge"), s)
            cut = mask[rim : mask.shape[0] - rim, rim : mask.shape[1] - rim]
            wanted = {0: guided_gram(e, cut), 1: gram(net.exemplar(other, name))}
            for region, where in place.items():
                guide = pooled(shrunk(where, radius, "wrap"), s)
                total += relative(guided_gram(f, guide), wanted[region])
        return total

    recipe = Recipe(model="regions", layers=tuple((n, 1.0) for n in layers))
    regions = (
        Region(
            (Source(torch.from_numpy(exemplar), mask=torch.from_numpy(left[:, :64])[None]),),
            torch.from_numpy(place[0])[None],
        ),
        Region((Source(torch.from_numpy(other)),), torch.from_numpy(place[1])[None]),
    )
    value, gradient, _ = produced(recipe, 13, exemplar, canvas, regions=regions)
    assert_same(value, gradient, reference, canvas)


def test_gap():
    canvas, exemplar, _ = pictures()
    net = Reference(13)
    layers = [name for name in net.maps(canvas, "wrap") if name != "pool5"]

    def reference(x):
        total = 0
        for name in layers:
            m, wanted = (f.mean((1, 2)) for f in (net.torus(x, name), net.exemplar(exemplar, name)))
            total += np.square(m - wanted).sum() / np.square(wanted).sum()
        return total

    recipe = Recipe(model="gap", layers=tuple((n, 1.0) for n in layers))
    value, gradient, _ = produced(recipe, 13, exemplar, canvas)
    assert_same(value, gradient, reference, canvas)


def test_default():
    canvas, exemplar, _ = pictures(64, 64)
    exemplar = np.concatenate([exemplar, exemplar[:, ::-1]], 1)[:, :80, :]
    net = Reference(16)

    def half(x):
        h, w = (n // 2 * 2 for n in x.shape[1:])
        return sum(x[:, a:h:2, b:w:2] for a in (0, 1) for b in (0, 1)) / 4

    def moments(x):
        p = np.concatenate([x, x**2, x**3]).reshape(9, -1)
        return p @ p.T / p.shape[1]

    def reference(x):
        total, e = relative(moments(x), moments(exemplar)), exemplar
        for s in range(2):
            if s:
                x, e = half(x), half(e)
            for name in GATYS:
                f, g = net.torus(x, name), net.exemplar(e, name)
                total += relative(gram(f), gram(g))
                total += relative(f.mean((1, 2)), g.mean((1, 2)))
        return total

    value, gradient, _ = produced(Recipe(canvas="pixels"), 16, exemplar, canvas)
    assert_same(value, gradient, reference, canvas)


@pytest.mark.parametrize("term", ["covariance", "deviation"])
def test_the_other_terms(term):
    canvas, exemplar, _ = pictures()
    net = Reference(13)

    def measured(f):
        f = f.reshape(len(f), -1)
        return np.cov(f, bias=True) if term == "covariance" else f.std(1)

    def reference(x):
        own, wanted = measured(net.torus(x, "pool2")), measured(net.exemplar(exemplar, "pool2"))
        return np.square(own - wanted).sum() / np.square(wanted).sum()

    recipe = Recipe(
        canvas="pixels", layers=(("pool2", 1.0),), octaves=(1.0,), statistic=((term, 1.0),)
    )
    value, gradient, model = produced(recipe, 13, exemplar, canvas)
    assert model.colour == 1.0
    # The colours' moments have their own place in the default.
    colours = produced(
        Recipe(canvas="pixels", layers=(("pool2", 1e-9),), octaves=(1.0,)), 13, exemplar, canvas
    )
    # A silent channel's deviation is held off zero, where a root has no slope.
    assert_same(value - colours[0], gradient - colours[1], reference, canvas, rel=1e-3)
