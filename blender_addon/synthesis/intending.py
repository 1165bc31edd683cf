"""Say what the panel's button would make, before it is pressed, from what is in memory alone."""

from __future__ import annotations

from dataclasses import dataclass, replace

import bpy

from ..bundled.texcore.contract.errors import BadInput
from ..images import looking
from ..images.looking import Problem
from ..nodes import deriving, maps, places, targets
from ..nodes.targets import Target
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
