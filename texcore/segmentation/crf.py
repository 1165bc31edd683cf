"""A conditional random field that draws regions up to the edges of the picture.

Each texel i has a label xᵢ, and the picture I gives a labelling x the energy (Krähenbühl & Koltun
2011, "Efficient inference in fully connected CRFs with Gaussian edge potentials", equations 1–3)

    E(x) = Σᵢ ψ(xᵢ) + Σ_{i<j} [xᵢ ≠ xⱼ] k(i, j)
    k(i, j) = w₁ exp(−|pᵢ−pⱼ|²/2θ₁²) + w₂ exp(−|pᵢ−pⱼ|²/2θ₂² − |Iᵢ−Iⱼ|²/2θ₃²)

with ψ what is known of the texel alone, p positions and I colours: neighbours like to be of one
region, all the more when they are of one colour. Its mean-field approximation Q(x) = Πᵢ Qᵢ(xᵢ) is
found by repeating their algorithm 1:

    Qᵢ(l) ← exp(−ψᵢ(l) + Σ_{j≠i} k(i, j) Qⱼ(l)) / Zᵢ

As in Teichmann & Cipolla 2018, "Convolutional CRFs", k is taken to be 0 beyond a window, so that
each step is a sum over offsets, exact and without the permutohedral lattice; and k(i, j) is scaled
so that its sum over j is w₁ + w₂ for every i: the weights mean the same in an even area, in a busy
one and at the border.

It is written here because the packages for it, such as pydensecrf, are C++ to be compiled for each
Python and compute on the CPU alone; with the window it is a page of PyTorch on any device.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

# A picture of one texel has no pairs at all.
_LEAST_TOTAL = 1e-12


@dataclass(frozen=True)
class Kernels:
    """Weights w and widths θ of the two Gaussian kernels of the conditional random field.

    Attributes:
        smooth, smooth_width: w₁, and θ₁ in texels.
        edge, edge_width, edge_colour: w₂, θ₂ in texels, and θ₃ in colours of 0...1.
        radius: Offsets up to which neighbours count.
        spacing: Texels between one offset and the next.
        iterations: Of the mean field.
    """

    smooth: float = 3.0
    smooth_width: float = 5.0
    edge: float = 4.0
    edge_width: float = 8.0
    edge_colour: float = 0.12
    radius: int = 4
    spacing: int = 3
    iterations: int = 8


def refine(unary: Tensor, image: Tensor, kernels: Kernels | None = None) -> Tensor:
    """Refine the labels of a picture's texels by the mean field of a conditional random field.

    Args:
        unary: ψ, shape (labels, h, w): the less, the likelier.
        image: I, shape (3, h, w) in 0...1.
        kernels: See there.

    Returns:
        Q, shape (labels, h, w), 1 in sum over labels.
    """
    kernels = kernels or Kernels()
    pairs = _pairs(image, kernels)
    total = torch.zeros_like(image[0])
    for here, there, k in pairs:
        total[here] += k
        total[there] += k
    strength = (kernels.smooth + kernels.edge) / total.clamp_min(_LEAST_TOTAL)
    q = (-unary).softmax(0)
    for _ in range(kernels.iterations):
        message = torch.zeros_like(q)
        for here, there, k in pairs:
            message[:, here[0], here[1]] += k * q[:, there[0], there[1]]
            message[:, there[0], there[1]] += k * q[:, here[0], here[1]]
        q = (strength * message - unary).softmax(0)
    return q


Slices = tuple[slice, slice]


def _pairs(image: Tensor, kernels: Kernels) -> list[tuple[Slices, Slices, Tensor]]:
    """Where the one and the other of every pair of texels are, by offset, and their k."""
    h, w = image.shape[-2:]
    reach = range(-kernels.radius, kernels.radius + 1)
    pairs = []
    for dy, dx in ((y * kernels.spacing, x * kernels.spacing) for y in reach for x in reach):
        # Each pair once; the other half of the offsets are the same pairs.
        if (dy, dx) <= (0, 0) or dy >= h or abs(dx) >= w:
            continue
        here = slice(0, h - dy), slice(max(0, -dx), w - max(0, dx))
        there = slice(dy, h), slice(max(0, dx), w + min(0, dx))
        apart = dy * dy + dx * dx
        colour = (image[:, here[0], here[1]] - image[:, there[0], there[1]]).square().sum(0)
        near = math.exp(-apart / (2 * kernels.smooth_width**2))
        alike = torch.exp(
            -apart / (2 * kernels.edge_width**2) - colour / (2 * kernels.edge_colour**2)
        )
        pairs.append((here, there, kernels.smooth * near + kernels.edge * alike))
    return pairs
