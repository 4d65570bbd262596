"""Shapes of the JSON in the tables, as deep as readers rely on them; what older versions lack may be missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING
from dataclasses import fields as fields_of
from typing import Any, get_args

from bench.cell import Cost, Learning, Mode
from bench.declare.nature import HALVED
from bench.store.checked.shape import (
    Fault,
    Shape,
    above_0,
    by_name,
    count,
    either,
    fields,
    figure,
    flag,
    listed,
    maybe,
    number,
    one_of,
    positive,
    row,
    text,
    thing,
    whole,
)


def unknown(value: Any) -> Fault:
    """Shape of what has no place in an object."""
    return Fault(value, "known to this evobench")


_OF_FIELDS: Mapping[str, Shape] = {
    "Mode": one_of(*get_args(Mode)),
    "str": text,
    "bool": flag,
    "int": count,
    "int | None": maybe(count),
    "float": number,
    "float | None": maybe(number),
}
"""Shapes by the annotations of conditions."""


def _conditions(kind: type[Cost] | type[Learning]) -> Shape:
    shapes = {f.name: _OF_FIELDS[str(f.type)] for f in fields_of(kind)}
    needed = {f.name: shapes[f.name] for f in fields_of(kind) if f.default is MISSING}
    return fields(needed, {"kind": text, **shapes}, unknown)


_SCENARIOS: Mapping[str, Shape] = {kind.kind: _conditions(kind) for kind in (Cost, Learning)}
_KIND = fields({"kind": one_of(*_SCENARIOS)})


def _scenario(value: Any) -> Fault | None:
    return _KIND(value) or _SCENARIOS[value["kind"]](value)


CELL = fields({"architecture": text, "measure": text, "scenario": _scenario})
_WORDS = either(listed(either(text, either(flag, number))), either(text, either(flag, number)))
"""What a setting is, if it is not an object: a word, a number, or a list of them."""
_GATE = fields({}, {"role": text, "key": text, "base": text, "runs": by_name(text)})
SETTINGS = fields(
    {},
    {
        "files": thing,
        "reading": thing,
        "study": fields({"file": text}, {"text": text}),
        "regress": _GATE,
        "catalogs": listed(text),
    },
    either(thing, maybe(_WORDS)),
)
_RATE = by_name(number)
_RATES = fields({}, {"cpu": _RATE, "core": _RATE, "gpu": maybe(_RATE)}, maybe(number))
HOST = fields(
    {},
    {
        "cores": maybe(number),
        "memory_gib": maybe(number),
        "cpu": maybe(text),
        "git": maybe(text),
        "gpus": maybe(listed(text)),
        "versions": thing,
        "flags": fields({}, {"environment": maybe(thing)}),
        "devices": maybe(thing),
        "rates": maybe(_RATES),
    },
)
_LAYER = fields(
    {"name": text, "type": text, "output": listed(whole), "parameters": number, "macs": number},
    {"call": whole},
)
_STEP = fields({"name": text, "kind": text, "inputs": listed(whole)}, {"output": listed(whole), "settings": thing})
_BLOCK = fields(
    {"kind": text, "type": text, "name": text, "repeats": whole, "steps": listed(_STEP)}, {"alike": whole}
)
_ANSWER = row(count, text, whole, whole, maybe(figure), maybe(figure), figure, listed(row(whole, figure)))
_ANSWERS = fields(
    {
        "errors": count,
        "wrong": listed(_ANSWER),
        "unsure": listed(_ANSWER),
        "pictured": listed(count),
        "self_confidence": listed(row(whole, whole, figure)),
    },
    {"names": by_name(text)},
    unknown,
)
_POINT = fields(
    {"step": number},
    dict.fromkeys(("epoch", "loss", "val", "val_loss", "seconds", "images"), maybe(figure)),
)
_TRIAL = fields(
    {
        "values": by_name(maybe(number)),
        **dict.fromkeys(("val_top1", "val_loss", "seconds"), maybe(figure)),
        "failed": either(text, flag),
        "chosen": flag,
    }
)
_CONFUSION = fields(
    {}, {"classes": count, "whole": flag, "entries": listed(row(whole, whole, count)), "names": by_name(text)}
)
_RECALL = row(text, count, positive)


def _recall(value: Any) -> Fault | None:
    fault = _RECALL(value)
    return fault or (
        Fault(value, "a class with as many right answers as images at most") if value[1] > value[2] else None
    )


_COUNTS = ("n_train", "n_val", "n_test", "trainable", "without_auxiliary", "batch", HALVED)
_FIGURES = (
    *("p99", "first_call", "best_batch", "queued", "device_time", "launching", "reserved", "workspaces"),
    *("device_growth", "device_process", "chance", "val_top1", "top5", "macro_f1", "nll", "ece", "train_top1"),
    *("balanced_accuracy", "average_precision", "train_nll", "gap", "untuned_top1", "train_seconds"),
    *("steps_taken", "gpu_waits", "macs", "bytes", "intensity", "ridge"),
    *("matmul_rate", "copy_bandwidth", "power", "idle_watts", "idle_seconds", "uncertainty", "instructions"),
    *("celsius_before", "celsius_after", "published_top1"),
)
TEXTS = listed(text)
_DETAILS = fields(
    {},
    {
        **dict.fromkeys(_COUNTS, maybe(count)),
        **dict.fromkeys(_FIGURES, maybe(figure)),
        **dict.fromkeys(("attainable", "forward"), maybe(above_0)),
        **dict.fromkeys(("warnings", "noisy", "beside", "not_deterministic"), maybe(TEXTS)),
        "conditions": fields({}, {"disturbance": thing}),
        "layers": maybe(listed(_LAYER)),
        "widths": by_name(whole),
        "block": maybe(_BLOCK),
        "parts": by_name(either(figure, listed(figure))),
        "curve": listed(_POINT),
        "confusion": _CONFUSION,
        "mistakes": maybe(_ANSWERS),
        "recalls": maybe(listed(_recall)),
        "trials": listed(_TRIAL),
        "list_of_images": text,
    },
)


def _with_batch(value: Any) -> Fault | None:
    fault = _DETAILS(value)
    if fault is None and value.get(HALVED) and value.get("batch") is None:
        return Fault(value, f"an object with 'batch' beside '{HALVED}'")
    return fault


DETAILS: Shape = _with_batch
"""Shape of a record's details, which name the batch where it was halved."""
ARTIFACT = fields(
    {},
    {
        **dict.fromkeys(("images", "train", "val", "test"), maybe(count)),
        **dict.fromkeys(("bad_images", "straddling", "two_labels"), count),
        **dict.fromkeys(("bad_first", "two_labels_first", "notes"), TEXTS),
        "name": text,
        "left_out": listed(fields({"count": count, "what": text, "why": text})),
        **dict.fromkeys(("formats", "kinds"), by_name(count)),
    },
)
