"""Told besides the page: the terminal, and files of tables, LaTeX, charts, pictures and data."""
