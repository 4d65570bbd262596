"""Distribution of a cell's values on both sides of a gate: two modes, and a spread that is new."""
