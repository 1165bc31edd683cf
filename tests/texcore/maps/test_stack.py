import numpy as np
import pytest
import torch

from tests.making import relief
from texcore.maps.stack import Stack
from texcore.pictures import Picture


def stack(**changed):
    maps = {**relief(), **changed}
    return Stack({id: Picture(pixels.astype(np.float32), "uint8") for id, pixels in maps.items()})


def test_directions_tell_where_the_normals_are_and_what_was_taken_off_them():
    maps = relief()
    with_alpha = np.concatenate([maps["base_color"], maps["height"]])
    made = stack(base_color=with_alpha).exemplar
    (normals,) = made.directions
    assert normals.first == 4 and normals.y_up
    mean = torch.tensor(normals.mean).view(3, 1, 1)
    n = made.image[4:7] * 2 - 1 + mean
    torch.testing.assert_close(n.norm(dim=0), torch.ones(48, 48))
    np.testing.assert_allclose(n.numpy() / 2 + 0.5, maps["normal"], atol=1e-6)


@pytest.mark.parametrize(
    ("kind", "y_up"), [("normal", True), ("normal2", True), ("normal_dx", False)]
)
def test_directions_tell_the_convention(kind, y_up):
    maps = relief()
    made = Stack({kind: Picture(maps["normal"], "uint8")}).exemplar
    assert [d.y_up for d in made.directions] == [y_up]


def test_what_is_no_normal_in_tangent_space_has_no_direction():
    vectors = np.random.default_rng(0).normal(size=(3, 24, 24))
    of_object = vectors / np.linalg.norm(vectors, axis=0) / 2 + 0.5
    flat = np.broadcast_to(np.reshape([0.5, 0.5, 1], (3, 1, 1)), (3, 48, 48))
    assert stack(normal=of_object).exemplar.directions == ()
    assert stack(normal=flat).exemplar.directions == ()
    assert Stack({"picture": Picture(relief()["normal"], "uint8")}).exemplar.directions == ()
