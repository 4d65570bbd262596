"""What a file of weights holds, read without running it, and what of that fits a model."""
