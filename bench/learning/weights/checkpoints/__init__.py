"""Content of a file of weights, read without running it, and the part of it that fits a model."""
