"""Make the small pictures of Blender's menu of models: ``model_pictures.py [FOLDER [MODEL…]]``.

Each model of the menu learns from the middle of the demonstration's exemplar, made smaller; the
middle of its texture, in few colours, becomes a PNG named as the recipe names the model.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Collection
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from texcore.cli import main  # noqa: E402
from texcore.contract.choices import PLAIN_MODELS  # noqa: E402

FOLDER = ROOT / "blender_addon" / "interface" / "pictures" / "model"
REDUCTION = 2.5  #: of the exemplar's sides, so that stones are as large as can be told apart
TEXTURE_TEXELS, SHOWN_TEXELS, COLOURS = 128, 96, 128
# The arrangement is another than the photo's, which every model would else have in common.
OPTIONS = ("--arrangement", "new", "--size", str(TEXTURE_TEXELS))


def make_pictures(
    folder: Path = FOLDER, models: Collection[str] = (), options: tuple[str, ...] = ()
) -> None:
    """Write a picture of each of these models, or of all of the menu, into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work, Image.open(ROOT / "demo/exemplar.png") as beach:
        exemplar, texture = Path(work, "exemplar.png"), Path(work, "texture.png")
        sides = (round(beach.width / REDUCTION), round(beach.height / REDUCTION))
        smaller = beach.convert("RGB").resize(sides, Image.Resampling.LANCZOS)
        cut_middle(smaller, TEXTURE_TEXELS).save(exemplar)
        for model in PLAIN_MODELS:
            if models and model.id not in models:
                continue
            words = ("synthesize", str(exemplar), "-o", str(texture), "--model", model.id, "-q")
            if main([*words, *OPTIONS, *options]) != 0:
                raise SystemExit(f"{model.label}: no texture, so no picture.")
            with Image.open(texture) as made:
                middle = cut_middle(made.convert("RGB"), SHOWN_TEXELS)
            few = middle.quantize(COLOURS, dither=Image.Dither.NONE)
            few.save(folder / f"{model.id}.png", optimize=True)


def cut_middle(picture: Image.Image, side: int) -> Image.Image:
    """Cut a square out of the middle of a picture."""
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    return picture.crop((left, top, left + side, top + side))


if __name__ == "__main__":
    make_pictures(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER, sys.argv[2:])
