"""All maps of a material made as one, from what the user asked for to the relinked images.

As with a single texture, nothing in the artist's file changes before all of the engine's pictures
are there, and then everything does in one undo step.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import bpy

from ..bundled.texcore.contract import messages
from ..bundled.texcore.contract.errors import BadInput
from ..bundled.texcore.contract.map_kinds import FINE, KINDS, get_kind
from ..bundled.texcore.contract.messages import SynthesizeMaterial, SynthesizeMaterialReply
from ..bundled.texcore.contract.recipe import Recipe
from ..images import exchange, marks
from ..images.exchange import Exemplar
from ..nodes import deriving, maps, places, putting
from ..nodes.maps import MapImage
from ..results import sets
from . import companions, preview
from .task import Options, no_room, preview_space, temporary_folder


@dataclass(frozen=True)
class _Map:
    """One map on its way: where it is in the material, the image it learns from, its file."""

    where: MapImage
    source_uid: int
    exemplar: Exemplar
    extent: tuple[float, float]


class MaterialSynthesis:
    """A new set of maps for a material: the task of a job.

    Attributes:
        params: What the engine is asked.
        title: Name of the material.
        watch: Shows the previews of its maps; None if there shall be none.
        image_names: Of the new images by kind, once there are any.
    """

    method = "synthesize_material"

    def __init__(self, context: bpy.types.Context, options: Options) -> None:
        """Find the images and export them.

        Raises:
            BadInput: Something asked for is not there or cannot be used.
        """
        if options.image or companions.chosen(asdict(options)):
            raise BadInput(
                "All maps of a material are made without a further picture: leave it out."
            )
        material = meant(context, options.material)
        self.title = material.name
        self.image_names: dict[str, str] = {}
        self.watch: preview.Preview | None = None
        self._uid = material.session_uid
        self._keep_density = options.keep_density
        found = maps.find(material)
        self._derived, given = _apart(found)
        self._missing = deriving.lacking(material, deriving.chosen(options.derive), found)
        self._base = next((entry for entry in given if entry.kind == "base_color"), None)
        if self._missing and self._base is None:
            raise BadInput(
                f"“{material.name}” has no image that colours it: maps are derived from that."
            )
        sources = [marks.original(maps.bpy_image(entry.uid)) for entry in given]
        for source in sources:
            exchange.check(source)
        width, height = max((tuple(s.size) for s in sources), key=lambda size: size[0] * size[1])
        size = (options.width or options.scale * width, options.height or options.scale * height)
        try:
            self._folder = temporary_folder()
        except OSError as e:
            raise no_room(e) from None
        try:
            self._maps = [
                self._exported(entry, source, (size[0] / width, size[1] / height))
                for entry, source in zip(given, sources, strict=True)
            ]
        except OSError as e:
            self.close()
            raise no_room(e) from None
        except BaseException:
            self.close()
            raise
        recipe = Recipe(
            size=size,
            tile=options.tile,
            arrangement=options.arrangement,
            straighten=options.straighten,
            quality=options.quality,
            model=options.model,
            seed=options.seed,
        )
        self.params = self._request(options, recipe)
        if options.live:
            parts = {part.where.kind: self._in_the_making(part) for part in self._maps}
            whole = Recipe.from_json({**recipe.to_json(), "maps": ",".join(parts)})
            self.watch = preview.Preview(parts, whole, self._keep)

    def finish(self, result: Any) -> str:
        """Bring the engine's pictures into Blender as one undo step.

        Args:
            result: The engine's answer.

        Returns:
            What was done, in one sentence.

        Raises:
            BadInput: Blender cannot read a picture.
            ProtocolError: The answer is not one to ``synthesize_material``.
        """
        reply = messages.read(SynthesizeMaterialReply, result)
        new: dict[str, bpy.types.Image] = {}
        try:
            for part in self._maps:
                new[part.where.kind] = self._brought_in(part, reply)
            for id in reply.outputs:
                if id not in new:
                    new[id] = self._brought_in_derived(id, reply)
        except Exception:
            for image in new.values():
                bpy.data.images.remove(image)
            raise
        word = uuid.uuid4().hex
        for image in new.values():
            image[marks.SET_PROPERTY] = word
        self.image_names = {id: image.name for id, image in new.items()}
        left = self._put({id: image for id, image in new.items() if id not in self._missing})
        left += self._wire({id: new[id] for id in self._missing if id in new})
        material = self._material
        if material is not None:
            sets.show_derived(material, word)
        putting.undo_step(f"Synthesize Material {self.title}")
        said = (
            f"“{self.title}”: {len(new)} maps, {reply.width} × {reply.height}, "
            f"made in {reply.seconds:.0f} s."
        )
        if left:
            said += f" Nodes have changed meanwhile and were left alone: {', '.join(left)}."
        return " ".join([said, *reply.notes])

    def close(self) -> None:
        """Delete the temporary files."""
        self._folder.cleanup()

    @property
    def _material(self) -> bpy.types.Material | None:
        """The material, or None if it is gone."""
        return next((m for m in bpy.data.materials if m.session_uid == self._uid), None)

    def _request(self, options: Options, recipe: Recipe) -> SynthesizeMaterial:
        """What the engine is asked."""
        by_kind = {m.where.kind: m.exemplar for m in self._maps}
        derived = [id for id in (*self._missing, *self._derived) if id not in by_kind]
        suffixes = {id: exemplar.suffix for id, exemplar in by_kind.items()}
        suffixes |= dict.fromkeys(derived, ".png")
        return SynthesizeMaterial(
            maps={id: str(exemplar.path) for id, exemplar in by_kind.items()},
            outputs={id: str(self._room(id) / f"new texture{suffixes[id]}") for id in suffixes},
            recipe=recipe.to_json(),
            encodings={
                id: exemplar.encoding
                for id, exemplar in by_kind.items()
                if get_kind(id).meaning == "colour"
            },
            depths={id: _depth(id, exemplar) for id, exemplar in by_kind.items()},
            derive=derived,
            device=options.device,
            weights=options.weights,
            preview=str(self._room("previews")) if options.live else None,
            online=bpy.app.online_access,
        )

    def _room(self, id: str) -> Path:
        """The folder for the files of one map; two images may be of one name."""
        folder = Path(self._folder.name) / id
        folder.mkdir(exist_ok=True)
        return folder

    def _exported(
        self, where: MapImage, source: bpy.types.Image, ratio: tuple[float, float]
    ) -> _Map:
        exemplar = exchange.export(source, self._room(where.kind))
        extent = (source.size[0] * ratio[0], source.size[1] * ratio[1])
        return _Map(where, source.session_uid, exemplar, extent)

    def _in_the_making(self, part: _Map) -> preview.InTheMaking:
        return preview.InTheMaking(
            part.where.uid,
            part.where.places,
            part.extent if self._keep_density else None,
            preview_space(part.exemplar),
            f"{marks.result_name(_named(part).name)} Preview",
        )

    def _brought_in(self, part: _Map, reply: SynthesizeMaterialReply) -> bpy.types.Image:
        id = part.where.kind
        image = exchange.bring_in(
            Path(reply.outputs[id]),
            part.exemplar,
            marks.result_name(_named(part).name),
            places.image_by_uid(part.source_uid),
            Recipe.from_json(reply.recipes[id]).dumps(),
        )
        image[marks.EXTENT_PROPERTY] = part.extent
        return image

    def _brought_in_derived(self, id: str, reply: SynthesizeMaterialReply) -> bpy.types.Image:
        base = next(part for part in self._maps if part.where == self._base)
        source = places.image_by_uid(base.source_uid)
        stem = marks.result_name(_named(base).name).removesuffix(" Texcore")
        image = exchange.bring_in(
            Path(reply.outputs[id]),
            deriving.exemplar(id),
            marks.result_name(f"{stem} {KINDS[id].label}"),
            None,
            Recipe.from_json(reply.recipes[id]).dumps(),
        )
        image[marks.EXTENT_PROPERTY] = base.extent
        image[marks.DERIVED_PROPERTY] = id
        if source is not None:
            image[marks.DERIVED_FROM] = source
        return image

    def _put(self, new: Mapping[str, bpy.types.Image]) -> list[str]:
        """Put images into the nodes of the old ones; returns the kinds of those without a node."""
        where = {part.where.kind: part.where for part in self._maps} | self._derived
        changes = []
        left = []
        for id, image in new.items():
            old = places.image_by_uid(where[id].uid)
            nodes = [node for place in where[id].places if (node := place.find()) and node.image]
            held = [node for node in nodes if marks.meant(node.image) == old]
            changes += [(node, image) for node in held]
            if not held:
                image.use_fake_user = True  # Blender drops what nothing uses when it saves
                left.append(id)
        putting.put_all(changes, self._keep_density)
        return left

    def _wire(self, new: Mapping[str, bpy.types.Image]) -> list[str]:
        """Plug in derived maps; returns the kinds of those for which there is no place any more."""
        material = self._material
        if not new or material is None or self._base is None:
            return []
        try:
            lacking = deriving.lacking(material, new, maps.find(material))
        except BadInput:
            lacking = []
        places = (place.find() for place in self._base.places)
        base = next((node for node in places if node is not None), None)
        deriving.wire(material, {id: new[id] for id in lacking}, base)
        left = [id for id in new if id not in lacking]
        for id in left:
            new[id].use_fake_user = True
        return left

    def _keep(self, kept: dict[str, bpy.types.Image]) -> None:
        """Put previews that are kept into the nodes."""
        word = uuid.uuid4().hex
        extents = {part.where.kind: part.extent for part in self._maps}
        for id, image in kept.items():
            image[marks.SET_PROPERTY] = word
            image[marks.EXTENT_PROPERTY] = extents[id]
        self._put(kept)


def meant(context: bpy.types.Context, name: str) -> bpy.types.Material:
    """The material of a name, or the active one.

    Raises:
        BadInput: There is none.
    """
    if name:
        found = bpy.data.materials.get(name)
        if found is None:
            raise BadInput(f"There is no material named “{name}”.")
        return found
    active = places.active_material(context)
    if active is None:
        raise BadInput("There is no active material: select an object that has one.")
    return active


def _apart(found: list[MapImage]) -> tuple[dict[str, MapImage], list[MapImage]]:
    """The maps that were derived, by what they are, and the others.

    A derived map follows the base color that it was derived from. Where that is gone, it is a map
    like others; so is a second one of a kind.
    """
    derived: dict[str, MapImage] = {}
    given: list[MapImage] = []
    for entry in found:
        image = maps.bpy_image(entry.uid)
        id = image.get(marks.DERIVED_PROPERTY, "")
        (given.append(entry) if not id or id in derived else derived.setdefault(id, entry))
    kinds = {entry.kind for entry in given}
    if "base_color" not in kinds:
        return {}, found
    return {id: entry for id, entry in derived.items() if id not in kinds}, given


def _named(part: _Map) -> bpy.types.Image:
    """The image whose name the result gets."""
    source = places.image_by_uid(part.source_uid)
    return source or maps.bpy_image(part.where.uid)


def _depth(id: str, exemplar: Exemplar) -> str:
    """The depth to write, as the recipe says it."""
    if exemplar.bit_depth == "8" and get_kind(id).id in FINE:
        return "16"
    return exemplar.bit_depth
