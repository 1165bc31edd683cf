"""What is decided before a run begins, from numbers: no network, no pixels."""

import re
from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.making import bricks
from texcore.contract.errors import BadInput, OutOfMemory
from texcore.contract.notes import PHOTO_CHANGES
from texcore.contract.recipe import Recipe
from texcore.exemplars.exemplar import Exemplar
from texcore.exemplars.facts import ExemplarFacts
from texcore.features.facts import LayerFacts, NetworkFacts
from texcore.maps.stack import Stack
from texcore.models.presets import choose_model
from texcore.pictures import Picture
from texcore.runtime.context import Machine
from texcore.synthesis.plan import fill_size, plan_synthesis, prepare_exemplar

CPU = torch.device("cpu")
# As a VGG-19 has them.
NETWORK = NetworkFacts(
    "vgg",
    (
        LayerFacts("conv1_1", stride=1, reach=1, values_per_texel=64.0, products_per_texel=1728.0),
        LayerFacts("pool1", stride=2, reach=4, values_per_texel=144.0, products_per_texel=38592.0),
        LayerFacts("pool2", stride=4, reach=12, values_per_texel=216.0, products_per_texel=93888.0),
        LayerFacts(
            "pool3", stride=8, reach=40, values_per_texel=292.0, products_per_texel=186048.0
        ),
        LayerFacts(
            "pool4", stride=16, reach=96, values_per_texel=330.0, products_per_texel=278208.0
        ),
    ),
)
PHOTO = ExemplarFacts(height=200, width=240)
ROOMY = Machine(free=64 * 2**30)


def plan(facts=PHOTO, machine=ROOMY, notes=(), **settings):
    recipe = fill_size(Recipe(**settings), facts.height, facts.width)
    model, _ = choose_model(recipe, NETWORK, facts.plain, facts.several)
    return plan_synthesis(recipe, model, facts, NETWORK, machine, notes)


def test_without_a_size_the_result_has_the_exemplars():
    made = plan()
    assert made.size == made.canvas_size == (200, 240)
    assert made.recipe.size == (240, 200)


def test_a_recipe_without_a_size_cannot_be_planned():
    model, _ = choose_model(Recipe(), NETWORK)
    with pytest.raises(ValueError, match="fill_size"):
        plan_synthesis(Recipe(), model, PHOTO, NETWORK, ROOMY)


def test_the_same_numbers_make_the_same_plan():
    assert plan(size=(512, 300), seed=4) == plan(size=(512, 300), seed=4)


def test_levels_are_multiples_of_the_stride_and_end_at_the_canvas():
    made = plan(size=(512, 300))
    stride = made.model.stride(NETWORK)
    assert stride == 32
    assert all(level.height % stride == level.width % stride == 0 for level in made.levels)
    assert (made.levels[-1].height, made.levels[-1].width) == (320, 512)
    assert made.levels[0].height < made.levels[-1].height


def test_an_axis_that_does_not_tile_has_a_margin():
    made = plan(size=(128, 96), tile="y")
    assert made.size == (96, 128)
    assert made.canvas_size == (96, 128 + made.torus.margin)


def test_an_exemplar_that_repeats_is_scaled_and_it_is_said():
    repeats = ExemplarFacts(height=120, width=120, periods=(27.0, None), notes=("Turned.",))
    made = plan(repeats, notes=("Model.",))
    assert made.period_fit.periods == (pytest.approx(30), None)
    assert made.levels[-1].scale_y == pytest.approx(
        made.levels[-1].height / 120 * made.period_fit.scales[0]
    )
    assert made.notes[:2] == ("Model.", "Turned.")
    assert "repeats" in made.notes[2]
    # What is not laid out is not scaled.
    assert plan(repeats, init="noise").period_fit.scales == (1.0, 1.0)


def test_whole_periods_that_go_round_are_counted():
    facts = ExemplarFacts(height=120, width=120, periods=(27.0, 40.0))
    assert plan(facts).repeats == (3, 4)
    assert plan(facts, tile="x").repeats == (3, 0)
    assert plan(facts, init="noise").repeats == plan().repeats == (0, 0)


