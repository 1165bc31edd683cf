"""What a run tells on its way: its steps, and how large its previews are."""

from __future__ import annotations

from dataclasses import dataclass

#: Longest side of a preview, in texels. Blender shows one of 1024 × 1024 in about 25 ms; one of
#: 2048 × 2048 would hold its window up for a tenth of a second each time.
PREVIEW_TEXELS = 1024


def fit_preview(size: tuple[int, int], longest: int = PREVIEW_TEXELS) -> tuple[int, int]:
    """Shrink a canvas' height and width, in proportion, until neither has more texels than this.

    Example:
        >>> fit_preview((3000, 2000), longest=1024), fit_preview((30, 20), longest=1024)
        ((1024, 683), (30, 20))
    """
    height, width = size
    shrink = min(1.0, longest / max(size))
    return max(1, round(height * shrink)), max(1, round(width * shrink))


@dataclass(frozen=True)
class Step:
    """One evaluation of the objective; or, before the first, that there is a layout to be seen.

    Attributes:
        level, levels: Which size is worked on, from 0, of how many.
        iteration, iterations: Within the level, from 1.
        evaluations: In the whole run so far.
        loss: Value of the objective at the canvas as it is; None before the first evaluation.
        fraction: Share of the whole work done, 0...1, by estimated cost.
        stage: What is happening, in a few plain words.
        whole: Whether there is a texture already, however it may still change.
    """

    level: int
    levels: int
    iteration: int
    iterations: int
    evaluations: int
    loss: float | None
    fraction: float
    stage: str
    whole: bool = True
