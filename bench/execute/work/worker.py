"""One job in one process: measure a cell, make an artifact, look at the accelerator, fetch weights."""

from __future__ import annotations
