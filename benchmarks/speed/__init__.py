"""How fast the engine is, whole and in parts: what ``build.py bench`` runs."""
