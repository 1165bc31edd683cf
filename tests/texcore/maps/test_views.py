import pytest
import torch

from texcore.exemplars.views import apply_view as seen_by
from texcore.maps.views import joint_exemplar

BASE = [("base_color", c) for c in "rgb"]
NORMAL = [("normal", n) for n in ("nx", "ny", "nz")]


def joint(channels):
    return joint_exemplar(torch.rand(len(channels), 20, 20), channels)


def shown(channels):
    """Each view as the roles of its rows, brightness as “lum”; full ones, then coarse ones."""
    exemplar, rows = joint(channels), []
    for view in exemplar.views:
        assert view.shape == (3, len(channels))
        names = [[channels[i][1] for i in row.nonzero().flatten()] for row in view]
        rows.append(tuple(n[0] if len(n) == 1 else "lum" for n in names))
    whole = len(rows) - exemplar.coarse
    return rows[:whole], rows[whole:]


def test_colour_and_normals_are_shown_whole_and_bound():
    assert shown(BASE + NORMAL) == (
        [("r", "g", "b"), ("nx", "ny", "nz")],
        [("lum", "nx", "ny")],
    )


def test_a_quantity_is_bound_to_brightness_and_slope():
    channels = [*BASE, *NORMAL, ("gloss", "gloss")]
    assert shown(channels) == (
        [("r", "g", "b"), ("nx", "ny", "nz"), ("gloss", "lum", "nx")],
        [("lum", "nx", "ny")],
    )


def test_two_quantities_share_a_view():
    channels = [*BASE, *NORMAL, ("gloss", "gloss"), ("height", "height")]
    assert shown(channels)[0][2:] == [("gloss", "height", "lum")]


def test_quantities_by_themselves_are_shown_whole():
    channels = [("ao", "ao"), ("height", "height")]
    assert shown(channels) == ([("ao", "height", "ao")], [])


def test_every_channel_is_shown_in_every_set():
    sets = [
        [("height", "height")],
        [(k, k) for k in ("k0", "k1", "k2", "k3", "k4", "k5", "k6")],
        [*NORMAL, ("height", "height")],
        [*BASE, ("base_color", "opacity")],
        [("base_color", "grey"), *NORMAL],
        [*BASE, *NORMAL, *((k, k) for k in ("ao", "roughness", "metallic", "height", "opacity"))],
        [*BASE, *(("emission", c) for c in "rgb"), ("ao", "ao")],
    ]
    for channels in sets:
        seen = torch.stack(joint(channels).views).abs().sum((0, 1))
        assert (seen > 0).all(), channels


def test_four_maps_cost_three_views_and_a_bit():
    exemplar = joint([*BASE, *NORMAL, ("roughness", "roughness"), ("height", "height")])
    whole = len(exemplar.views) - exemplar.coarse
    assert (whole, exemplar.coarse) == (3, 1)


def test_brightness_is_of_the_first_colour_and_sums_to_one():
    view = joint([*BASE, *(("emission", c) for c in "rgb"), *NORMAL]).views[3]
    assert abs(float(view[0, :3].sum()) - 1) < 1e-6 and not view[0, 3:].any()


@pytest.mark.parametrize("relief", [0.01, 0.1, 0.4])
def test_normals_are_shown_alike_however_faint_they_are(relief):
    image = torch.rand(6, 40, 40, generator=torch.Generator().manual_seed(0))
    image[3:] = 0.5 + relief * (image[3:] - 0.5)
    exemplar = joint_exemplar(image, BASE + NORMAL)
    colour, normals, bound = (seen_by(image, view)[0] for view in exemplar.views)
    assert torch.equal(colour, image[:3])
    assert normals[:2].std() == pytest.approx(0.3, rel=0.02)
    torch.testing.assert_close(normals.mean((1, 2)), torch.full((3,), 0.5), atol=0.02, rtol=0)
    torch.testing.assert_close(bound[1:], normals[:2])
