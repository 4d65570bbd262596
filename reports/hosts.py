"""The hosts of a run for people: short names, and the figures that a machine decides."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bench.declare.nature import Nature

if TYPE_CHECKING:
    import pandas as pd

_OF_MACHINES = (Nature.TIME, Nature.RATE, Nature.SIZE, Nature.ENERGY, Nature.RATIO)
_MARKS = re.compile(r"\((?:R|TM|C)\)|\b(?:CPU|Processor)\b|\b\d+-Core\b|@.*", re.IGNORECASE)
"""Pattern of the parts of CPU names beside the model."""


_OF = " of "
"""Between a device and the host that it is told with."""


def short_names(hosts: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Models of CPU and GPUs by host key, with the first digits of the key where several have the same.

    Args:
        hosts: fingerprints by host key.
    """
    models = {key: _model(host) for key, host in hosts.items()}
    count = Counter(models.values())
    return {key: f"{model} ({key[:4]})" if count[model] > 1 else model for key, model in models.items()}


def _model(host: Mapping[str, Any]) -> str:
    cpu = " ".join(_MARKS.sub(" ", str(host.get("cpu") or "unknown CPU")).split())
    return " + ".join([cpu, *map(str, host.get("gpus") or ())])


def of_machines(records: pd.DataFrame, repeats: Mapping[str, str]) -> pd.Series:
    """Whether a machine decides each record's figure, as it does for speeds, peaks of memory and energies.

    Args:
        records: records with `measure` and `nature`.
        repeats: where the figure of a measure comes out the same again, by measure, as far as it is declared.
    """
    told = records["measure"].map(repeats)
    return (told == "never") | (records["nature"].isin(_OF_MACHINES) & (told != "anywhere"))


def host_of(device: str) -> str:
    """The host that a device is told with; empty where all speeds of the run are of one."""
    return device.partition(_OF)[2]


def device_of(told: str) -> str:
    """The device by torch's name alone."""
    return told.partition(_OF)[0]


def told_apart(records: pd.DataFrame, decided: pd.Series, hosts: Sequence[str]) -> pd.DataFrame:
    """The records with the host behind the device of each figure that a machine decides; as they are of one host.

    All that groups or ranks figures by their conditions then keeps those of different hosts apart, and tells them.

    Args:
        records: records with `device` and `host`.
        decided: whether a machine decides the figure, for each record.
        hosts: hosts of the figures that a machine decides.
    """
    if len(hosts) < 2:
        return records
    told = records["device"] + _OF + records["host"]
    return records.assign(device=records["device"].mask(decided & (records["host"] != ""), told))
