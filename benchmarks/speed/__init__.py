"""How fast the engine is, whole and in parts: what ``build.py bench`` runs."""

from texcore.runtime.threads import wait_politely

# As the engine itself does it, before anything imports torch.
wait_politely()
