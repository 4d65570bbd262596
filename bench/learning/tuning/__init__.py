"""Tuning: which values are tried, what came of each trial, and which of them validation images choose."""
