"""How a model sees images: its channels, its resolution, the geometry and the normalisation of its weights."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from bench.declare.preprocessing import Geometry, Preprocessing
from bench.learning.data.fitting import fit_to
from bench.learning.data.images import Normalisation, Stored

MOST_BYTES = 1 << 30
"""Images in the model's shape that are held in memory at most; more are brought into it batch by batch."""


@dataclass(frozen=True)
class View:
    """From stored pixels to what a model takes."""

    channels: int
    resolution: int
    normalisation: Normalisation
    geometry: Geometry | None
    """Of stored pixels that are not of the model's size yet; None: they were decoded for it."""

    @classmethod
    def of(
        cls,
        stored: Stored,
        preprocessing: Preprocessing,
        normalisation: Normalisation,
        channels: int,
        resolution: int,
    ) -> View:
        """How weights see the pictures of a stored data set at a resolution."""
        geometry = None if stored.fitted else preprocessing.at(resolution)
        return cls(channels, resolution, normalisation, geometry)

    def fit(self, pixels: torch.Tensor) -> torch.Tensor:
        """uint8 N x channels x resolution x resolution, of stored pixels."""
        return fit_to(pixels, self.channels, self.geometry)

    def ready(self, images: torch.Tensor, device: str) -> torch.Tensor:
        """Normalised float32 on the device, of fitted images."""
        return self.normalisation.apply(images.to(device))


def batches(images: torch.Tensor, size: int) -> tuple[torch.Tensor, ...]:
    """Images, or their positions, in batches of `size`; one that would be left over goes with the batch before it.

    Many networks do not take a single image: they squeeze its axis away, or normalise by the batch.
    """
    sizes = [size] * (len(images) // size)
    rest = len(images) - sum(sizes)
    if sizes and rest == 1:
        sizes[-1] += 1
    elif rest:
        sizes.append(rest)
    parts: tuple[torch.Tensor, ...] = images.split(sizes)
    return parts


class Fitted:
    """Some images of a data set in the model's shape: at once where they fit into memory, else when asked for."""

    def __init__(self, pixels: torch.Tensor, positions: torch.Tensor, view: View) -> None:
        self._pixels, self._positions, self._view = pixels, positions, view
        whole = len(positions) * view.channels * view.resolution**2 <= MOST_BYTES
        self._all = view.fit(pixels[positions]) if whole else None

    def __getitem__(self, chosen: torch.Tensor) -> torch.Tensor:
        """uint8, of the images at these places among the positions."""
        if self._all is not None:
            return self._all[chosen]
        return self._view.fit(self._pixels[self._positions[chosen]])
