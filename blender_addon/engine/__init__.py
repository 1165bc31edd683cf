"""The engine as Blender sees it: a program beside it, its jobs, its set-up."""
