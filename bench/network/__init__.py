"""A cell's model made ready: built, placed, compiled, with its input."""
