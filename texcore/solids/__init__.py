"""Solid textures: a cube of voxels that repeats, whose cuts look like a photo."""
