"""Pictures beside the exemplar, from file to file."""

from dataclasses import replace

import numpy as np
import pytest

from tests.making import blobs, load_png, save_png
from texcore import pictures
from texcore.contract.errors import BadInput
from texcore.contract.jobs import Companions, Job
from texcore.contract.map_kinds import PICTURE
from texcore.contract.recipe import Recipe
from texcore.service.pipeline import run

SIDE = 64
# Quick, and enough for colours and places.
QUICK = Recipe(size=(SIDE, SIDE), iterations=25, octaves=(1.0,))


def tinted(colour, seed=0):
    """A texture of a colour."""
    texture = blobs(SIDE, SIDE, seed, 1)[0]
    return (0.4 + 0.6 * texture) * np.array(colour, np.float32)[:, None, None]


RED, GREEN, BLUE = (0.9, 0.1, 0.1), (0.1, 0.8, 0.1), (0.1, 0.2, 0.9)


@pytest.fixture
def files(tmp_path):
    """Textures, a picture of two of them side by side, masks and a map."""
    half = np.arange(SIDE) < SIDE // 2
    both = np.where(half, tinted(RED), tinted(BLUE, 1))
    split = np.broadcast_to(half, (3, SIDE, SIDE)).astype(np.float32)
    made = {
        "red": tinted(RED),
        "green": tinted(GREEN, 2),
        "blue": tinted(BLUE, 1),
        "both": both,
        "mask": split,
        "across": split.transpose(0, 2, 1),
        "grey": np.broadcast_to(blobs(SIDE, SIDE, 3, 1), (1, SIDE, SIDE)),
        "ramp": np.broadcast_to(np.linspace(0, 1, SIDE), (3, SIDE, SIDE)),
        "wide": np.broadcast_to(half, (3, 24, SIDE)).astype(np.float32),
        "other-mask": 0.5 * split,
    }
    for name, pixels in made.items():
        save_png(tmp_path / f"{name}.png", pixels)
    return lambda name: tmp_path / f"{name}.png"


def make(files, exemplar, companions, recipe=QUICK, out="out"):
    words = {"weights": "random", "companions": companions}
    job = Job.of_picture(files(exemplar), files(out), recipe, **words)
    work = run(job)
    try:
        while True:
            next(work)
    except StopIteration as stop:
        return stop.value, load_png(files(out)).astype(np.float32).transpose(2, 0, 1) / 255


def alone(path):
    """The maps of a picture by itself."""
    return {PICTURE: path}


def colour(pixels):
    return pixels.reshape(3, -1).mean(1)


def near(pixels, wanted, tolerance=0.07):
    shade = float((0.4 + 0.6 * blobs(SIDE, SIDE, 0, 1)).mean())
    return np.abs(colour(pixels) - shade * np.array(wanted)).max() < tolerance


def test_a_mixture_lies_between_its_exemplars(files):
    companions = Companions(mix=[alone(files("blue"))])
    made, pixels = make(files, "red", companions)
    red, _, blue = colour(pixels)
    assert made.first.recipe.mix == (1.0,)
    assert dict(made.first.recipe.pictures) == {"mix 1": pictures.read(files("blue")).digest()}
    _, bluer = make(files, "red", companions, replace(QUICK, mix=(4.0,)), "bluer")
    assert colour(bluer)[2] > blue + 0.1
    assert colour(bluer)[0] < red - 0.1
    assert 0.15 < red < 0.6 > blue > 0.15


def test_a_blend_goes_from_one_to_the_other(files):
    companions = Companions(mix=[alone(files("blue"))], blend=files("ramp"))
    _, pixels = make(files, "red", companions)
    left, right = pixels[..., 8:20], pixels[..., -20:-8]
    assert colour(left)[0] > colour(left)[2] + 0.2
    assert colour(right)[2] > colour(right)[0] + 0.2


def test_regions_keep_their_place_and_take_other_textures(files):
    companions = Companions(mask=files("mask"), regions={"1": alone(files("green"))})
    recipe = replace(QUICK, model="regions", iterations=120)
    made, pixels = make(files, "both", companions, recipe)
    assert near(pixels[..., 4:28], GREEN)
    assert near(pixels[..., 36:60], BLUE)
    # Beside the edge, and across the wrap, no colour of the other side.
    for column in (0, 1, 29, 30, 31):
        assert colour(pixels[..., [column]])[2] < 0.25
    for column in (32, 33, 34, 62, 63):
        red, green, blue = colour(pixels[..., [column]])
        assert blue > green + 0.2
        assert blue > red + 0.2
    assert {role for role, _ in made.first.recipe.pictures} == {"mask", "region 1"}


