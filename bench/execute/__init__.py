"""Execution of one cell in a process of its own, up to its record."""
