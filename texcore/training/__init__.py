"""Training of feature networks on the user's own photos."""
