"""Initial weights: where they come from, and how a user's file is read."""
