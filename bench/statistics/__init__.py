"""Intervals, tests, power and searches for changes: pure functions of arrays and numbers."""
