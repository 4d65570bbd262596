"""Counting where fvcore is not installed."""

import sys

import pytest
import torch
from torch import nn

from bench.measures.counting import traced
from bench.measures.counts import count_macs


def test_torchs_counter_counts_alone_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "fvcore"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "fvcore", None)
    count = count_macs(nn.Linear(4, 5), torch.zeros(1, 4))
    why = traced.why_not_here()
    assert why.startswith("ModuleNotFoundError: ")
    assert (20, f"torch's counter alone: fvcore cannot count here: {why}") == (count.total, count.agreement)
