"""Texture models as data, and the presets of the papers."""
