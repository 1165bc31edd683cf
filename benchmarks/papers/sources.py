"""The pictures that experiments learn from: the repository's own renders, no others."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
_RENDERED = ROOT / "demo" / "exemplars"

#: By name. ``photos`` is the folder that a network is trained on; ``still_life`` is no texture,
#: and ``still_life_mask`` what in it is the thing, painted by the renderer instead of by hand.
SOURCES = {
    "beach": ROOT / "demo" / "exemplar.png",
    **{
        name: _RENDERED / name / "photo.jpg"
        for name in ("wall", "weave", "timber", "tiles", "bark", "leaves", "cloth")
    },
    "still_life": _RENDERED / "still_life" / "photo.jpg",
    "still_life_mask": _RENDERED / "still_life" / "mask.png",
    "photos": _RENDERED,
}