def test_the_lattice_counts_beside_the_periods_along_the_axes():
    along = (30.0, None)
    facts = ExemplarFacts(height=120, width=120, periods=along, bond=(60.0, 140.0))
    made = plan(facts, size=(256, 240))
    assert made.period_fit.scales == (1.0, 1.0)
    assert (made.period_fit.periods, made.period_fit.own) == ((60.0, 128.0), (60.0, 140.0))
    assert made.repeats == (2, 4)


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({"size": (200, 200)}, True),
        ({"size": (100, 100)}, False),
        ({"size": (100, 100), "arrangement": "new"}, True),
        ({"size": (200, 200), "version": 1}, False),
        ({"size": (200, 200), "model": "gatys"}, False),
    ],
)
def test_the_lattice_is_looked_for_where_things_are_arranged_anew(settings, found):
    wall = Exemplar.of(torch.from_numpy(bricks(100, 100)))
    recipe = Recipe(straighten=False, **settings)
    model, _ = choose_model(recipe, NETWORK)
    _, facts = prepare_exemplar(wall, recipe, model, CPU)
    assert facts.bond == (pytest.approx((18, 16), rel=0.02) if found else None)


def test_only_a_layout_as_large_as_the_exemplar_leaves_things_at_home():
    assert plan().stays_at_home
    assert not plan(size=(720, 600)).stays_at_home
    assert not plan(arrangement="new").stays_at_home
    assert not plan(init="noise").stays_at_home


def test_what_has_its_place_is_not_moved():
    assert not plan().is_placed
    assert plan(init="picture").is_placed
    masked = ExemplarFacts(height=200, width=240, plain=False, masked=True)
    made = plan(masked)
    assert made.is_placed
    assert made.model.start == "noise"


def test_what_does_not_fit_is_refused_and_the_size_said_instead_is_not():
    scarce = Machine(free=2 * 2**30)
    with pytest.raises(OutOfMemory) as raised:
        plan(machine=scarce, size=(8192, 4096))
    width, height = map(int, re.findall(r"choose (\d+) × (\d+) at most", str(raised.value))[0])
    assert plan(machine=scarce, size=(width, height)).notes[-1].startswith("Memory is tight")


def test_of_several_processes_none_is_refused():
    several = Machine(free=2 * 2**30, processes=2, sharing=2)
    made = plan(machine=several, size=(8192, 4096))
    assert made.notes == ()
    assert not made.keeps_freed_memory


def test_freed_memory_is_kept_on_a_roomy_cpu_only():
    assert plan().keeps_freed_memory
    assert not plan(machine=Machine(device="cuda", free=ROOMY.free)).keeps_freed_memory
    assert not plan(machine=Machine(free=None)).keeps_freed_memory
    kept, plain = plan(), plan(machine=Machine(free=None))
    assert kept.forecast.more > plain.forecast.more


def test_tiles_are_as_asked_for():
    assert plan(machine=Machine(free=2**40, tile_side=96)).tile_limits.side == 96
    assert plan(machine=Machine(free=2**40)).tile_limits.side > 96


class TestPrepareExemplar:
    def prepare(self, exemplar=None, **settings):
        exemplar = exemplar or Exemplar.of(torch.from_numpy(bricks(96, 128)))
        recipe = fill_size(Recipe(**settings), *exemplar.image.shape[-2:])
        model, _ = choose_model(recipe, NETWORK, exemplar.plain, exemplar.several)
        return prepare_exemplar(exemplar, recipe, model, CPU)

    def test_periods_are_found_where_it_is_laid_out(self):
        _, facts = self.prepare()
        assert facts.periods[0] == pytest.approx(18, abs=0.5)
        assert self.prepare(init="noise")[1].periods == (None, None)

    def test_a_start_lies_over_the_whole_canvas(self):
        exemplar, _ = self.prepare(init="picture", size=(64, 48), tile="x")
        assert exemplar.start.shape == (3, 48 + 64, 64)
        assert exemplar.image.shape == (3, 96, 128)

    @pytest.mark.parametrize("alpha", [False, True])
    def test_all_maps_and_alpha_are_straightened_if_the_recipe_says_so(self, alpha):
        y, x = np.mgrid[:96, :128].astype(np.float32)
        courses = 0.5 + 0.4 * np.cos((y - 0.08 * x) * 0.6)[None]
        slope = -np.sin((y - 0.08 * x) * 0.6)
        n = np.stack([0.08 * slope, slope, np.full_like(slope, 3)])
        maps = {
            "base_color": np.concatenate([*[courses] * 3, *[1 - courses] * alpha]),
            "normal": n / np.linalg.norm(n, axis=0) / 2 + 0.5,
        }
        stack = Stack({id: Picture(pixels, "uint8") for id, pixels in maps.items()})
        made, facts = self.prepare(stack.exemplar)
        assert facts.several and len(facts.notes) == 1 and "straightened" in facts.notes[0]
        assert (facts.height, facts.width) == made.image.shape[1:] < (96, 128)
        # Courses that are level have slopes in one direction only.
        normal = stack.decode(made.image, wraps=False)["normal"].pixels
        assert np.abs(normal[0] - 0.5).max() < 0.2 * np.abs(maps["normal"][0] - 0.5).max()
        kept, facts = self.prepare(stack.exemplar, straighten=False)
        assert torch.equal(kept.image, stack.exemplar.image) and facts.notes == ()


