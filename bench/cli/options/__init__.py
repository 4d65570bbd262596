"""The options of verbs: how each is written, read and refused."""
