"""How charts look, and how they are saved to files."""
