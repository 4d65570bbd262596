"""Declarations: their content, how catalogues are found, and which code makes a kept figure stale."""
