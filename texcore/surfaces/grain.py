"""Give a texture the grain of its exemplar, which every resampling takes a little of.

Grain is what the finest octave has: an image less itself blurred by (1, 2, 1)/4 down and across. Of
a texture it is scaled, channel by channel, until it is as strong as the exemplar's.
"""

from __future__ import annotations

from torch import Tensor

# Grain is scaled by no more at a time: what differs by more is not the same grain.
_LEAST_GAIN, _MOST_GAIN = 0.85, 1.25
# What the blur leaves of grain is grain, too, and not scaled: so a second time.
_PASS_COUNT = 2


def match_grain(image: Tensor, exemplar: Tensor) -> Tensor:
    """Scale the grain of a texture until it is as strong as an exemplar's.

    Args:
        image: Shape (channels, h, w), of a torus.
        exemplar: Shape (channels, h', w'), at least 3 texels a side, at its own scale.

    Returns:
        A new image of the same shape, each channel within its own or the exemplar's range.

    Example:
        >>> import torch
        >>> exemplar = torch.rand(1, 40, 40, generator=torch.Generator().manual_seed(0))
        >>> soft = 0.5 + 0.8 * (exemplar.roll(9, 2) - 0.5)
        >>> matched = match_grain(soft, exemplar)
        >>> bool((matched.std() - exemplar.std()).abs() < 0.3 * (soft.std() - exemplar.std()).abs())
        True
    """
    made = image.clone()
    for channel, source in zip(made, exemplar, strict=True):
        low = min(float(channel.amin()), float(source.amin()))
        high = max(float(channel.amax()), float(source.amax()))
        wanted = float(_find_grain(source)[1:-1, 1:-1].abs().mean())
        for _ in range(_PASS_COUNT):
            grain = _find_grain(channel)
            found = float(grain.abs().mean())
            gain = min(_MOST_GAIN, max(_LEAST_GAIN, wanted / found)) if found else 1.0
            channel.add_(grain, alpha=gain - 1).clamp_(low, high)
    return made


def _find_grain(channel: Tensor) -> Tensor:
    """Find the grain of a channel (h, w) of a torus."""
    blurred = channel
    for axis in (0, 1):
        blurred = (blurred.roll(1, axis) + 2 * blurred + blurred.roll(-1, axis)) / 4
    return channel - blurred
