"""The database of runs: its schema, and how it is written and queried."""
