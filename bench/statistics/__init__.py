"""Intervals, tests, power and change points: pure functions of arrays and numbers."""
