"""Pictures in files: read to an array, written whole or not at all, with their recipe inside."""

from .picture import Picture, Pixels, flatten_alpha, from_display, strips, to_display
from .reading import has_error, is_turned, read, read_recipe
from .writing import as_stored, check_output, holds, output_depth, write, write_preview

__all__ = [
    "Picture",
    "Pixels",
    "as_stored",
    "check_output",
    "flatten_alpha",
    "from_display",
    "has_error",
    "holds",
    "is_turned",
    "output_depth",
    "read",
    "read_recipe",
    "strips",
    "to_display",
    "write",
    "write_preview",
]
