"""A solid texture of one image, and the nodes that look it up in space."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import bpy
from bpy.app.translations import pgettext_iface as iface_

from ..bundled.texcore.contract.choices import SKETCH
from ..bundled.texcore.contract.errors import BadInput
from ..bundled.texcore.contract.jobs import MadeMap
from ..bundled.texcore.contract.recipe import SOLID, Recipe
from ..images import marks
from ..nodes import solid
from . import arriving
from .settings import Options, forget_others
from .sources import Subject, look_at_subject
from .task import MapOnItsWay, Synthesis


class Solid(Synthesis):
    """A solid texture being made, see `Synthesis`.

    The image that it learns from stays in its node; a group node of Texcore's takes its place in
    front of whatever took its colour.
    """

    def __init__(self, context: bpy.types.Context, options: Options) -> None:
        """Find the image and export it.

        Raises:
            BadInput: Something asked for is not there or cannot be used.
        """
        check_options(options)
        options = replace(options, maps=False, solid=True, live=False, keep_density=False)
        check_subject(look_at_subject(context, options))
        super().__init__(context, options)
        self._voxels = int(options.recipe.voxels)
        self._size = measure_size(context, self._subject)
        self.params = replace(self.params, solid=True)

    def _get_recipe(self, options: Options) -> Recipe:
        return forget_others(options.recipe, SOLID)

    def _bring_in_map(self, part: MapOnItsWay, entry: MadeMap) -> bpy.types.Image:
        stem = marks.name_result(part.where.named.name).removesuffix(" Texcore")
        return self._canvas.bring_in(
            self.params.maps[part.where.kind].output,
            part.exemplar,
            marks.name_result(f"{stem} {iface_('Solid')}"),
            None,  # it is no other version of the photo
            entry.recipe.dumps(),
        )

    def _put(self, new: Mapping[str, bpy.types.Image]) -> list[str]:
        left = []
        for kind, image in new.items():
            nodes = [node for part in self._maps for node in part.where.find_nodes()]
            put_in(nodes, image, self._voxels, self._size)
            if not nodes:
                arriving.keep_unused(image)
                left.append(kind)
        return left


def put_in(
    nodes: Iterable[bpy.types.ShaderNodeTexImage], image: bpy.types.Image, voxels: int, size: float
) -> None:
    """Let a solid texture stand for photos' nodes, see `nodes.solid.put_in`."""
    for node in nodes:
        solid.put_in(node, image, voxels, size)


def measure_size(context: bpy.types.Context, subject: Subject) -> float:
    """Return how large a cube is at first: by the active object, else another, of the material."""
    layer, material = context.view_layer, subject.material
    things = [] if layer is None else [layer.objects.active, *layer.objects]
    of_material = (
        thing
        for thing in things
        if thing is not None and any(slot.material == material for slot in thing.material_slots)
    )
    return solid.measure_size(next(of_material, None))


def check_options(options: Options) -> None:
    """Check that nothing is asked for that a solid texture cannot have.

    Raises:
        BadInput: Something is.
    """
    if options.object:
        words = "A solid texture fits every object: leave the object's name out."
        raise BadInput(iface_(words))
    if options.recipe.quality == SKETCH:
        raise BadInput(iface_("There is no sketch of a solid texture: choose another quality."))
    if options.mix or options.mask or options.target_mask or options.repairs:
        words = (
            "A solid texture is made of one photo: empty Mix With, Regions and Repair Mask, and "
            "make Everything new."
        )
        raise BadInput(iface_(words))


def check_subject(subject: Subject) -> None:
    """Check that a solid texture can be made of an image, and where it would go.

    Raises:
        BadInput: It cannot.
    """
    if subject.canvas.numbers:
        words = iface_("“{name}” has UDIM tiles: a solid texture is made of one picture.")
        raise BadInput(words.format(name=subject.title))
    if not subject.maps[0].places:
        words = iface_(
            "“{name}” is in no material's node: a solid texture takes the place of one in a "
            "material."
        )
        raise BadInput(words.format(name=subject.title))
