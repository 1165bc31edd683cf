"""A new texture, or all maps of a material, from what the user asked for to the relinked images.

Everything is checked and exported before the engine hears of it, and nothing in the artist's file
changes before all of the engine's pictures are there: an error on the way leaves the file as it
was, and one undo step takes everything back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import bpy

from ..bundled.texcore.contract import messages
from ..bundled.texcore.contract.jobs import Job, Made, MadeMap, MapFiles
from ..bundled.texcore.contract.map_kinds import FINE, KINDS, get_kind
from ..bundled.texcore.contract.notes import PHOTO_CHANGES
from ..bundled.texcore.contract.recipe import Recipe
from ..images import handover, marks
from ..images.exchange import ExportedImage
from ..nodes import deriving, places, putting
from ..results import sets
from . import arriving, companions, folders, outlook, preview
from .settings import Options, forget_others
from .sources import MapSource, find_subject

# Of what the engine makes; with a space, which the name of no exemplar's temporary file has.
_STEM = "new texture"


@dataclass(frozen=True)
class MapOnItsWay:
    """One map on its way: where it is and what it learns from, its file, its extent."""

    where: MapSource
    exemplar: ExportedImage
    extent: tuple[float, float]


class Synthesis:
    """New maps being made: the task of a job. A picture by itself is a material with one map.

    Attributes:
        params: What the engine is asked.
        title: Name of the picture, or of the material.
        watch: Shows the previews; None if there shall be none.
        expected: Seconds that it will take, before it begins; None if nobody knows.
        image_names: Of the new images by kind of map, once there are any.
        photo_changes: Whether the engine has found that the photo is not one texture all over.
    """

    method = "synthesize"
    is_of_file = True
    is_resumable = True

    def __init__(self, context: bpy.types.Context, options: Options) -> None:
        """Find the images and export them.

        Raises:
            BadInput: Something asked for is not there or cannot be used.
        """
        self._subject = find_subject(context, options)
        kinds = [each.kind for each in self._subject.maps]
        self._beside = companions.find_companions(options, kinds)
        self._keep_density = options.keep_density
        self._press = options.press
        self.title = self._subject.title
        self.image_names: dict[str, str] = {}
        self.photo_changes = False
        self.watch: preview.Preview | None = None
        self.expected: float | None = None
        self._canvas = self._subject.canvas
        largest = self._measure_largest()
        size = (
            options.width or options.times * largest[0],
            options.height or options.times * largest[1],
        )
        whole = self._canvas.measure_whole(size)
        mix = (options.mix_weight,) if self._beside.mix else ()
        recipe = replace(self._get_recipe(options), size=whole, mix=mix)
        ratio = size[0] / largest[0], size[1] / largest[1]
        self._folder = folders.make_folder()
        with folders.filling(self._folder) as folder:
            self._maps = [self._export(each, ratio) for each in self._subject.maps]
            beside = companions.export_companions(self._beside, folder)
        self.params = Job(
            {part.where.kind: self._name_files(part, options.live) for part in self._maps},
            recipe,
            derive={
                kind: self._make_room(kind) / self._canvas.name_file(_STEM, ".png")
                for kind in self._subject.guessed
            },
            companions=beside,
            device=options.device,
            weights=options.weights,
            online=bpy.app.online_access,
            checkpoint=Path(self._folder.name) / "run",
            now_and_then=True,  # a long step is left within, and what is done by then would be lost
            pausable=True,
            udim=self._canvas.numbers,
        )
        grid = (whole[0] // size[0], whole[1] // size[1])
        ahead = outlook.look_ahead(options, kinds, *largest, grid)
        self.expected = ahead.seconds if ahead else None
        if options.live:
            self.watch = self._make_preview(recipe)

    @property
    def image_name(self) -> str:
        """Name of the new image, of several that of the first; empty while there is none."""
        return next(iter(self.image_names.values()), "")

    def finish(self, result: Any) -> str:
        """Bring the engine's pictures into Blender as one undo step.

        Args:
            result: The engine's answer.

        Returns:
            What was done, in one sentence.

        Raises:
            BadInput: Blender cannot read a picture, or it is no file in the job's own folder.
            ProtocolError: The answer is not one to this job's ``synthesize``.
        """
        made = messages.read(Made, result)
        self._check_made(made)
        self.photo_changes = PHOTO_CHANGES in made.note_codes
        new = self._bring_in(made)
        for image in new.values():
            self._canvas.note_repeats(image, made.repeats)
            if self._press:
                image[marks.PRESS_PROPERTY] = self._press
        self._mark_as_set(new)
        companions.remember_companions(new, self._beside)
        self.image_names = {kind: image.name for kind, image in new.items()}
        missing = self._subject.missing
        left = self._put({kind: image for kind, image in new.items() if kind not in missing})
        left += arriving.wire({kind: new[kind] for kind in missing if kind in new}, self._subject)
        self._fit_derived(new)
        said = arriving.tell(self._subject, self.title, made, new, left)
        putting.push_undo_step(arriving.title_step(self._subject, self.title, new))
        return " ".join([said, *self._subject.notes, *made.notes])

    def close(self) -> None:
        """Delete the temporary files."""
        self._folder.cleanup()

    def go_on(self) -> None:
        """Ask the engine, from now on, to begin where the run was cancelled."""
        self.params = replace(self.params, resume=True)
        self.expected = None  # what was told is of the whole

    def _get_recipe(self, options: Options) -> Recipe:
        """Return the recipe of what is asked for, but for its size."""
        return forget_others(options.recipe)

    def _measure_largest(self) -> tuple[int, int]:
        """Return width and height of the largest image to learn from, in pixels."""
        images = (places.get_image(each.source_uid) for each in self._subject.maps)
        return max(map(self._canvas.measure, images), key=lambda size: size[0] * size[1])

    def _export(self, where: MapSource, ratio: tuple[float, float]) -> MapOnItsWay:
        source = places.get_image(where.source_uid)
        exemplar = self._canvas.export(source, self._make_room(where.kind))
        width, height = self._canvas.measure(source)
        return MapOnItsWay(where, exemplar, (width * ratio[0], height * ratio[1]))

    def _make_room(self, kind: str) -> Path:
        """Return the folder for the files of one map; two images may be of one name."""
        folder = Path(self._folder.name) / kind
        folder.mkdir(exist_ok=True)
        return folder

    def _name_files(self, part: MapOnItsWay, live: bool) -> MapFiles:
        """Return what the engine is told of a map."""
        kind, exemplar = part.where.kind, part.exemplar
        room = self._make_room(kind)
        fine = exemplar.bit_depth == "8" and get_kind(kind).id in FINE
        return MapFiles(
            exemplar=exemplar.path,
            output=room / self._canvas.name_file(_STEM, exemplar.suffix),
            preview=room / "preview.npy" if live and self._canvas.can_preview else None,
            encoding=exemplar.encoding if get_kind(kind).meaning == "colour" else "auto",
            bit_depth="16" if fine else exemplar.bit_depth,
        )

    def _make_preview(self, recipe: Recipe) -> preview.Preview:
        parts = {part.where.kind: self._make_part(part) for part in self._maps}
        if not self._subject.is_picture:
            recipe = replace(recipe, maps=",".join(parts))
        return preview.Preview(parts, recipe, self._keep)

    def _make_part(self, part: MapOnItsWay) -> preview.InTheMaking:
        exemplar = part.exemplar
        files = self.params.maps[part.where.kind]
        extent = part.extent if self._keep_density else None
        return preview.InTheMaking(
            part.where,
            self._canvas.measure_preview(part.where.shown, extent),
            exemplar.colorspace if exemplar.encoding == "data" else "sRGB",
            f"{marks.name_result(part.where.named.name)} Preview",
            files.preview,
        )

    def _check_made(self, made: Made) -> None:
        """Check that an answer has the maps that were asked for, and that they are files.

        Which files they are is not the answer's to say, and not looked up in it.

        Raises:
            BadInput: One is no file in this job's own folder.
            ProtocolError: A map is missing, or was not asked for.
        """
        asked = {kind: files.output for kind, files in self.params.maps.items()}
        asked |= self.params.derive
        if not self.params.maps.keys() <= made.maps.keys() <= asked.keys():
            raise messages.ProtocolError("its maps are not those that were asked for")
        for kind in made.maps:
            for file in self._canvas.list_files(asked[kind]):
                handover.check_file(file, Path(self._folder.name))

    def _bring_in(self, made: Made) -> dict[str, bpy.types.Image]:
        """Load all pictures; where one fails, none stays.

        Raises:
            BadInput: Blender cannot read one, or one is missing.
        """
        by_kind = {part.where.kind: part for part in self._maps}
        new: dict[str, bpy.types.Image] = {}
        try:
            for kind, entry in made.maps.items():
                if kind in by_kind:
                    new[kind] = self._bring_in_map(by_kind[kind], entry)
                else:
                    new[kind] = self._bring_in_derived(kind, entry)
        except Exception:
            for image in new.values():
                bpy.data.images.remove(image)
            raise
        return new

    def _bring_in_map(self, part: MapOnItsWay, entry: MadeMap) -> bpy.types.Image:
        return self._canvas.bring_in(
            self.params.maps[part.where.kind].output,
            part.exemplar,
            marks.name_result(part.where.named.name),
            part.where.source,
            entry.recipe.dumps(),
        )

    def _bring_in_derived(self, kind: str, entry: MadeMap) -> bpy.types.Image:
        base = self._get_base()
        stem = marks.name_result(base.where.named.name).removesuffix(" Texcore")
        image = self._canvas.bring_in(
            self.params.derive[kind],
            deriving.describe_derived(kind),
            marks.name_result(f"{stem} {KINDS[kind].label}"),
            None,
            entry.recipe.dumps(),
        )
        image[marks.DERIVED_PROPERTY] = kind
        if base.where.source is not None:
            image[marks.DERIVED_FROM] = base.where.source
        return image

    def _get_base(self) -> MapOnItsWay:
        """Return the map that others are derived from; without one none is asked for."""
        return next(part for part in self._maps if part.where == self._subject.base)

    def _mark_as_set(self, new: Mapping[str, bpy.types.Image]) -> None:
        """Note on images what belongs together; on a picture by itself, nothing."""
        if self._subject.is_picture and len(new) == 1:
            return
        extents = {part.where.kind: part.extent for part in self._maps}
        derived = None if new.keys() <= extents.keys() else self._get_base().extent
        arriving.mark_as_set(new, extents, derived)

    def _fit_derived(self, new: Mapping[str, bpy.types.Image]) -> None:
        """Mute the derived maps of the material that do not fit its new images."""
        material = self._subject.material
        if material is not None:
            sets.fit_derived(material, next(iter(new.values())))

    def _put(self, new: Mapping[str, bpy.types.Image]) -> list[str]:
        """Put images into the nodes of the old ones; returns the kinds of those without a node."""
        where = {part.where.kind: part.where for part in self._maps} | self._subject.derived
        return arriving.put(new, where, self._keep_density)

    def _keep(self, kept: dict[str, bpy.types.Image]) -> None:
        """Put previews that are kept into the nodes."""
        if not self._subject.is_picture:
            self._mark_as_set(kept)
        self._put(kept)
        self._fit_derived(kept)
