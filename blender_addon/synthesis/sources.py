"""Find out what a task is about: one picture of a node, or all maps of a material.

A picture by itself is a material with one map, so both are told in the same words. Data-blocks are
kept by their session id: Blender's undo makes references stale.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import bpy

from ..bundled.texcore.contract.errors import BadInput
from ..bundled.texcore.contract.map_kinds import PICTURE
from ..images import marks, tiles
from ..images.canvas import Canvas, find_canvas
from ..nodes import deriving, maps, places, targets
from ..nodes.maps import MapImage
from ..nodes.places import NodePlace
from . import objects
from .settings import Options


@dataclass(frozen=True)
class MapSource:
    """One map: where it is, and what it is learnt from.

    Attributes:
        kind: See `map_kinds.get_kind`; of a picture by itself, `map_kinds.PICTURE`.
        shown_uid: The ``session_uid`` of the image in its nodes.
        source_uid: That of the image to learn from.
        places: Every node that holds it; none for an image without a node.
        lineage: What it and other images that may take its place have in common, see
            `marks.find_lineage`: the ``session_uid`` of their photo, and what is derived.
    """

    kind: str
    shown_uid: int
    source_uid: int
    places: tuple[NodePlace, ...]
    lineage: tuple[int, str]

    @property
    def shown(self) -> bpy.types.Image | None:
        """The image in its nodes, or None if it is gone."""
        return places.find_image(self.shown_uid)

    @property
    def source(self) -> bpy.types.Image | None:
        """The image to learn from, or None if it is gone."""
        return places.find_image(self.source_uid)

    @property
    def named(self) -> bpy.types.Image:
        """The image whose name the result gets."""
        return self.source or places.get_image(self.shown_uid)

    def find_nodes(self) -> list[bpy.types.ShaderNodeTexImage]:
        """Return the nodes that still hold the image, or another one made of the same."""
        nodes = [node for place in self.places if (node := place.find()) and node.image]
        return [
            node
            for node in nodes
            if _find_lineage(marks.resolve_preview(node.image)) == self.lineage
        ]


@dataclass(frozen=True)
class Subject:
    """What a task is about.

    Attributes:
        title: Name of the picture, or of the material.
        maps: The maps to learn from, the base color first.
        material_uid: The ``session_uid`` of the material; None for a picture without a node.
        derived: Maps that were guessed from the base color before and follow it, by kind.
        missing: Kinds of maps to guess, which the material lacks.
        notes: What the user should know, a sentence each.
    """

    title: str
    maps: tuple[MapSource, ...]
    material_uid: int | None
    derived: dict[str, MapSource] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_picture(self) -> bool:
        """Whether it is a picture by itself."""
        return self.maps[0].kind == PICTURE

    @property
    def base(self) -> MapSource | None:
        """What maps are derived from: the picture, or the base color."""
        return next((each for each in self.maps if each.kind in (PICTURE, "base_color")), None)

    @property
    def guessed(self) -> list[str]:
        """The kinds of maps to guess: those that are lacking, and those guessed before."""
        given = {each.kind for each in self.maps}
        return [kind for kind in (*self.missing, *self.derived) if kind not in given]

    @property
    def canvas(self) -> Canvas:
        """What the new maps lie on, which is the same for all: tiles, or a picture each."""
        return find_canvas(self.maps[0].source)

    @property
    def material(self) -> bpy.types.Material | None:
        """The material, or None if it is gone."""
        return None if self.material_uid is None else places.find_material(self.material_uid)


def find_subject(context: bpy.types.Context, options: Options) -> Subject:
    """Find what options are about.

    Args:
        context: Where the user is.
        options: What was asked for.

    Raises:
        BadInput: Something asked for is not there or cannot be used.
    """
    subject = look_at_subject(context, options)
    for each in subject.maps:
        subject.canvas.check(places.get_image(each.source_uid))
    return subject


def look_at_subject(context: bpy.types.Context, options: Options) -> Subject:
    """Find what a synthesis would be of, without a look at the pixels of any image.

    Raises:
        BadInput: Something asked for is not there.
    """
    if options.object:
        options = objects.complete(context, options)
    found = _find_material(context, options) if options.maps else _find_picture(context, options)
    tiles.check_alike([places.get_image(each.source_uid) for each in found.maps])
    is_tiled = bool(found.canvas.numbers)
    if is_tiled and options.repairs:
        raise BadInput(
            f"“{found.title}” has UDIM tiles, which are made anew as a whole: take out the repair "
            "mask, and make new all."
        )
    return found


def _find_picture(context: bpy.types.Context, options: Options) -> Subject:
    target = targets.find_target(context, options.material, options.image)
    shown = target.image
    if shown is None:
        raise BadInput("The image is gone.")
    # A name given by the user is meant as it is; what is merely active may be a result of ours.
    source = shown if options.image else marks.find_original(shown)
    where = (*_find_places(target, options), *_find_sharing(context, options, source))
    picture = MapSource(PICTURE, target.image_uid, source.session_uid, where, _find_lineage(shown))
    derived, missing, notes = _find_derivable(target, options)
    notes += _tell_unused(target.material_uid)
    return Subject(source.name, (picture,), target.material_uid, derived, missing, notes)


def _find_sharing(
    context: bpy.types.Context, options: Options, source: bpy.types.Image
) -> tuple[NodePlace, ...]:
    """Return where some materials have an image that was made of the same, or that itself."""
    found = [targets.find_target(context, name) for name in options.sharing]
    return tuple(
        place
        for target in found
        if target.image and marks.find_original(target.image) == source
        for place in _find_places(target, options)
    )


def _find_places(target: targets.Target, options: Options) -> tuple[NodePlace, ...]:
    """Return the node that is meant, and the others with the same image if they are meant too."""
    own = (target.place,) if target.place else ()
    material = None if target.material_uid is None else places.find_material(target.material_uid)
    alone = options.image or options.solid or not options.everywhere
    if alone or material is None or target.image is None:
        return own
    nodes = places.list_nodes_holding(material, target.image)
    return tuple(dict.fromkeys((*own, *(places.locate(node, material) for node in nodes))))


def _tell_unused(material_uid: int | None) -> tuple[str, ...]:
    """Say of a material that is on no object where it is."""
    material = None if material_uid is None else places.find_material(material_uid)
    if material is None or material.users > material.use_fake_user:
        return ()
    return (
        f"The material “{material.name}” is on no object: choose it in an object's material list.",
    )


def _find_derivable(
    target: targets.Target, options: Options
) -> tuple[dict[str, MapSource], tuple[str, ...], tuple[str, ...]]:
    """Return which maps are guessed from a picture anew, which for the first time, and notes.

    Those that are there follow the picture, whatever is asked for; but for a solid texture, which
    is no other version of it.
    """
    if options.solid:
        return {}, (), ()
    derived: dict[str, MapSource] = {}
    missing: list[str] = []
    try:
        material, found = _find_coloured(target)
        derived = _find_derived(material, found)
        missing = deriving.list_lacking(material, options.derive, found)
    except BadInput as e:
        said = options.derive and not derived
        return derived, (), (f"No maps were derived. {e}",) if said else ()
    return derived, tuple(missing), ()


def _find_coloured(target: targets.Target) -> tuple[bpy.types.Material, list[MapImage]]:
    """Return the material that a picture is the base color of, and its maps.

    Raises:
        BadInput: It is that of none.
    """
    material = None if target.material_uid is None else places.find_material(target.material_uid)
    found = maps.find_maps(material) if material else []
    given = deriving.split_derived(found)[1]
    colours = [entry.uid for entry in given if entry.kind == "base_color"]
    if material is None or target.image_uid not in colours:
        raise BadInput("The picture is not the base color of a material.")
    return material, found


def _find_derived(material: bpy.types.Material, found: list[MapImage]) -> dict[str, MapSource]:
    """Return the maps of a material that follow its base color, by kind."""
    derived, given = deriving.split_derived(found)
    if any(entry.kind == "base_color" for entry in given):
        derived |= deriving.find_loose(material, derived, given)
    return {kind: _make_source(entry) for kind, entry in derived.items()}


def _find_material(context: bpy.types.Context, options: Options) -> Subject:
    if options.image:
        raise BadInput(
            "All maps of a material are made without an image of that name: leave it out."
        )
    material = places.get_material(context, options.material)
    found = maps.find_maps(material)
    given = deriving.split_derived(found)[1]
    missing = deriving.list_lacking(material, options.derive, found)
    if missing and all(entry.kind != "base_color" for entry in given):
        raise BadInput(
            f"“{material.name}” has no image that colours it: maps are derived from that."
        )
    return Subject(
        material.name,
        tuple(_make_source(entry) for entry in given),
        material.session_uid,
        _find_derived(material, found),
        tuple(missing),
    )


def _make_source(entry: MapImage) -> MapSource:
    shown = places.get_image(entry.uid)
    source = marks.find_original(shown)
    return MapSource(
        entry.kind, entry.uid, source.session_uid, tuple(entry.places), _find_lineage(shown)
    )


def _find_lineage(image: bpy.types.Image) -> tuple[int, str]:
    photo, derived = marks.find_lineage(image)
    return photo.session_uid, derived
