"""View of a model on images: its channels, its resolution, the geometry and the normalisation of its weights."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from bench.declare.preprocessing import Geometry, Preprocessing
from bench.learning.data.fitting import fit_to
from bench.learning.data.images import Normalisation, Stored
from bench.learning.data.sending import sent

MOST_BYTES = 1 << 30
"""Most bytes of images in the model's shape that are held in memory; more are converted batch by batch."""
TOGETHER = 256
"""Images that are converted to the model's shape at once."""


@dataclass(frozen=True)
class View:
    """Conversion from stored pixels to the input of a model."""

    channels: int
    resolution: int
    normalisation: Normalisation
    geometry: Geometry | None
    """Geometry for stored pixels of other sizes; None: they were decoded for the model's size."""

    @classmethod
    def of(
        cls,
        stored: Stored,
        preprocessing: Preprocessing,
        normalisation: Normalisation,
        channels: int,
        resolution: int,
    ) -> View:
        """View of weights on the pictures of a stored data set, at a resolution."""
        geometry = None if stored.fitted else preprocessing.at(resolution)
        return cls(channels, resolution, normalisation, geometry)

    def fit(self, pixels: torch.Tensor) -> torch.Tensor:
        """Stored pixels converted to uint8 N x channels x resolution x resolution."""
        return fit_to(pixels, self.channels, self.geometry)

    def ready(self, images: torch.Tensor, device: str) -> torch.Tensor:
        """Converted images as normalised float32 on the device."""
        return self.normalisation.apply(sent(images, device))


def batches(images: torch.Tensor, size: int) -> tuple[torch.Tensor, ...]:
    """Images, or their positions, in batches of `size`; a single leftover joins the batch before it.

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


class FittedImages:
    """Images of a data set in the model's shape, converted once and kept, or converted on each use."""

    def __init__(self, pixels: torch.Tensor, positions: torch.Tensor, view: View, device: str = "") -> None:
        """Keep the images at some positions.

        Args:
            pixels: uint8, N x C x H x W, of the whole data set.
            positions: int64; of the images that will be asked for again and again.
            view: way in which images get the model's shape.
            device: device on which they are kept; empty: in memory, if they are no more than `MOST_BYTES`.
        """
        self._pixels, self._view = pixels, view
        self._row = torch.full((len(pixels),), -1)
        self._row[positions] = torch.arange(len(positions))
        self._kept: torch.Tensor | None = None
        if device or size_of(positions, view) <= MOST_BYTES:
            self._kept = _collected(pixels, positions, view, device or "cpu")

    def of(self, positions: torch.Tensor) -> torch.Tensor:
        """Images at these positions, uint8, from memory where they are kept; others on the CPU."""
        rows = self._row[positions]
        if self._kept is None or bool((rows < 0).any()):
            return self._view.fit(self._pixels[positions])
        return self._kept[sent(rows, self._kept.device)]


def size_of(positions: torch.Tensor, view: View) -> int:
    """Bytes of the images at these positions in the model's shape."""
    return len(positions) * view.channels * view.resolution**2


def _collected(pixels: torch.Tensor, positions: torch.Tensor, view: View, device: str) -> torch.Tensor:
    parts = positions.split(TOGETHER) or (positions,)
    first = view.fit(pixels[parts[0]])
    kept = torch.empty((len(positions), *first.shape[1:]), dtype=first.dtype, device=device)
    done = 0
    for part in parts:
        kept[done : done + len(part)] = sent(view.fit(pixels[part]) if done else first, device)
        done += len(part)
    return kept
