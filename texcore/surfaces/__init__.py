"""What an image lies on: a torus, or a plane with borders."""