def test_only_what_is_laid_out_keeps_how_a_photo_changes():
    made = plan(size=(512, 300), progress="x")
    assert not made.torus.x and made.torus.y and made.free_axes == (True, False)
    for recipe in ({"model": "gatys"}, {"init": "noise"}, {"version": 1}):
        with pytest.raises(BadInput, match="Only the default model"):
            plan(size=(512, 300), progress="y", **recipe)


def test_what_changes_is_said_unless_it_is_kept_or_stays_in_its_place():
    changing = ExemplarFacts(height=200, width=240, change="y")
    assert any(
        "changes from top to bottom" in note for note in plan(changing, size=(512, 512)).notes
    )
    codes = [getattr(note, "code", "") for note in plan(changing, size=(512, 512)).notes]
    assert PHOTO_CHANGES in codes
    for settings in ({"size": (512, 512), "progress": "y"}, {}, {"arrangement": "photo"}):
        assert not any("changes" in note for note in plan(changing, **settings).notes)


def test_a_rectangle_is_what_is_learnt_from():
    pixels = np.random.default_rng(0).random((4, 80, 160), np.float32)
    exemplar = Exemplar.of(torch.from_numpy(pixels))
    recipe = fill_size(Recipe(learn_from="0.25,0.5,0.5,0.5"), 80, 160)
    model, _ = choose_model(recipe, NETWORK)
    part, facts = prepare_exemplar(exemplar, recipe, model, CPU)
    assert torch.equal(part.image, exemplar.image[:, 40:, 40:120])
    assert (facts.width, facts.height) == (80, 40) and recipe.size == (160, 80)
    note = "Of the photo's 160 × 80 pixels the 80 × 40 from (40, 40) on were used, as one texture."
    assert note in facts.notes
    whole, facts = prepare_exemplar(exemplar, replace(recipe, learn_from="0,0,1,1"), model, CPU)
    assert torch.equal(whole.image, exemplar.image) and not facts.notes
    with pytest.raises(BadInput, match="has 16 × 8 of the photo's 160 × 80 pixels"):
        prepare_exemplar(exemplar, replace(recipe, learn_from="0,0,0.1,0.1"), model, CPU)
    with pytest.raises(BadInput, match="leave the other pictures out"):
        prepare_exemplar(replace(exemplar, start=exemplar.image), recipe, model, CPU)


def test_the_even_part_is_what_is_learnt_from():
    picture = np.random.default_rng(0).random((3, 96, 160), np.float32)
    picture[..., 100:] *= 0.2
    recipe = fill_size(Recipe(learn_from="even"), 96, 160)
    model, _ = choose_model(recipe, NETWORK)
    exemplar = Exemplar.of(torch.from_numpy(picture))
    part, facts = prepare_exemplar(exemplar, recipe, model, CPU)
    assert facts.height == 96 and 80 <= facts.width <= 104 and facts.change == ""
    assert torch.equal(part.image, exemplar.image[..., : facts.width])
    assert any(note.startswith("Of the photo's 160 × 96 pixels") for note in facts.notes)
    with pytest.raises(BadInput, match="leave the other pictures out"):
        prepare_exemplar(replace(exemplar, start=exemplar.image), recipe, model, CPU)
