"""Lessons: what a lecture teaches as hypotheses, as they are declared and as a run keeps them."""
