"""Whole materials: all maps of a set, made as one.

``kinds`` and ``names`` need nothing but the standard library; the extension imports those files.
"""
