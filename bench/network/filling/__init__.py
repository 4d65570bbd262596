"""Weights that are quick to make, where only cost is measured."""
