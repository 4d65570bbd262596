"""How claims of the lecture are checked: one decorated function each."""
