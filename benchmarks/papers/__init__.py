"""The papers' experiments, run again with this engine; ``build.py papers`` runs this."""
