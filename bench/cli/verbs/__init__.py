"""The verbs of the engine: one file each."""
