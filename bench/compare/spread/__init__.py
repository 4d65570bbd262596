"""How the values of a cell lie on both sides of a gate: two modes, and a spread that is new."""
