"""Architectures, one file a family. Those of the lecture say where they stand in its order."""

from bench.declare.loading.discovery import import_all

import_all(__name__)
