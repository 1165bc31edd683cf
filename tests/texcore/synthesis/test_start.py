"""What canvases begin with."""

from dataclasses import replace

import pytest
import torch
from torch.testing import assert_close

from tests.making import blobs, bricks
from texcore.canvas.making import make_canvas
from texcore.contract.errors import Cancelled
from texcore.contract.recipe import Recipe
from texcore.exemplars.exemplar import Exemplar, Region, Source
from texcore.exemplars.facts import describe_exemplar
from texcore.features import RandomBank
from texcore.layout.period_fit import PeriodFit
from texcore.models.presets import choose_model
from texcore.runtime.context import Machine
from texcore.surfaces import torus
from texcore.synthesis.arranging import lay_out, plan_waves, prepare_source
from texcore.synthesis.layout_start import PatchworkStart, SewnStart
from texcore.synthesis.noise_start import NoiseStart, PictureStart, UniformStart
from texcore.synthesis.plan import plan_synthesis
from texcore.synthesis.starting import make_start

SIZE = 48, 64  # height and width
NETWORK = RandomBank.seeded(0, 4).describe()


def planned(exemplar, version=1, **settings):
    recipe = Recipe(**{"size": SIZE[::-1], "version": version, **settings})
    model, _ = choose_model(recipe, NETWORK, exemplar.plain, exemplar.several)
    return plan_synthesis(recipe, model, describe_exemplar(exemplar), NETWORK, Machine())


def canvas_for(exemplar, kind="pixels"):
    sources = [source for part in exemplar.parts for source in part.sources]
    return make_canvas(kind, sources, *SIZE, 0.5)


def no_value(z):
    raise AssertionError("nobody has to be asked")


def begun(exemplar, seed=0, **settings):
    start = make_start(planned(exemplar, **settings))
    canvas = canvas_for(exemplar)
    generator = torch.Generator().manual_seed(seed)
    return canvas.render(start.begin(exemplar, canvas, generator, no_value))


@pytest.fixture
def wall():
    return Exemplar.of(torch.from_numpy(bricks(*SIZE)))


@pytest.mark.parametrize(
    ("init", "kind"),
    [
        ("noise", NoiseStart),
        ("uniform", UniformStart),
        ("picture", PictureStart),
        ("patchwork", PatchworkStart),
    ],
)
def test_the_model_says_which(wall, init, kind):
    assert type(make_start(planned(wall, init=init))) is kind


def test_a_mixture_is_not_laid_out(wall):
    sources = Source(wall.image), Source(1 - wall.image)
    mixture = replace(wall, regions=(Region(sources),))
    assert type(make_start(planned(mixture))) is NoiseStart


@pytest.mark.parametrize("init", ["noise", "uniform"])
def test_noise_is_that_of_its_seed(wall, init):
    first = begun(wall, init=init, seed=1)
    assert_close(begun(wall, init=init, seed=1), first, rtol=0, atol=0)
    assert not torch.equal(begun(wall, init=init, seed=2), first)


def test_without_noise_it_is_the_mean_colour(wall):
    image = begun(wall, init="noise", init_strength=0.0)
    assert image.std((1, 2)).max() < 1e-6


def test_each_region_has_its_own_noise():
    dark, bright = torch.full((3, *SIZE), 0.2), torch.full((3, *SIZE), 0.8)
    left = (torch.arange(SIZE[1]) < 32).float().expand(1, *SIZE)
    regions = Region((Source(dark),), left), Region((Source(bright),), 1 - left)
    image = begun(replace(Exemplar.of(dark), regions=regions), init="noise")
    # Of one colour, a source has next to no noise.
    assert_close(image[:, :, :32], dark[:, :, :32], rtol=0, atol=0.01)
    assert_close(image[:, :, 32:], bright[:, :, 32:], rtol=0, atol=0.01)


def test_a_picture_is_there_as_far_as_noise_leaves_it(wall):
    picture = torch.from_numpy(blobs(*SIZE, seed=3))
    exemplar = replace(wall, start=picture)
    assert_close(begun(exemplar, init="picture"), picture, rtol=0, atol=1e-6)
    half = begun(exemplar, init="picture", init_strength=0.5)
    noise = begun(exemplar, init="picture", init_strength=1.0)
    assert_close(half, (picture + noise) / 2, rtol=0, atol=1e-6)


