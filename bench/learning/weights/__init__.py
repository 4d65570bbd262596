"""Initial weights: their sources, and the reading of a user's file."""
