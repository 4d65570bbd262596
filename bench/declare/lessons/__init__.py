"""Lessons of a lecture as hypotheses; its chapters and milestones as a history."""
