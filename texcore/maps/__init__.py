"""From pictures to tensors and back: one picture, or all maps of a material."""
