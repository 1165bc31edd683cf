"""Make the start that a plan asks for."""

from __future__ import annotations

from ..runtime.context import Check, proceed
from .layout_start import PatchworkStart, SewnStart
from .noise_start import NoiseStart, PictureStart, UniformStart
from .plan import Plan
from .renewal_start import RenewalStart
from .start import Start

_NOISES = {"noise": NoiseStart, "uniform": UniformStart, "picture": PictureStart}


def make_start(plan: Plan, check: Check = proceed) -> Start:
    """Make the start that a plan's model names, one of `texcore.models.model.STARTS`.

    Args:
        plan: Of the run.
        check: Called before each chunk of a layout; an exception of it ends the work.
    """
    if plan.model.lays_out and plan.renews:
        return RenewalStart(plan, check)
    if plan.model.lays_out:
        kind = SewnStart if plan.model.detail == "sewn" else PatchworkStart
        return kind(plan, check)
    return _NOISES[plan.model.start](plan.model)
