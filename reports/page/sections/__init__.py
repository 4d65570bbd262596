"""Sections of the page: one decorated function each, in any module of this package."""
