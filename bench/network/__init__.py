"""Prepares the model of a cell: built, placed on its device, compiled, and given an input."""
