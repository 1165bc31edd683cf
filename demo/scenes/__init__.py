"""Small scenes of materials, made of numbers and photographed by Cycles: demo/exemplars.

Each module has a function `make`, which gives the colours, roughness and heights of a square of its
material (`fields.Surface`); `studio` lays it out as geometry under a sky and takes its picture.
"""
