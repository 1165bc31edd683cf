"""What has been made of an image, and what can be done with it."""
