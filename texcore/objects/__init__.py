"""A texture over the surface of an object, in whatever way it is unwrapped."""
