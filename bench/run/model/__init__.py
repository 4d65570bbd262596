"""Model of the seconds that a cell takes, from its declared work and from the rates of its host."""
