"""Beginning of the report: the evolution in a few sentences, and in chapters."""
