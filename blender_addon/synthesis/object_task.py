"""A new texture, or all maps of a material, for the surface of one object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import bpy

from ..bundled.texcore.contract.errors import BadInput
from ..bundled.texcore.contract.jobs import Made
from ..bundled.texcore.contract.recipe import OBJECT, Recipe
from ..images import marks
from ..nodes.places import NodePlace
from ..results import owning, results
from . import arriving, folders, object_file, objects, preview
from .settings import Options, forget_others
from .task import MapOnItsWay, Synthesis


class OnObject(Synthesis):
    """New maps for an object being made, see `Synthesis`.

    Attributes:
        object_name: Of the object.

    They fit this object alone. So a material that others use too becomes a copy of the object's
    own, and the nodes take the plain UV map as long as they hold them (`nodes.plain_uv`).
    """

    def __init__(self, context: bpy.types.Context, options: Options) -> None:
        """Find object and images, and export them.

        Raises:
            BadInput: Something asked for is not there or cannot be used.
        """
        options = objects.complete(context, options)
        thing = objects.get_object(options.object)
        # It repeats nowhere, and nothing of it is larger than the object.
        recipe = replace(options.recipe, tile="none", progress="none")
        self._object_uid, self.object_name = thing.session_uid, thing.name
        super().__init__(context, replace(options, keep_density=False, recipe=recipe))
        self.title = f"{self.title} › {thing.name}"
        material = self._subject.material
        with folders.filling(self._folder) as folder:
            if material is None:
                raise BadInput("The material of the object is gone.")
            shared = objects.is_shared(material, thing)
            objects.check_nodes(thing, self._list_places(), shared)
            path, self._uv_map = object_file.write_object(context, thing, material, folder)
        self.params = replace(self.params, object=path)

    def _get_recipe(self, options: Options) -> Recipe:
        return forget_others(options.recipe, OBJECT)

    @property
    def _object(self) -> bpy.types.Object | None:
        """The object, or None if it is gone."""
        found = (each for each in bpy.data.objects if each.session_uid == self._object_uid)
        return next(found, None)

    def _list_places(self) -> list[NodePlace]:
        """List all nodes that get a map."""
        everything = [*self._subject.maps, *self._subject.derived.values()]
        return [place for each in everything for place in each.places]

    def _make_part(self, part: MapOnItsWay) -> preview.InTheMaking:
        """Show a preview on the object only where no link of a node has to be changed for it."""
        thing, material = self._object, self._subject.material
        plain: tuple[NodePlace, ...] = ()
        if thing is not None and material is not None and not objects.is_shared(material, thing):
            plain = tuple(
                place
                for place in part.where.places
                if (node := place.find()) is not None and objects.takes_plainly(thing, node)
            )
        return super()._make_part(replace(part, where=replace(part.where, places=plain)))

    def _bring_in(self, made: Made) -> dict[str, bpy.types.Image]:
        new = super()._bring_in(made)
        self._mark(new)
        return new

    def _keep(self, kept: dict[str, bpy.types.Image]) -> None:
        self._mark(kept)
        super()._keep(kept)

    def _mark(self, new: Mapping[str, bpy.types.Image]) -> None:
        """Note on images which object, and which UV map of it, they were made for."""
        for image in new.values():
            image[marks.OBJECT_PROPERTY] = self.object_name
            image[marks.UV_PROPERTY] = self._uv_map

    def _put(self, new: Mapping[str, bpy.types.Image]) -> list[str]:
        if self._object is None:
            for image in new.values():
                arriving.keep_unused(image)
            return list(new)
        self._make_own()
        return super()._put(new)

    def _make_own(self) -> None:
        """Give the object a material of its own, if others use it too."""
        thing, material = self._object, self._subject.material
        if thing is None or material is None or not objects.is_shared(material, thing):
            return
        own = material.copy()
        own.name = f"{material.name} {thing.name}"
        for number, slot in enumerate(thing.material_slots):
            if slot.material == material:
                results.put_in_slot(thing, number, own)
        self._move_to(material.session_uid, own.session_uid)

    def _move_to(self, old: int, new: int) -> None:
        """Mean the nodes of another material, which is a copy."""

        def move(where: Any) -> Any:
            moved = tuple(
                replace(place, uid=new) if (place.owner, place.uid) == ("materials", old) else place
                for place in where.places
            )
            return replace(where, places=moved)

        subject = self._subject
        self._subject = replace(
            subject,
            maps=tuple(move(each) for each in subject.maps),
            derived={kind: move(each) for kind, each in subject.derived.items()},
            material_uid=new,
        )
        self._maps = [replace(part, where=move(part.where)) for part in self._maps]


def read_object(image: bpy.types.Image) -> dict[str, Any]:
    """Return the options with which a result for an object was made, but for its recipe.

    Raises:
        BadInput: The object is gone, or nothing tells which one it is.
    """
    name = marks.read_object(image)
    if not name:
        return {}
    owners = {thing.data: thing for thing in owning.find_owners(image)}
    thing = next(iter(owners.values())) if len(owners) == 1 else None
    holding = [] if thing is None else owning.find_holding(thing, image)
    if thing is None or not holding:
        raise BadInput(f"The object “{name}”, which it was made for, is gone or has another name.")
    return {OBJECT: thing.name, "image": "", "material": holding[0].name}
