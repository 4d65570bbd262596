"""What a cell takes, by its declared work and by what its host does a second."""
