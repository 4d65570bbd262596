"""Images of the samples of a record, for the tests."""

from __future__ import annotations

from bench.store.database import Store


def images(store: Store, run: str, cell_key: str, replicate: int = 0) -> tuple[str, ...]:
    """Path of the image of each sample of a record, in order; empty where the samples are not images."""
    (found,) = (
        item.images
        for item in store.shown.samples(run)
        if (item.cell_key, item.replicate) == (cell_key, replicate)
    )
    return found
