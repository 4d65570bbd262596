"""Checks of the lecture's claims: one decorated function for each kind of check."""

from bench.declare.loading.discovery import import_all

import_all(__name__)
