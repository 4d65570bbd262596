"""Registries that find more names than are declared: variants, names of sources, the data of users."""
