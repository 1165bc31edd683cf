"""What is optimised: variables, and the image on a torus that they make."""
