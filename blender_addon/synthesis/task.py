"""A new texture for a node, from what the user asked for to the relinked image.

Everything is checked and exported before the engine hears of it, and nothing in the artist's file
changes before the engine's picture is there: an error on the way leaves the file as it was.
"""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import bpy

from ..bundled.texcore.contract import messages
from ..bundled.texcore.contract.errors import BadInput
from ..bundled.texcore.contract.messages import Synthesize, SynthesizeReply
from ..bundled.texcore.contract.recipe import Recipe
from ..images import exchange, marks
from ..images.exchange import Exemplar
from ..nodes import places, putting, targets
from . import companions, preview


@dataclass(frozen=True)
class Options:
    """What a user can ask for.

    Attributes:
        material: Name of a material; empty: the active one.
        image: Name of the image to learn from; empty: found by `materials.find`.
        width: In pixels; 0: the image's, times `scale`.
        height: In pixels; 0: the image's, times `scale`.
        scale: See there.
        tile: As in the recipe, like `arrangement`, `straighten`, `quality`, `model`
            and `seed`.
        device: As in the protocol, like `weights`.
        keep_density: Scale the node's coordinates with the size, see `density`.
        mix: Name of the second exemplar; empty: none; see `companions`.
        mix_weight: Of the second exemplar, beside the first's 1.
        mask: Name of the image with the exemplar's regions; empty: none.
        target_mask: Name of the image with the result's regions; empty: the exemplar's.
        maps: All maps of the material, rather than one image; see `material_synthesis`.
        derive: Maps to guess where the material has none, of `kinds.DERIVABLE`, with commas.
        live: Whether there shall be previews.
    """

    material: str = ""
    image: str = ""
    width: int = 0
    height: int = 0
    scale: int = 1
    tile: str = "xy"
    arrangement: str = "auto"
    straighten: bool = True
    quality: str = "standard"
    model: str = "default"
    seed: int = 0
    device: str = "auto"
    weights: str = "auto"
    keep_density: bool = True
    mix: str = ""
    mix_weight: float = 1.0
    mask: str = ""
    target_mask: str = ""
    maps: bool = False
    derive: str = ""
    live: bool = False


class Synthesis:
    """One texture being made: the task of a job.

    Attributes:
        params: What the engine is asked.
        title: Name of the image it learns from.
        watch: Shows its previews; None if there shall be none.
        image_name: Name of the new image, once there is one.
    """

    method = "synthesize"

    def __init__(self, context: bpy.types.Context, options: Options) -> None:
        """Find the image and export it.

        Raises:
            BadInput: Something asked for is not there or cannot be used.
        """
        self._target = targets.find(context, options.material, options.image)
        # A name given by the user is meant as it is; what is merely active may be a result of ours.
        meant = self._target.image
        if meant is None:
            raise BadInput("The image is gone.")
        exemplar = meant if options.image else marks.find_original(meant)
        exchange.check_image(exemplar)
        self._source_uid = exemplar.session_uid
        self.title = exemplar.name
        self.image_name = ""
        self.watch: preview.Preview | None = None
        self._keep_density = options.keep_density
        self._companions = companions.chosen(asdict(options))
        width, height = (options.scale * side for side in exemplar.size)
        recipe = Recipe(
            size=(options.width or width, options.height or height),
            tile=options.tile,
            arrangement=options.arrangement,
            straighten=options.straighten,
            quality=options.quality,
            model=options.model,
            seed=options.seed,
            mix=(options.mix_weight,) if "mix" in self._companions else (),
        )
        try:
            self._folder = temporary_folder()
        except OSError as e:
            raise no_room(e) from None
        folder = Path(self._folder.name)
        try:
            self._exemplar = exchange.export_image(exemplar, folder)
            beside = companions.exported(self._companions, folder)
        except OSError as e:
            self.close()
            raise no_room(e) from None
        except BaseException:
            self.close()
            raise
        recipe = replace(
            recipe, encoding=self._exemplar.encoding, bit_depth=self._exemplar.bit_depth
        )
        self.params = Synthesize(
            exemplar=str(self._exemplar.path),
            # With a space, which the name of no exemplar's temporary file has.
            output=str(folder / f"new texture{self._exemplar.suffix}"),
            recipe=recipe.to_json(),
            device=options.device,
            weights=options.weights,
            preview=str(folder / "preview.npy") if options.live else None,
            online=bpy.app.online_access,
            **beside,
        )
        if options.live:
            place = self._target.place
            part = preview.InTheMaking(
                self._target.image_uid,
                [place] if place else [],
                recipe.size if options.keep_density else None,
                preview_space(self._exemplar),
                f"{marks.name_result(self.title)} Preview",
            )
            self.watch = preview.Preview({"": part}, recipe, self._keep)

    def finish(self, result: Any) -> str:
        """Bring the engine's picture into Blender as one undo step.

        Args:
            result: The engine's answer.

        Returns:
            What was done, in one sentence.

        Raises:
            BadInput: Blender cannot read the picture.
            ProtocolError: The answer is not one to ``synthesize``.
        """
        reply = messages.read(SynthesizeReply, result)
        recipe = Recipe.from_json(reply.recipe).dumps()
        old, source = self._target.image, places.image_by_uid(self._source_uid)
        name = marks.name_result(self.title)
        image = exchange.bring_in(Path(reply.output), self._exemplar, name, source, recipe)
        companions.remember(image, self._companions)
        relinked = self._target.put_in(image, self._keep_density)
        # Blender drops what nothing uses when it saves.
        if not relinked:
            image.use_fake_user = True
        if self._target.place is None and old is not None:
            preview.show_in_editors(old, image)
        self.image_name = image.name
        putting.undo_step(f"Synthesize {image.name}")
        said = f"“{image.name}”, {reply.width} × {reply.height}, made in {reply.seconds:.0f} s."
        if self._target.place is not None and not relinked:
            said += " Its node has changed meanwhile and was left alone."
        return " ".join([said, *reply.notes])

    def close(self) -> None:
        """Delete the temporary files."""
        self._folder.cleanup()

    def _keep(self, kept: dict[str, bpy.types.Image]) -> None:
        """Put a preview that is kept into the node."""
        (image,) = kept.values()
        if not self._target.put_in(image, self._keep_density):
            image.use_fake_user = True


def preview_space(exemplar: Exemplar) -> str:
    """The colour space of the previews of what is made from an exemplar."""
    return exemplar.colorspace if exemplar.encoding == "data" else "sRGB"


def temporary_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder for a job's files, within Blender's own, which Blender deletes at its end.

    Raises:
        OSError: It cannot be made.
    """
    # A cancelled engine may be writing its last preview into it: such a file may stay.
    return tempfile.TemporaryDirectory(
        prefix="texcore-", dir=bpy.app.tempdir or None, ignore_cleanup_errors=True
    )


def no_room(error: OSError) -> BadInput:
    """What to say where a temporary file cannot be written."""
    return BadInput(
        f"The image cannot be written to Blender's temporary folder ({error.strerror}): make room "
        "there, or choose another in Blender's preferences."
    )
