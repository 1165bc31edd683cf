"""Campaigns: many faults of one kind, drawn by a seed, and what came of each, counted.

``python3 build.py faults`` runs them with large counts and writes them into docs/reliability.md;
`tests/faults/test_campaigns.py` runs a few of each.
"""
