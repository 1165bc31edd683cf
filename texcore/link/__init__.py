"""The engine on another computer, by the user's ssh: a program that Blender's Python can run."""
