"""The built-in measures: one decorated function each, in any module of this package."""
