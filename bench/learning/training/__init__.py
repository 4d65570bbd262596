"""Training: the loop, heads on frozen features, and going on after a kill."""
