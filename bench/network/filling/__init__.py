"""Weights that take no time to draw, where only cost is measured."""
