import numpy as np
import pytest
import torch
from torch.testing import assert_close

from texcore.segmentation.crf import Kernels, refine


def plain_mean_field(unary, image, kernels):
    """The update of the mean field for every pair of texels, one by one, in float64."""
    labels, h, w = unary.shape
    places = [(y, x) for y in range(h) for x in range(w)]
    reach = kernels.radius * kernels.spacing

    def k(i, j):
        dy, dx = i[0] - j[0], i[1] - j[1]
        if i == j or max(abs(dy), abs(dx)) > reach or dy % kernels.spacing or dx % kernels.spacing:
            return 0.0
        apart = dy * dy + dx * dx
        colour = float(((image[:, i[0], i[1]] - image[:, j[0], j[1]]) ** 2).sum())
        smooth = np.exp(-apart / (2 * kernels.smooth_width**2))
        edge = np.exp(-apart / (2 * kernels.edge_width**2) - colour / (2 * kernels.edge_colour**2))
        return kernels.smooth * smooth + kernels.edge * edge

    pairs = np.array([[k(i, j) for j in places] for i in places])
    pairs *= (kernels.smooth + kernels.edge) / pairs.sum(1, keepdims=True)
    psi = unary.reshape(labels, -1).T
    q = np.exp(-psi)
    q /= q.sum(1, keepdims=True)
    for _ in range(kernels.iterations):
        q = np.exp(-psi + pairs @ q)
        q /= q.sum(1, keepdims=True)
    return q.T.reshape(unary.shape)


@pytest.mark.parametrize("spacing", [1, 2])
def test_it_is_the_mean_field_of_the_equations(spacing):
    rng = np.random.default_rng(0)
    unary, image = rng.uniform(0, 2, (3, 7, 9)), rng.random((3, 7, 9))
    kernels = Kernels(radius=2, spacing=spacing, iterations=3)
    got = refine(torch.from_numpy(unary), torch.from_numpy(image), kernels)
    assert_close(got, torch.from_numpy(plain_mean_field(unary, image, kernels)))


def test_regions_end_where_the_picture_has_an_edge():
    # What is known of the texels alone says that the edge is eight texels further left.
    image = torch.full((3, 40, 60), 0.3)
    image[:, :, 30:] = 0.6
    unary = torch.zeros(2, 40, 60)
    unary[1, :, :22], unary[0, :, 22:] = 0.6, 0.6
    unary[1, :, :14], unary[0, :, 38:] = 4, 4
    labels = refine(unary, image).argmax(0)
    assert (labels[:, :28] == 0).all()
    assert (labels[:, 32:] == 1).all()


def test_lonely_texels_give_way():
    unary = torch.zeros(2, 30, 30)
    unary[1] = 1
    unary[:, 15, 15] = torch.tensor([1.0, 0.0])
    assert (refine(unary, torch.full((3, 30, 30), 0.5)).argmax(0) == 0).all()


def test_a_picture_of_one_texel():
    q = refine(torch.tensor([[[1.0]], [[2.0]]]), torch.zeros(3, 1, 1))
    assert_close(q[:, 0, 0], torch.tensor([-1.0, -2.0]).softmax(0))
