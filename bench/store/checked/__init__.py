"""Checks of what a store holds, before it becomes an object."""
