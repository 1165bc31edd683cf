"""Make the task that somebody asks for: of a plane, of an object, or a solid texture."""

from __future__ import annotations

import bpy

from .object_task import OnObject
from .settings import Options
from .solid_task import Solid
from .task import Synthesis


def make_task(context: bpy.types.Context, options: Options) -> Synthesis:
    """Make the task that options ask for.

    Raises:
        BadInput: Something asked for is not there or cannot be used.
    """
    if options.solid:
        return Solid(context, options)
    return OnObject(context, options) if options.object else Synthesis(context, options)
