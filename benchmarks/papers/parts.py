"""The experiments of each paper, as data. What came of them is told in docs/papers.md."""

from __future__ import annotations

from dataclasses import replace

from .experiment import Experiment, Part

_GATYS = ("conv1_1", "pool1", "pool2", "pool3", "pool4")
#: Every layer from conv1_1 to pool4, as torchvision's VGG-16 and VGG-19 both have them.
_ALL = (
    *("conv1_1", "conv1_2", "pool1", "conv2_1", "conv2_2", "pool2"),
    *("conv3_1", "conv3_2", "conv3_3", "pool3", "conv4_1", "conv4_2", "conv4_3", "pool4"),
)
# The papers' textures have borders; and Gatys and Snelgrove move pixels.
_BORDERS = ("--tile", "none", "--no-straighten")
_PAPER = (*_BORDERS, "--canvas", "pixels")
#: A level that has had more evaluations than its model's ends by itself where it hardly changes:
#: not with so many.
_ON = (("evaluations", 40_000),)


def _gatys(name: str, label: str, exemplar: str, *words: str) -> Experiment:
    return Experiment(name, label, exemplar, ("--model", "gatys", *_PAPER, *words))


def _ladder(exemplar: str) -> tuple[Experiment, ...]:
    """Figure 2: each rung matches all layers up to its own."""
    return tuple(
        _gatys(f"{exemplar}-{top}", top, exemplar, "--layers", ",".join(_GATYS[: n + 1]))
        for n, top in enumerate(_GATYS)
    )


def _reduced(exemplar: str) -> tuple[Experiment, ...]:
    """Figure 3: fewer parameters, random filters."""
    return (
        _gatys("all", "852k: all layers", exemplar, "--layers", ",".join(_ALL)),
        _gatys("components-64", "10k: 64 components", exemplar, "--components", "64"),
        _gatys("components-20", "1k: 20 components", exemplar, "--components", "20"),
        _gatys("random", "random weights", exemplar, "--weights", "random-vgg"),
        _gatys("one-layer", "one random layer", exemplar, "--weights", "random"),
    )


_LADDERS = ("beach", "weave", "still_life")

GATYS = Part(
    "gatys",
    (
        *(
            replace(run, changes=_ON)
            for ladder in map(_ladder, _LADDERS)
            for run in reversed(ladder)
        ),
        *(replace(run, changes=_ON) for run in _reduced("beach")),
    ),
    (
        *((exemplar, *(f"{exemplar}-{top}" for top in _GATYS)) for exemplar in _LADDERS),
        ("beach-pool4", "all", "components-64", "components-20", "random", "one-layer"),
    ),
)


def _pyramid(name: str, label: str, side: int, *words: str) -> Experiment:
    return Experiment(name, label, "beach", (*_PAPER, *words), side=side)


SNELGROVE = Part(
    "snelgrove",
    (
        _pyramid("pyramid", "5 octaves", 512, "--model", "multiscale"),
        _pyramid("single", "one scale, Gatys", 512, "--model", "gatys"),
        _pyramid(
            *("deep", "conv3_2 alone", 512, "--model", "multiscale"),
            *("--layers", "conv3_2"),
        ),
        _pyramid(
            *("gatys-layers", "Gatys' layers, 5 octaves", 512, "--model", "multiscale"),
            *("--layers", ",".join(_GATYS)),
        ),
    ),
    (("beach", "single", "pyramid", "deep", "gatys-layers"),),
)

#: Snelgrove's point: with more pixels a layer sees less of what is large.
LARGE = Part(
    "large",
    (
        _pyramid("pyramid-1024", "5 octaves, 1024 px", 1024, "--model", "multiscale"),
        _pyramid("single-1024", "one scale, 1024 px", 1024, "--model", "gatys"),
    ),
    (("beach", "single-1024", "pyramid-1024"),),
    tile=328,
)


def _smooth(name: str, label: str, alpha: float, *words: str) -> Experiment:
    return Experiment(
        *(name, label, "bark", ("--model", "smooth", *_BORDERS, *words)),
        iterations=None,
        changes=(("smoothness", alpha),),
    )


SMOOTH = Part(
    "smooth",
    (
        _smooth("smooth", "smoothness 1.5", 1.5),
        _smooth("grainy", "no smoothness", 0.0),
        _smooth("from-picture", "smooth, from cloth", 1.5, "--init", "{cloth}"),
        _smooth("from-picture-grainy", "without, from cloth", 0.0, "--init", "{cloth}"),
    ),
    (("bark", "grainy", "smooth", "from-picture-grainy", "from-picture"),),
)


def _regions(name: str, label: str, mask: str, number: int = 1) -> Experiment:
    words = ("--model", "regions", "--mask", f"{{{mask}}}", "--no-straighten", "--tile", "none")
    others = ("--region", "0={wall}", "--region", f"{number}={{weave}}")
    return Experiment(name, label, "still_life", (*words, *others))


REGIONS = Part(
    "regions",
    (
        Experiment("mask", "automatic mask", "still_life", verb="segment", iterations=None),
        _regions("automatic", "by the automatic mask", "mask"),
        _regions("painted", "by the exact mask", "still_life_mask"),
        Experiment(
            *("whole", "no mask", "weave"),
            ("--model", "gatys", *_PAPER, "--init", "{still_life}", "--init-strength", "0"),
            iterations=400,
        ),
    ),
    (("still_life", "mask", "automatic", "still_life_mask", "painted", "whole"),),
)


