"""Code that runs in a side's interpreter among the sources of its revision, the same for base and head."""
