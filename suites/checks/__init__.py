"""How claims of the lecture are checked: one decorated function each."""

from bench.declare.loading.discovery import import_all

import_all(__name__)
