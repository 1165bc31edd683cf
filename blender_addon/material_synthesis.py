"""All maps of a material made as one, from what the user asked for to the relinked images.

As with a single texture, nothing in the artist's file changes before all of the engine's pictures
are there, and then everything does in one undo step.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from . import images, material_maps, materials
from .bundled.texcore import protocol
from .bundled.texcore.errors import BadInput
from .bundled.texcore.material.kinds import FINE, kind
from .bundled.texcore.protocol import SynthesizeMaterial, SynthesizeMaterialReply
from .bundled.texcore.recipe import Recipe
from .images import Exemplar
from .material_maps import MapImage
from .synthesis import Options, no_room


@dataclass(frozen=True)
class _Map:
    """One map on its way: where it is in the material, the image it learns from, its file."""

    where: MapImage
    source_uid: int
    exemplar: Exemplar


class MaterialSynthesis:
    """A new set of maps for a material: the task of a job.

    Attributes:
        params: What the engine is asked.
        title: Name of the material.
        image_names: Of the new images, once there are any.
    """

    method = "synthesize_material"

    def __init__(self, context: bpy.types.Context, options: Options) -> None:
        """Find the images and export them.

        Raises:
            BadInput: Something asked for is not there or cannot be used.
        """
        material = meant(context, options.material)
        self.title = material.name
        self.image_names: list[str] = []
        found = material_maps.find(material)
        sources = [images.original(material_maps.bpy_image(entry.uid)) for entry in found]
        for source in sources:
            images.check(source)
        try:
            self._folder = tempfile.TemporaryDirectory(
                prefix="texcore-", dir=bpy.app.tempdir or None
            )
        except OSError as e:
            raise no_room(e) from None
        try:
            self._maps = [self._exported(*pair) for pair in zip(found, sources, strict=True)]
        except OSError as e:
            self.close()
            raise no_room(e) from None
        except BaseException:
            self.close()
            raise
        width, height = max((tuple(s.size) for s in sources), key=lambda size: size[0] * size[1])
        recipe = Recipe(
            size=(options.width or options.scale * width, options.height or options.scale * height),
            tile=options.tile,
            arrangement=options.arrangement,
            quality=options.quality,
            model=options.model,
            seed=options.seed,
        )
        by_kind = {m.where.kind: m.exemplar for m in self._maps}
        self.params = SynthesizeMaterial(
            maps={id: str(exemplar.path) for id, exemplar in by_kind.items()},
            outputs={
                id: str(self._room(id) / f"new texture{exemplar.suffix}")
                for id, exemplar in by_kind.items()
            },
            recipe=recipe.to_json(),
            encodings={
                id: exemplar.encoding
                for id, exemplar in by_kind.items()
                if kind(id).meaning == "colour"
            },
            depths={id: _depth(id, exemplar) for id, exemplar in by_kind.items()},
            device=options.device,
            weights=options.weights,
            online=bpy.app.online_access,
        )

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
        reply = protocol.read(SynthesizeMaterialReply, result)
        new: list[bpy.types.Image] = []
        try:
            for part in self._maps:
                new.append(self._brought_in(part, reply))  # noqa: PERF401 – what went well is kept
        except Exception:
            for image in new:
                bpy.data.images.remove(image)
            raise
        left = [
            part.where.kind
            for part, image in zip(self._maps, new, strict=True)
            if not _put(part, image)
        ]
        self.image_names = [image.name for image in new]
        materials.undo_step(f"Synthesize Material {self.title}")
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

    def _room(self, id: str) -> Path:
        """The folder for the files of one map; two images may be of one name."""
        folder = Path(self._folder.name) / id
        folder.mkdir(exist_ok=True)
        return folder

    def _exported(self, where: MapImage, source: bpy.types.Image) -> _Map:
        exemplar = images.export(source, self._room(where.kind))
        return _Map(where, source.session_uid, exemplar)

    def _brought_in(self, part: _Map, reply: SynthesizeMaterialReply) -> bpy.types.Image:
        source = materials.image_by_uid(part.source_uid)
        named = source or material_maps.bpy_image(part.where.uid)
        recipe = Recipe.from_json(reply.recipes[part.where.kind]).dumps()
        return images.bring_in(
            Path(reply.outputs[part.where.kind]),
            part.exemplar,
            images.result_name(named.name),
            source,
            recipe,
        )


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
    active = materials.active_material(context)
    if active is None:
        raise BadInput("There is no active material: select an object that has one.")
    return active


def _depth(id: str, exemplar: Exemplar) -> str:
    """The depth to write, as the recipe says it."""
    if exemplar.bit_depth == "8" and kind(id).id in FINE:
        return "16"
    return exemplar.bit_depth


def _put(part: _Map, image: bpy.types.Image) -> bool:
    """Put a new image into the nodes of the old one; False if none of them holds that any more."""
    old = materials.image_by_uid(part.where.uid)
    nodes = [node for place in part.where.places if (node := place.find()) and node.image]
    held = [node for node in nodes if images.meant(node.image) == old]
    for node in held:
        node.image = image
    # Blender drops what nothing uses when it saves; neither picture must be lost that way.
    if not held:
        image.use_fake_user = True
    elif old is not None:
        old.use_fake_user = True
    return bool(held)
