"""Transfer of values to the device, with neither memory nor device waiting for the other."""

from __future__ import annotations

import torch


def sent(values: torch.Tensor, device: str | torch.device) -> torch.Tensor:
    """The values, on the device.

    A plain copy to a GPU waits until it has done all that was asked of it before. From pinned memory the copy only
    takes its place behind that.
    """
    device = torch.device(device)
    if values.device.type != "cpu" or device.type != "cuda":
        return values.to(device)
    return values.pin_memory().to(device, non_blocking=True)
