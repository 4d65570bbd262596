"""Classifiers on frozen features: their training data, the training of each kind, and the artifact of many."""
