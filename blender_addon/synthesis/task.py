"""A new texture, or all maps of a material, from what the user asked for to the relinked images.

Everything is checked and exported before the engine hears of it, and nothing in the artist's file
changes before all of the engine's pictures are there: an error on the way leaves the file as it
was, and one undo step takes everything back.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import bpy
from bpy.app.translations import pgettext_iface as iface_

from ..bundled.texcore.contract import messages, notes
from ..bundled.texcore.contract.errors import BadInput
from ..bundled.texcore.contract.jobs import Job, Made, MadeMap, MapFiles
from ..bundled.texcore.contract.map_kinds import FINE, KINDS, get_kind
from ..bundled.texcore.contract.recipe import Recipe
from ..bundled.texcore.contract.udim import TOKEN, measure_canvas, name_files
from ..images import exchange, handover, marks, tiles
from ..images.exchange import Exemplar
from ..nodes import deriving, maps, places, putting
from ..results import sets
from . import companions, folders, outlook, preview
from .settings import Options, forget_object
from .sources import MapSource, Subject, find_subject


@dataclass(frozen=True)
class MapOnItsWay:
    """One map on its way: where it is and what it learns from, its file, its extent."""

    where: MapSource
    exemplar: Exemplar
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
        largest = _measure_largest(self._subject)
        size = (
            options.width or options.times * largest[0],
            options.height or options.times * largest[1],
        )
        mix = (options.mix_weight,) if self._beside.mix else ()
        self._tiles = self._subject.tiles
        whole = measure_canvas(*size, self._tiles) if self._tiles else size
        recipe = options.recipe if options.object else forget_object(options.recipe)
        recipe = replace(recipe, size=whole, mix=mix)
        try:
            self._folder = folders.make_folder()
        except OSError as e:
            raise say_no_room(e) from None
        try:
            ratio = size[0] / largest[0], size[1] / largest[1]
            self._maps = [self._export(each, ratio) for each in self._subject.maps]
            beside = companions.export_companions(self._beside, Path(self._folder.name))
        except OSError as e:
            self.close()
            raise say_no_room(e) from None
        except BaseException:
            self.close()
            raise
        self.params = Job(
            {part.where.kind: self._name_files(part, options.live) for part in self._maps},
            recipe,
            derive={
                kind: self._make_room(kind) / self._name_file(".png")
                for kind in self._subject.guessed
            },
            companions=beside,
            device=options.device,
            weights=options.weights,
            online=bpy.app.online_access,
            checkpoint=Path(self._folder.name) / "run",
            pausable=True,
            udim=self._tiles,
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
        self.photo_changes = notes.tells_change(made.notes)
        new = self._bring_in(made)
        for image in new.values():
            if not self._tiles:
                marks.note_repeats(image, made.repeats)
            if self._press:
                image[marks.PRESS_PROPERTY] = self._press
        word = self._mark_as_set(new)
        companions.remember_companions(new, self._beside)
        self.image_names = {kind: image.name for kind, image in new.items()}
        missing = self._subject.missing
        left = self._put({kind: image for kind, image in new.items() if kind not in missing})
        left += self._wire({kind: new[kind] for kind in missing if kind in new})
        if word and (material := self._subject.material) is not None:
            sets.show_derived(material, word)
        putting.push_undo_step(self._title_step())
        return " ".join([self._tell(made, new, left), *self._subject.notes, *made.notes])

    def close(self) -> None:
        """Delete the temporary files."""
        self._folder.cleanup()

    def go_on(self) -> None:
        """Ask the engine, from now on, to begin where the run was cancelled."""
        self.params = replace(self.params, resume=True)
        self.expected = None  # what was told is of the whole

    def _export(self, where: MapSource, ratio: tuple[float, float]) -> MapOnItsWay:
        source, room = places.get_image(where.source_uid), self._make_room(where.kind)
        tile = self._subject.tile
        exemplar = (
            tiles.export_tile(source, tile, room) if tile else exchange.export_image(source, room)
        )
        width, height = tiles.measure(source, tile)
        return MapOnItsWay(where, exemplar, (width * ratio[0], height * ratio[1]))

    def _make_room(self, kind: str) -> Path:
        """Return the folder for the files of one map; two images may be of one name."""
        folder = Path(self._folder.name) / kind
        folder.mkdir(exist_ok=True)
        return folder

    def _name_file(self, suffix: str) -> str:
        # With a space, which the name of no exemplar's temporary file has.
        return f"new texture{f'.{TOKEN}' if self._tiles else ''}{suffix}"

    def _name_files(self, part: MapOnItsWay, live: bool) -> MapFiles:
        """Return what the engine is told of a map."""
        kind, exemplar = part.where.kind, part.exemplar
        room = self._make_room(kind)
        fine = exemplar.bit_depth == "8" and get_kind(kind).id in FINE
        return MapFiles(
            exemplar=exemplar.path,
            output=room / self._name_file(exemplar.suffix),
            preview=room / "preview.npy" if live and self._can_preview() else None,
            encoding=exemplar.encoding if get_kind(kind).meaning == "colour" else "auto",
            bit_depth="16" if fine else exemplar.bit_depth,
        )

    def _make_preview(self, recipe: Recipe) -> preview.Preview:
        parts = {part.where.kind: self._make_part(part) for part in self._maps}
        if not self._subject.is_picture:
            recipe = replace(recipe, maps=",".join(parts))
        return preview.Preview(parts, recipe, self._keep)

    def _can_preview(self) -> bool:
        """Whether a preview of all tiles would lie where these will."""
        return not self._tiles or tiles.find_preview_scale(self._tiles) is not None

    def _find_extent(self, part: MapOnItsWay) -> tuple[float, float] | None:
        """Return what a preview's extent shall be taken for, where coordinates are scaled to it."""
        box = tiles.find_preview_scale(self._tiles) if self._tiles else None
        if box is None or part.where.shown is None:
            return part.extent if self._keep_density else None
        width, height = marks.measure_extent(part.where.shown)
        return width * box.columns, height * box.rows

    def _make_part(self, part: MapOnItsWay) -> preview.InTheMaking:
        exemplar = part.exemplar
        files = self.params.maps[part.where.kind]
        return preview.InTheMaking(
            part.where.shown_uid,
            part.where.places,
            self._find_extent(part),
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
            for file in name_files(asked[kind], self._tiles):
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
        return self._load(
            self.params.maps[part.where.kind].output,
            part.exemplar,
            marks.name_result(part.where.named.name),
            part.where.source,
            entry.recipe.dumps(),
        )

    def _load(self, path: Path, *about: Any) -> bpy.types.Image:
        if self._tiles:
            return tiles.bring_in_tiles(path, self._tiles, *about)
        return exchange.bring_in(path, *about)

    def _bring_in_derived(self, kind: str, entry: MadeMap) -> bpy.types.Image:
        base = self._get_base()
        stem = marks.name_result(base.where.named.name).removesuffix(" Texcore")
        image = self._load(
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

    def _mark_as_set(self, new: Mapping[str, bpy.types.Image]) -> str:
        """Note on images what belongs together; returns the word, empty for a picture by itself."""
        if self._subject.is_picture and len(new) == 1:
            return ""
        word = uuid.uuid4().hex
        extents = {part.where.kind: part.extent for part in self._maps}
        for kind, image in new.items():
            image[marks.SET_PROPERTY] = word
            image[marks.EXTENT_PROPERTY] = (
                extents[kind] if kind in extents else self._get_base().extent
            )
        return word

    def _put(self, new: Mapping[str, bpy.types.Image]) -> list[str]:
        """Put images into the nodes of the old ones; returns the kinds of those without a node."""
        where = {part.where.kind: part.where for part in self._maps} | self._subject.derived
        changes = []
        left = []
        for kind, image in new.items():
            nodes = where[kind].find_nodes()
            changes += [(node, image) for node in nodes]
            if not nodes:
                image.use_fake_user = True  # Blender drops what nothing uses when it saves
                left.append(kind)
            if not where[kind].places and where[kind].shown is not None:
                preview.show_in_editors(where[kind].shown, image)
        putting.put_images(changes, self._keep_density)
        return left

    def _wire(self, new: Mapping[str, bpy.types.Image]) -> list[str]:
        """Plug in derived maps; returns the kinds of those for which there is no place any more."""
        material, base = self._subject.material, self._subject.base
        if not new or material is None or base is None:
            return []
        try:
            lacking = deriving.list_lacking(material, new, maps.find_maps(material))
        except BadInput:
            lacking = []
        nodes = (place.find() for place in base.places)
        node = next((node for node in nodes if node is not None), None)
        deriving.wire(material, {kind: new[kind] for kind in lacking}, node)
        left = [kind for kind in new if kind not in lacking]
        for kind in left:
            new[kind].use_fake_user = True
        return left

    def _keep(self, kept: dict[str, bpy.types.Image]) -> None:
        """Put previews that are kept into the nodes."""
        if not self._subject.is_picture:
            self._mark_as_set(kept)
        self._put(kept)

    def _title_step(self) -> str:
        if self._subject.is_picture:
            return iface_("Synthesize {name}").format(name=self.image_name)
        return iface_("Synthesize Material {name}").format(name=self.title)

    def _tell(self, made: Made, new: Mapping[str, bpy.types.Image], left: list[str]) -> str:
        """Say what was made, and what could not be put in."""
        seconds = f"{made.seconds:.0f}"
        if self._subject.is_picture and len(new) == 1:
            said = f"“{self.image_name}”, {made.width} × {made.height}, made in {seconds} s."
            if left and self._maps[0].where.places:
                said += " Its node has changed meanwhile and was left alone."
            return said
        said = (
            f"“{self.title}”: {len(new)} maps, {made.width} × {made.height}, made in {seconds} s."
        )
        if left:
            said += f" Nodes have changed meanwhile and were left alone: {', '.join(left)}."
        return said


def _measure_largest(subject: Subject) -> tuple[int, int]:
    """Return width and height of the largest image to learn from, in pixels."""
    sizes = [
        tiles.measure(places.get_image(each.source_uid), subject.tile) for each in subject.maps
    ]
    width, height = max(sizes, key=lambda size: size[0] * size[1])
    return width, height


def say_no_room(error: OSError) -> BadInput:
    """Say that a temporary file cannot be written."""
    return BadInput(
        f"The image cannot be written to Blender's temporary folder ({error.strerror or error}): "
        "make room there, or choose another in Blender's preferences."
    )
