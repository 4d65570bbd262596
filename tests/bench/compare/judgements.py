"""Judgements to tell: a small one, a hostile one, a large one."""

from __future__ import annotations

from dataclasses import replace

from bench.compare.judgement import GATE_FAILS_ON, Judgement
from bench.compare.spread.distribution import Distribution, Spread, TwoModes
from bench.compare.verdict import Comparison
from bench.declare.nature import Nature

SLOWER = Comparison(
    cell="resnet18 latency infer 224px b1",
    measure="latency",
    unit="s",
    nature=Nature.TIME,
    base=0.0100,
    head=0.0112,
    ratio=1.12,
    low=1.08,
    high=1.15,
    verdict="regression",
    note="14 pairs",
    key="a1",
    better="lower",
    pairs=14,
    band=0.012,
)
LESS_ACCURATE = Comparison(
    cell="lenet5 random>digits8 scratch aug:none seed0",
    measure="top1",
    unit="1",
    nature=Nature.SHARE,
    base=0.80,
    head=0.75,
    ratio=0.9375,
    low=-0.08,
    high=-0.02,
    verdict="regression",
    note="4 images",
    key="b2",
    better="higher",
)
OPEN = Comparison(
    cell="vgg16 throughput infer 224px b8",
    measure="throughput",
    unit="1/s",
    nature=Nature.RATE,
    base=200.0,
    head=190.0,
    ratio=0.95,
    low=0.90,
    high=1.01,
    verdict="undecided",
    note="28 pairs: the budget ended",
    key="c3",
    better="higher",
    pairs=28,
    band=0.02,
)
BROKEN = Comparison(
    cell="swin_t latency infer 224px b1",
    measure="latency",
    unit="s",
    nature=Nature.TIME,
    base=0.02,
    head=None,
    ratio=None,
    low=None,
    high=None,
    verdict="regression",
    note="oom: the kernel killed it",
    key="d4",
    better="lower",
)
FINE = Comparison(
    cell="lenet5 parameters infer 32px b1",
    measure="parameters",
    unit="1",
    nature=Nature.COUNT,
    base=61_706.0,
    head=61_706.0,
    ratio=1.0,
    low=None,
    high=None,
    verdict="fine",
    note="exact",
    key="e5",
    better="lower",
)
ERRATIC = Comparison(
    cell="resnet50 latency infer 224px b1",
    measure="latency",
    unit="s",
    nature=Nature.TIME,
    base=0.0020,
    head=0.0021,
    ratio=1.005,
    low=0.99,
    high=1.02,
    verdict="erratic",
    note="9 pairs; newly erratic: spread 75 %, base 3 %; head has two modes within processes",
    key="f6",
    better="lower",
    pairs=9,
    band=0.01,
    spread=Spread(
        Distribution(0.03, (40, 160, 80, 20, *[0] * 20), None),
        Distribution(0.75, (40, 120, 40, 10, *[0] * 14, 10, 40, 30, 8, 2, 0), TwoModes(0.002, 0.0035, 0.3, False)),
        0.0019,
        0.0037,
        erratic=True,
    ),
)
DROPPED = Comparison(
    cell="lenet5 macs infer 32px b1",
    measure="macs",
    unit="1",
    nature=Nature.COUNT,
    verdict="dropped",
    note="base watches it, head does not",
    key="g7",
    better="lower",
)
HOST = {
    "cpu": "Example CPU 9000",
    "cores": 2,
    "machine": "x86_64",
    "system": "Linux",
    "release": "6.1",
    "python": "3.11.9",
    "versions": {"torch": "2.13.0"},
    "git": "0123456789ab+",
}
SMALL = Judgement(
    "main",
    "working tree",
    (SLOWER, LESS_ACCURATE, BROKEN, OPEN, FINE),
    notes=("the working tree has changes",),
    samples={
        "a1": (0.0110, 0.0112, 0.0114),
        "b2": (1.0, 1.0, 1.0, 0.0),
        "c3": (180.0, 190.0, 200.0),
        "e5": (61_706.0,),
    },
    host=HOST,
    started="2026-01-02T03:04:05+00:00",
    conditions={"a1": {"architecture": "resnet18", "measure": "latency", "kind": "cost", "batch": 1}},
    failures={"d4": "oom: the kernel killed it"},
)
NOTHING = Judgement("main", "working tree", ())
LESS_WATCHED = replace(SMALL, found=(DROPPED, FINE), fail_on=GATE_FAILS_ON, failures={})
"""A cell was dropped, and the other is fine."""

HOSTILE = (
    "<script>alert(1)</script>|\n::error::]]>&\"'`</code>*@octocat* #1 ![x](y)\\| https://x.org \x1b[31m\u202e\x00"
)
"""What a cell may be called where somebody means harm."""


def hostile() -> Judgement:
    """A small judgement in which every text that comes from users is `HOSTILE`."""
    found = tuple(
        replace(item, cell=f"{HOSTILE} {item.measure} {i}", note=HOSTILE) for i, item in enumerate(SMALL.found)
    )
    failures = {"d4": f"failed: {HOSTILE}"}
    conditions = {"a1": {"architecture": HOSTILE}}
    return replace(
        SMALL, base=HOSTILE, head=HOSTILE, found=found, notes=(HOSTILE,), failures=failures, conditions=conditions
    )


def large(cells: int, failing: bool = True) -> Judgement:
    """A judgement of many cells, the last one the worst."""
    item = replace(SLOWER, verdict="regression" if failing else "fine")
    found = tuple(
        replace(item, cell=f"architecture_{i:04} latency infer 224px b1", key=f"{i:04}", ratio=1.1 + i / cells)
        for i in range(cells)
    )
    return replace(SMALL, found=found, samples={}, conditions={}, failures={})