class TestPatchwork:
    def begin(self, exemplar, check=lambda: None, **settings):
        start = make_start(planned(exemplar, **settings), check)
        canvas = canvas_for(exemplar, "spectral")
        asked = []

        def value(z):
            asked.append(z)
            return torch.tensor(float(len(asked)))

        z = start.begin(exemplar, canvas, torch.Generator().manual_seed(0), value)
        return start, canvas, canvas.render(z), asked

    def test_the_nearest_of_several_layouts_is_taken(self, wall):
        _, canvas, image, asked = self.begin(wall, arrangement="new")
        assert len(asked) > 1
        # Each that was asked for was farther off than the one before.
        assert_close(image, canvas.render(asked[0]))

    def begin_finer(self, start, wall):
        finer = replace(wall, image=wall.image.repeat_interleave(2, 1).repeat_interleave(2, 2))
        canvas = make_canvas("pixels", finer.parts[0].sources, 2 * SIZE[0], 2 * SIZE[1], 0.5)
        generator = torch.Generator().manual_seed(0)
        return canvas.render(start.begin_finer(finer, canvas, wall.image, generator)), wall.image

    def test_finer_levels_get_its_detail_only_where_the_model_takes_it(self, wall):
        start, _, _, _ = self.begin(wall, quality="high")
        image, coarse = self.begin_finer(start, wall)
        assert (image - torus.resample(coarse, 96, 128)).abs().max() > 0.05
        start, _, _, _ = self.begin(wall)
        image, coarse = self.begin_finer(start, wall)
        assert_close(image, torus.resample(coarse, 96, 128))

    def test_gone_on_with_it_has_the_same_detail(self, wall):
        start, _, _, _ = self.begin(wall, quality="high")
        other = make_start(planned(wall, quality="high"))
        tensors = start.state() | {"of another": torch.zeros(1)}
        other.restore(tensors)
        assert list(tensors) == ["of another"]
        assert torch.equal(self.begin_finer(other, wall)[0], self.begin_finer(start, wall)[0])

    def test_a_state_without_a_layout_is_refused(self, wall):
        with pytest.raises(KeyError):
            make_start(planned(wall)).restore({})

    def test_it_can_be_stopped_between_chunks(self, wall):
        def stop():
            raise Cancelled

        with pytest.raises(Cancelled):
            self.begin(wall, stop)


