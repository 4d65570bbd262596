"""The database of runs: its schema, what is written, what is asked of it."""
