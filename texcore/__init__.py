"""Texcore: new, tileable textures whose deep feature statistics match an artist's own.

The package runs on its own (``python -m texcore``) or as a subprocess of the Blender extension.
It never imports Blender. `texcore.contract` needs nothing but the standard library: the extension
bundles and imports those same files.
"""

__version__ = "0.1.0"
