"""The verbs: operators, and the command for blender -b."""
