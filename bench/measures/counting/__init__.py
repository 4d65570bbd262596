"""Multiply-adds and layers of one forward pass, by two counters."""
