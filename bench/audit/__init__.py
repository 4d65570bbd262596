"""Claims of the lecture, and the verdicts on them."""
