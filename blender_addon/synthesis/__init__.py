"""A new texture for a node: the task, its preview, many of them."""
