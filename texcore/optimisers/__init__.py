"""Optimisers behind one protocol, all on the device."""
