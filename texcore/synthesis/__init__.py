"""The synthesis itself: a plan, a start, and a generator of steps."""
