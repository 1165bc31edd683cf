"""Node trees: which image is meant, what it says, and putting another one in."""
