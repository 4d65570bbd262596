"""The repair that lets torchvision load beside a CPU build of torch, seen in a fresh interpreter."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = """
import json
from bench.torchvision_operators import define_missing
first = define_missing()
second = define_missing()
from bench.lazy import lazy
builder = lazy("torchvision.models").resnet18.__name__
import torch
box, score = torch.zeros(1, 4), torch.zeros(1)
try:
    kept = torch.ops.torchvision.nms(box, score, 0.5).tolist()
except NotImplementedError:
    kept = "refused"
print(json.dumps({"first": first, "second": second, "builder": builder, "kept": kept}))
"""


@pytest.fixture(scope="module")
def seen() -> dict[str, Any]:
    """What a fresh interpreter found."""
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", SCRIPT], cwd=root, text=True, capture_output=True, check=False)
    assert "" == done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_torchvision_loads_after_the_repair_whatever_the_build_of_torch(seen: dict[str, Any]) -> None:
    assert "resnet18" == seen["builder"]


def test_only_the_two_missing_operators_are_ever_defined(seen: dict[str, Any]) -> None:
    assert seen["first"] in ([], ["nms", "qnms"])


def test_a_second_repair_finds_nothing_missing(seen: dict[str, Any]) -> None:
    assert [] == seen["second"]


def test_a_defined_operator_refuses_to_compute_and_a_real_one_still_does(seen: dict[str, Any]) -> None:
    assert ("refused" if seen["first"] else [0]) == seen["kept"]
