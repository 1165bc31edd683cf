"""Texcore: new, tileable textures whose deep feature statistics match an artist's own.

    import texcore
    made = texcore.synthesize("photo.jpg", "new.png", size=1024, seed=3)

The package also runs on its own (``python -m texcore``), or as a subprocess of the Blender
extension. It never imports Blender. `texcore.contract` needs nothing but the standard library: the
extension bundles and imports those same files, so what needs more is imported when it is used.
"""

from typing import TYPE_CHECKING, Any

from .contract.errors import BadInput, Cancelled, OutOfMemory, TexcoreError, Unavailable
from .contract.jobs import Companions
from .contract.recipe import Recipe

if TYPE_CHECKING:
    from .service.library import Progress, Result, Texture, synthesize

__version__ = "0.2.0"

__all__ = [
    "BadInput",
    "Cancelled",
    "Companions",
    "OutOfMemory",
    "Progress",
    "Recipe",
    "Result",
    "TexcoreError",
    "Texture",
    "Unavailable",
    "synthesize",
]


def __getattr__(name: str) -> Any:
    """Import what needs PyTorch once somebody asks for it."""
    if name in __all__:
        from .service import library

        return getattr(library, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
