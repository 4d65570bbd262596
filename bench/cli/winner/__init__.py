"""Texts and files about a network that is taken out of a run."""