class TestSewn:
    def begin(self, exemplar, **settings):
        start = make_start(planned(exemplar, version=2, **settings))
        canvas, generator = canvas_for(exemplar), torch.Generator().manual_seed(0)
        for _ in start.lay_out(exemplar, SIZE, generator):
            pass
        return start, canvas, canvas.render(start.begin(exemplar, canvas, generator, no_value))

    def finer(self, wall):
        finer = replace(wall, image=wall.image.repeat_interleave(2, 1).repeat_interleave(2, 2))
        canvas = make_canvas("pixels", finer.parts[0].sources, 2 * SIZE[0], 2 * SIZE[1], 0.5)
        return finer, canvas

    def test_it_is_what_recipes_of_today_begin_with(self, wall):
        assert type(make_start(planned(wall, version=2))) is SewnStart

    def test_where_nothing_has_changed_a_finer_level_shows_the_layout_itself(self, wall):
        start, _, image = self.begin(wall)
        exemplar, canvas = self.finer(wall)
        sketch = start.sketch(exemplar, (canvas.height, canvas.width))
        generator = torch.Generator().manual_seed(0)
        z = start.begin_finer(exemplar, canvas, image, generator)
        assert_close(canvas.render(z), sketch)

    def test_what_a_coarser_level_has_changed_is_changed_at_the_finer_one(self, wall):
        start, _, image = self.begin(wall)
        exemplar, canvas = self.finer(wall)
        sketch = start.sketch(exemplar, (canvas.height, canvas.width))
        generator = torch.Generator().manual_seed(0)
        z = start.begin_finer(exemplar, canvas, image + 0.125, generator)
        assert_close(canvas.render(z), sketch + 0.125)

    def test_gone_on_with_it_shows_the_same(self, wall):
        start, _, image = self.begin(wall)
        other = make_start(planned(wall, version=2))
        other.begin_restored(wall, canvas_for(wall))
        tensors = start.state() | {"of another": torch.zeros(1)}
        other.restore(tensors)
        assert list(tensors) == ["of another"]
        exemplar, canvas = self.finer(wall)
        both = [
            canvas.render(s.begin_finer(exemplar, canvas, image * 0.5, torch.Generator()))
            for s in (start, other)
        ]
        assert torch.equal(*both)

    def test_without_novelty_it_shows_nothing_but_the_exemplars_own_texels(self, wall):
        # The layout of a canvas as large stays at home, where no joint is.
        _, _, image = self.begin(wall, novelty=0.0, arrangement="photo", tile="none")
        _, _, bent = self.begin(wall, novelty=0.5, arrangement="photo", tile="none")
        assert (image - bent).abs().max() > 0.05

    @pytest.mark.parametrize("kind", ["pixels", "spectral"])
    def test_beyond_a_half_novelty_is_noise_in_the_detail_alone(self, wall, kind):
        canvas = canvas_for(wall, kind)
        shown = canvas.render(canvas.find_variables(wall.image.clone()))
        made = canvas.renew(
            canvas.find_variables(wall.image.clone()), 1.0, torch.Generator().manual_seed(0)
        )
        changed = canvas.render(made) - shown
        coarse = torch.nn.functional.avg_pool2d(changed, 16)
        assert changed.abs().mean() > 10 * coarse.abs().mean()


@pytest.mark.parametrize(("arrangement", "stays"), [("auto", False), ("photo", True)])
def test_what_repeats_is_arranged_anew_unless_it_has_to_stay(wall, arrangement, stays):
    plan = planned(wall, version=2, arrangement=arrangement)
    plan = replace(plan, period_fit=PeriodFit(periods=(16, 16)))
    assert plan.stays_at_home
    assert plan.canvas_size == SIZE
    generator = torch.Generator().manual_seed(0)
    *_, made = lay_out(plan, prepare_source(plan, wall), plan.canvas_size, generator)
    places = torch.meshgrid(*(torch.arange(n) for n in plan.canvas_size), indexing="ij")
    at_home = (made.origin == torch.stack(places)).all(0).float().mean()
    assert bool(at_home > 0.4) is stays


class TestWaves:
    def plan(self, image, **settings):
        exemplar = Exemplar.of(image)
        return plan_waves(planned(exemplar, version=2, **settings), image)

    def test_what_is_arranged_anew_and_has_no_lines_is_given_another_shape(self):
        noise = torch.rand(3, 160, 160, generator=torch.Generator().manual_seed(0))
        short, long = self.plan(noise, arrangement="new", size=(320, 240))
        assert long.length > 2 * short.length
        assert long.texels > short.texels

    @pytest.mark.parametrize("arrangement", ["new", "photo"])
    def test_straight_lines_stay_straight(self, wall, arrangement):
        (only,) = self.plan(wall.image, arrangement=arrangement)
        noise = torch.rand(3, 160, 160, generator=torch.Generator().manual_seed(0))
        short, *_ = self.plan(noise, arrangement=arrangement, size=(320, 240))
        assert only.texels == short.texels
        assert only.length > short.length
        assert (only.straight, short.straight) == (4, 1)

    def test_what_stays_in_its_place_keeps_its_shape(self):
        assert len(self.plan(torch.from_numpy(blobs(*SIZE)), arrangement="photo")) == 1

    def test_without_novelty_nothing_is_bent(self):
        assert self.plan(torch.from_numpy(blobs(*SIZE)), arrangement="new", novelty=0.0) == []


def test_what_goes_on_needs_only_the_shape(wall):
    for init in ("noise", "patchwork"):
        start, canvas = make_start(planned(wall, init=init)), canvas_for(wall, "spectral")
        assert start.begin_restored(wall, canvas).shape == (3, *SIZE)
