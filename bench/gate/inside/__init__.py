"""Code that runs in the interpreter of a side, among the sources of its revision: the same files for base and
head."""
