"""Where base comes from: which commit it is, its files, and both sides made ready."""
