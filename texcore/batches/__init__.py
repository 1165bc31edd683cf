"""Many textures: the rows of a queue, each whole or absent, on one machine or on many."""
