"""Blender's images: to files and back, and the marks that Texcore leaves on them."""
