"""How catalogues are found and loaded, what they set is undone, and which of their code makes a figure stale."""
