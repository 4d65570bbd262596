"""What the report tells before all else: the evolution in a few sentences, and in chapters."""
