"""Say what the panel's button would make, before it is pressed, from what is in memory alone."""

from __future__ import annotations

from dataclasses import dataclass, replace

import bpy
from bpy.app.translations import pgettext_iface as iface_

from ..bundled.texcore.contract.errors import BadInput, BadUnwrapping
from ..images import looking
from ..images.looking import Problem
from ..nodes import deriving, maps, places, targets
from ..nodes.targets import Target
from . import objects
from .companions import check_together
from .settings import Options
from .sources import Subject, look_at_subject


@dataclass(frozen=True)
class Intention:
    """What the button would make.

    Attributes:
        target: The image that is meant; None where none is.
        count: How many maps the material has of its own; 1 for a picture by itself.
        subject: What would be made of what; None where nothing can be.
        reason: Why nothing can be made; empty where it can.
        problem: What is wrong with an image, which may be the reason.
    """

    target: Target | None = None
    count: int = 1
    subject: Subject | None = None
    reason: str = ""
    problem: Problem | None = None

    @property
    def is_material(self) -> bool:
        """Whether it is all maps of a material."""
        return self.subject is not None and not self.subject.is_picture

    @property
    def guessed(self) -> int:
        """How many maps would be guessed besides."""
        return len(self.subject.guessed) if self.subject else 0


@dataclass(frozen=True)
class OnObjects:
    """What would be made for objects, a texture or a material for each.

    Attributes:
        asked: What is asked for of each object looked at; none where nothing can be made.
        count: How many objects are meant.
        reason: Why nothing can be made; empty where it can.
        can_unwrap: Whether unwrapping mends that.
    """

    asked: tuple[Options, ...] = ()
    count: int = 0
    reason: str = ""
    can_unwrap: bool = False


def intend_on_objects(
    context: bpy.types.Context, options: Options, whole: bool, most: int | None = None
) -> OnObjects:
    """Find what would be made for the objects that are meant.

    Args:
        context: Where the user is.
        options: What is asked for; it may name an object.
        whole: Whether all maps of a material are wanted where it has several.
        most: How many objects are looked at; None for all.
    """
    try:
        things = [objects.get_object(options.object)] if options.object else []
        things = things or objects.list_meant(context)
        if not things:
            words = "There is no active object: select the mesh that a texture is for."
            raise BadInput(iface_(words))
        looked = [_intend_on(context, options, thing, whole) for thing in things[:most]]
        return OnObjects(tuple(looked), len(things))
    except BadInput as e:
        return OnObjects(reason=str(e), can_unwrap=isinstance(e, BadUnwrapping))


def _intend_on(
    context: bpy.types.Context, options: Options, thing: bpy.types.Object, whole: bool
) -> Options:
    """Return what is asked for of an object.

    Raises:
        BadInput: It cannot be made.
    """
    asked = objects.complete(context, replace(options, object=thing.name))
    count = count_maps(targets.find_target(context, asked.material))
    asked = replace(asked, maps=options.maps or (whole and count > 1))
    subject = look_at_subject(context, asked)
    objects.check_nodes(thing, [place for each in subject.maps for place in each.places])
    problem = _find_problem(subject, asked)
    if problem is not None:
        raise BadInput(problem.words)
    for each in subject.maps:
        objects.check_scale(each.source, asked.recipe.scale)
    return asked


def find_intention(context: bpy.types.Context, options: Options, whole: bool) -> Intention:
    """Find what the button would make.

    Args:
        context: Where the user is.
        options: What the panel asks for.
        whole: Whether all maps of a material are wanted where it has several.
    """
    try:
        target = targets.find_target(context)
    except BadInput as e:
        return Intention(reason=str(e))
    count = count_maps(target)
    try:
        subject = look_at_subject(context, replace(options, maps=whole and count > 1))
        check_together(options)
    except BadInput as e:
        return Intention(target, count, reason=str(e))
    problem = _find_problem(subject, options)
    return Intention(target, count, subject, problem.words if problem else "", problem)


def _find_problem(subject: Subject, options: Options) -> Problem | None:
    """Return what keeps a subject from being made; one flat map among others does not."""
    found = [looking.find_problem(each.source) for each in subject.maps if each.source]
    beside = bool(options.mix or options.mask)
    flat_matters = not beside and all(each is not None and each.is_flat for each in found)
    grave = [each for each in found if each is not None and (flat_matters or not each.is_flat)]
    return next(iter(grave), None)


def count_maps(target: Target) -> int:
    """Return how many maps the material of an image has, but for those guessed from another."""
    material = None if target.material_uid is None else places.find_material(target.material_uid)
    try:
        found = maps.find_maps(material) if material else []
    except BadInput:
        return 1
    return len(deriving.split_derived(found)[1])
