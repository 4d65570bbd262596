"""The figures of a store's cells over its runs: at which run a level changed, and what may have made it."""
