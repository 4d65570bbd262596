"""Lessons: what a lecture teaches as hypotheses, and what it tells of its time, as declared and as a run keeps it."""
