"""Check that a store's disk has room for what is measured next."""

from __future__ import annotations

import shutil
from pathlib import Path

from bench.errors import StoreError
from bench.words import in_bytes

RECORD = 16_000_000
"""Bytes that must be free before a cell is measured: its record goes into the store's log, and then the store."""


def require_room(folder: Path, least: int = RECORD) -> None:
    """Make sure, before time is spent, that what comes of it can be kept.

    Args:
        folder: folder of the store.
        least: bytes that must be free there.

    Raises:
        StoreError: fewer are.
    """
    free = shutil.disk_usage(folder).free
    if free < least:
        raise StoreError(
            f"only {in_bytes(free)} are free at '{folder}', and {in_bytes(least)} are needed: free some, as with"
            " evobench clean; a run goes on with --resume"
        )