def test_regions_go_where_another_mask_says(files):
    companions = Companions(mask=files("mask"), target_mask=files("across"))
    made, pixels = make(files, "both", companions, replace(QUICK, model="regions"))
    assert made.first.recipe.init == "noise"
    assert near(pixels[:, 4:28], RED, 0.1)
    assert near(pixels[:, 36:60], BLUE, 0.1)


def test_a_picture_as_start_is_kept_without_noise_and_lost_under_it(files):
    start = Companions(start=alone(files("red")))
    pixels = pictures.read(files("red")).pixels
    recipe = replace(QUICK, iterations=3, canvas="pixels")
    made, same = make(files, "red", start, recipe)
    assert made.first.recipe.init == "picture"
    assert np.abs(same - pixels).mean() < 0.02
    _, lost = make(files, "red", start, replace(recipe, init_strength=1.0), "lost")
    assert np.abs(lost - pixels).mean() > 0.05


@pytest.mark.slow
def test_the_recipe_makes_it_again_with_the_same_pictures_only(files):
    companions = Companions(mask=files("mask"), regions={"0": alone(files("green"))})
    made, pixels = make(files, "both", companions, replace(QUICK, model="regions"))
    again, same = make(files, "both", companions, made.first.recipe, "again")
    assert np.array_equal(pixels, same)
    assert again.first.recipe == made.first.recipe
    other = replace(companions, regions={"0": alone(files("red"))})
    note = "The recipe was made with other pictures beside the exemplar."
    assert note in make(files, "both", other, made.first.recipe, "other")[0].notes
    with pytest.raises(BadInput, match="made with a picture for “region 0”: give it again"):
        make(files, "both", replace(companions, regions={}), made.first.recipe)


def test_the_parts_are_written(files):
    folder = files("parts").with_suffix("")
    companions = Companions(mask=files("mask"), parts=folder)
    make(files, "both", companions, replace(QUICK, model="regions", iterations=120))
    parts = [load_png(folder / name) for name in ("part-0-000000.png", "part-1-ffffff.png")]
    both = load_png(files("both"))
    for part, shown in zip(parts, (slice(32, 64), slice(0, 32)), strict=True):
        assert part.shape == (SIDE, SIDE, 4)
        assert (part[:, shown, 3] == 255).all()
        assert part[..., 3].mean() == pytest.approx(127.5)
        assert np.array_equal(part[:, shown, :3], both[:, shown])


def test_grey_goes_into_colour(files):
    _, pixels = make(files, "red", Companions(mix=[alone(files("grey"))]))
    assert pixels.shape == (3, SIDE, SIDE)


REFUSED = {
    "regions without mask": ({"recipe": {"model": "regions"}}, "needs to know the regions"),
    "blend without mix": ({"blend": "ramp"}, "give one more to mix with"),
    "flow without object": ({"flow": "ramp"}, "give the object too"),
    "scale map without object": ({"scale_map": "ramp"}, "give the object too"),
    "target without mask": ({"target_mask": "mask"}, "no regions without a mask"),
    "mask and mix": ({"mask": "mask", "mix": "red"}, "choose one of the two"),
    "label": ({"mask": "mask", "regions": {"2": "red"}}, "no region “2”: it has 0 (#000000), 1 ("),
    "other labels": ({"mask": "mask", "target_mask": "other-mask"}, "a region #808080, which"),
    "proportions": ({"mask": "wide"}, "“wide.png” has 64 × 24 pixels and the exemplar 64 × 64"),
    "start": ({"start": "nothing"}, "nothing.png” is not there"),
    "mix's count": ({"mix": "red", "recipe": {"mix": (1.0, 2.0)}}, "mixes in 2 more"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_go_together_is_refused_in_one_sentence(files, case):
    words, sentence = dict(REFUSED[case][0]), REFUSED[case][1]
    recipe = replace(QUICK, **words.pop("recipe", {}))
    given = {
        name: [alone(files(value))]
        if name == "mix"
        else {label: alone(files(path)) for label, path in value.items()}
        if name == "regions"
        else alone(files(value))
        if name == "start"
        else files(value)
        for name, value in words.items()
    }
    with pytest.raises(BadInput) as refusal:
        make(files, "both", Companions(**given), recipe)
    assert sentence in str(refusal.value)
    assert not files("out").exists()
