"""Making the engine's environment, as a program of its own: it goes on when Blender is closed.

Standard library only, Python 3.10 or newer, and no Blender: ``python -m engine_setup --help``.
Blender starts it, reads its state file and asks it to stop through another; see `place`.
"""
