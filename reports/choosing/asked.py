"""The user's terms of choice: a kind of accuracy, a device, limits; and what a run cannot be asked for."""

from __future__ import annotations

from collections.abc import Mapping

from bench.errors import NotComparable, UnknownName
from reports.candidates.choice import ACCURACY
from reports.candidates.figures import Kind, key_of
from reports.candidates.found import Field
from reports.choosing.targets import kinds_on
from reports.hosts import device_of

_SUITES = {"parameters": "counts", "macs": "counts"}
"""Suites that measure costs; all other figures come from the suite `evolution`."""
_DEVICES = ("cpu", "cuda", "mps")


def kind_asked(field: Field, target: str | None) -> Kind | None:
    """The kind of accuracy that is asked for; of several tasks of a target that of most architectures.

    Args:
        field: the candidates of a run.
        target: name of a target, as `targets.kinds_on` reads it; None: the first kind.

    Raises:
        EvobenchError: the target is refused by `targets.kinds_on`.
    """
    if target is None:
        return next(iter(field.kinds), None)
    kinds = kinds_on(field.kinds, target)
    return max(kinds, key=lambda kind: sum(field.merit.name in item.figures for item in field.by_kind[kind.name]))


def device_asked(field: Field, device: str | None) -> str:
    """The device of the costs: the first that was measured, unless one is named.

    Raises:
        NotComparable: nothing was measured on it, or on several hosts.
        UnknownName: the run has no costs of that device.
    """
    on = [name for name in field.devices if device and device == device_of(name) != name]
    if len(on) > 1:
        hosts = " or ".join(f"'{name}'" for name in on)
        raise NotComparable(f"costs on '{device}' are of several hosts of this run: name {hosts}")
    if on:
        return on[0]
    if device is not None and device.partition(":")[0] in _DEVICES and device not in field.devices:
        known = ", ".join(f"'{name}'" for name in field.devices) or "no device"
        raise NotComparable(f"this run measured nothing on '{device}'; it has {known}")
    if device is not None and device not in field.devices:
        raise UnknownName("device of this run", device, field.devices)
    return device or next(iter(field.devices), "")


def require(field: Field, kind: Kind | None, device: str, limits: Mapping[str, float]) -> None:
    """Raise for a request about figures that this run does not have: they can neither rank nor limit.

    Raises:
        NotComparable: that is asked for, or there is nothing to choose from.
    """
    name = kind.name if kind else ""
    candidates = field.by_kind[name]
    if not candidates:
        raise NotComparable("this run has no figures to choose by: evobench run --suite evolution measures them")
    if field.merit.name != ACCURACY and not field.has(name, field.merit.name):
        raise NotComparable(
            f"no training of this run has its {field.merit.name}: evobench run --target DATASET measures it"
        )
    for respect in field.respects:
        key = key_of(respect.name, device)
        if respect.name in limits and not field.has(name, key):
            trained = respect is field.merit or (kind and not kind.published)
            suite = "transfer" if trained else _SUITES.get(respect.name, "evolution")
            what = respect.lacks.removeprefix("no ")
            rated = [item for item in candidates if field.merit.name in item.figures or not kind]
            known = [item.lacks[key] for item in rated if key in item.lacks]
            of_any = f"to choose by ({known[0]})" if known else "of any architecture"
            raise NotComparable(f"this run has no {what} {of_any}: evobench run --suite {suite} measures it")
