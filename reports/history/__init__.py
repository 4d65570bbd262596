"""The runs of a store over time: series, changes of level, and what may have made them."""
