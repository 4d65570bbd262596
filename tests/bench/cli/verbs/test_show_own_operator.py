"""`show-model` of a network with an operator of its own: marked, or counted by its formula."""

import subprocess
import sys
from pathlib import Path

import pytest

linux = pytest.mark.skipif(sys.platform != "linux", reason="forks safely on Linux only")

OPERATOR = '''
import torch

from evobench import architecture, multiply_adds

@torch.library.custom_op("mine::proj", mutates_args=())
def proj(x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
    return x @ w.t()

@proj.register_fake
def _(x, w):
    return x.new_empty(x.shape[0], w.shape[0])

@architecture(family="Own", year=2026, paper="none", resolution=32, min_resolution=8)
def projected(num_classes):
    """Has an operator of its own."""
    class Projected(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = torch.nn.Conv2d(3, 64, 3, stride=2, padding=1)
            self.weight = torch.nn.Parameter(torch.randn(num_classes, 64))
        def forward(self, images):
            return proj(self.conv(images).mean((2, 3)), self.weight)
    return Projected()
'''
FORMULA = """
@multiply_adds("mine::proj")
def _(x, w):
    return x[0] * x[1] * w[0]
"""


@linux
@pytest.mark.parametrize(
    ("formula", "total", "agree", "own"),
    [
        ("", "≥ 442,368", "no: neither counts mine::proj", "≥ 0"),
        # 16 x 16 places of 64 channels from 27, and 64 x 1000
        (FORMULA, "506,368", "yes, with the formula of mine::proj", "64,000"),
    ],
    ids=["unknown", "declared"],
)
def test_an_operator_of_the_users_is_marked_or_counted_by_their_formula(
    tmp_path: Path, formula: str, total: str, agree: str, own: str
) -> None:
    catalogue = tmp_path / "own.py"
    catalogue.write_text(OPERATOR + formula)
    options = ["--catalog", str(catalogue), "--store", str(tmp_path / "none")]
    command = [sys.executable, "-m", "evobench", "show-model", "projected", *options]
    done = subprocess.run(command, capture_output=True, text=True)
    lines = {line.split("  ")[0]: line for line in done.stdout.splitlines()}
    assert total == lines["MACs of one image"].removeprefix("MACs of one image").strip(), done.stderr
    assert f"Counters agree: {agree}" in done.stdout
    assert f" {own} " in f"{lines['Projected-2']} "
