"""Classifiers on frozen features: what they learn from, how each kind is trained, and the artifact of many."""
