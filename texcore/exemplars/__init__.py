"""What a canvas is measured against, as tensors."""
