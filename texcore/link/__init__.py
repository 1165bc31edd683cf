"""The engine on another computer, by the user's own ssh: a program that Blender's Python can run."""
