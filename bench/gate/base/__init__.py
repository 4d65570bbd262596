"""The base of a comparison: its commit, its files, and the preparation of both sides."""