def _between(share: int) -> Experiment:
    words = ("--model", "gatys", *_PAPER, "--mix", f"{{cloth}}:{share / (4 - share):g}")
    return Experiment(f"between-{share}", f"{share / 4:.0%} cloth", "bark", words)


def _pooled(name: str, label: str, exemplar: str, *words: str) -> Experiment:
    return Experiment(name, label, exemplar, ("--model", "gap", *words, *_BORDERS), iterations=300)


def _between_averages(share: int) -> Experiment:
    """Between two textures by the averages of all layers of a VGG."""
    mix = ("--mix", f"{{cloth}}:{share / (4 - share):g}") if share < 4 else ()
    exemplar = "bark" if share < 4 else "cloth"
    return _pooled(f"averages-{share}", f"averages, {share / 4:.0%} cloth", exemplar, *mix)


AVERAGES = Part(
    "averages",
    (
        Experiment(
            *("network", "trained on renders", "photos", ("--patch", "64", "--batch", "8")),
            iterations=2500,
            verb="train",
            quick_iterations=150,
        ),
        _pooled("bark-own", "autoencoder", "bark", "--weights", "{network}"),
        _pooled("bark-vgg", "VGG", "bark"),
        _pooled(
            "bark-own-pixels", "on pixels", "bark", "--weights", "{network}", "--canvas=pixels"
        ),
        _pooled("leaves-own", "autoencoder", "leaves", "--weights", "{network}"),
        _pooled("leaves-vgg", "VGG", "leaves"),
        *(_between(share) for share in (1, 2, 3)),
        _gatys("between-0", "0% cloth", "bark"),
        _gatys("between-4", "100% cloth", "cloth"),
        *(_between_averages(share) for share in (1, 2, 3, 4)),
    ),
    (
        ("bark", "bark-own-pixels", "bark-own", "bark-vgg"),
        ("leaves", "leaves-own", "leaves-vgg"),
        ("bark", "between-0", "between-1", "between-2", "between-3", "between-4", "cloth"),
        ("bark", "bark-vgg", "averages-1", "averages-2", "averages-3", "averages-4", "cloth"),
    ),
)

_OURS = ("beach", "wall", "weave", "timber", "tiles", "bark", "leaves", "cloth")

OURS = Part(
    "ours",
    tuple(
        Experiment(
            *(f"new-{exemplar}", "new", exemplar, ("--tile", "xy")),
            iterations=None,
            quick_iterations=None,
        )
        for exemplar in _OURS
    ),
    tuple(
        tuple(name for exemplar in pair for name in (exemplar, f"new-{exemplar}"))
        for pair in zip(_OURS[::2], _OURS[1::2], strict=True)
    ),
)

_PIXEL_MODELS = ("gatys", "multiscale", "smooth", "gap")

CANVAS = Part(
    "canvas",
    tuple(
        Experiment(
            f"{model}-{canvas}",
            f"{model}, {canvas}",
            "beach",
            ("--model", model, "--canvas", canvas, "--tile", "xy", "--no-straighten"),
            iterations=300,
        )
        for model in _PIXEL_MODELS
        for canvas in ("pixels", "spectral")
    ),
    (
        ("beach", *(f"{model}-pixels" for model in _PIXEL_MODELS)),
        ("beach", *(f"{model}-spectral" for model in _PIXEL_MODELS)),
    ),
)

#: Evaluations, of Gatys' model made on and on.
LONG, SHORT = 4000, 1000

#: Gatys' model, as it is here, for so many evaluations, however little they still change.
LASTING = Part(
    "lasting",
    tuple(
        Experiment(
            *(f"long-{exemplar}", f"{LONG} evaluations", exemplar),
            ("--model", "gatys", "--tile", "xy", "--no-straighten"),
            side=128,
            iterations=LONG,
            changes=_ON,
            kept_at=SHORT,
        )
        for exemplar in _OURS
    ),
    tuple(
        tuple(
            name
            for exemplar in pair
            for name in (exemplar, f"long-{exemplar}@{SHORT}", f"long-{exemplar}")
        )
        for pair in zip(_OURS[::2], _OURS[1::2], strict=True)
    ),
)

#: Evaluations of each model until its loss hardly falls, on pixels, and those that it has, or had.
FAR, _USUAL = 3000, {"gatys": 1000, "multiscale": 1000, "smooth": 300, "regions": 400, "gap": 300}


def _far(model: str, usual: int) -> Experiment:
    words = ("--model", model, "--tile", "xy", "--no-straighten")
    run = _regions("", "", "still_life_mask") if model == "regions" else None
    pixels = ("--canvas", "pixels") if model in ("gatys", "multiscale", "regions") else ()
    return Experiment(
        *(f"far-{model}", f"{model}, {FAR}", run.exemplar if run else "beach"),
        (*(run.words if run else words), *pixels),
        side=128,
        iterations=FAR,
        changes=_ON,
        kept_at=usual,
    )


#: Each model far beyond its own evaluations.
CONVERGING = Part(
    "converging",
    tuple(_far(model, usual) for model, usual in _USUAL.items()),
    (
        ("beach", *(f"far-{model}@{usual}" for model, usual in _USUAL.items())),
        ("still_life", *(f"far-{model}" for model in _USUAL)),
    ),
)

PARTS = {
    part.name: part
    for part in (
        *(GATYS, LASTING, CONVERGING, SNELGROVE, LARGE, SMOOTH, REGIONS, AVERAGES),
        *(OURS, CANVAS),
    )
}
