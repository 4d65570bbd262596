"""The networks of the cases, as the sources of catalogues."""

from __future__ import annotations

NET = '''
"""A small network, in parts that a branch can change."""

import torch
from torch import nn

from evobench import architecture

WIDTH = 32


class Head(nn.Module):
    """A classifier over a grid of four by four."""

    def __init__(self, width: int, classes: int) -> None:
        super().__init__()
        self.grid, self.linear = nn.AdaptiveAvgPool2d(4), nn.Linear(16 * width, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.linear(self.grid(x).flatten(1))


class Second(nn.Module):
    """A convolution from WIDTH to WIDTH."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(width, width, 3, padding=1, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.convolution(x))


@architecture(family="Cases", year=2026, paper="none", resolution=64, min_resolution=16)
def my_net(num_classes: int) -> nn.Module:
    """Two convolutions and a classifier."""
    return nn.Sequential(nn.Conv2d(3, WIDTH, 3, stride=2), nn.ReLU(), Second(WIDTH), Head(WIDTH, num_classes))
'''

SLEEPS = NET.replace(
    "        return self.linear(", "        time.sleep(0.002)\n        return self.linear("
).replace("import torch\n", "import time\n\nimport torch\n", 1)
"""The classifier waits for two milliseconds."""

SLOWER_OPERATOR = NET.replace(
    "torch.relu(self.convolution(x))",
    "torch.relu(self._unfolded(x))\n\n"
    "    def _unfolded(self, x: torch.Tensor) -> torch.Tensor:\n"
    "        columns = nn.functional.unfold(x, 3, padding=1)\n"
    "        out = self.convolution.weight.flatten(1) @ columns\n"
    "        return out.unflatten(2, x.shape[2:])",
)
"""The second convolution is a product with unfolded columns: the same figures, more slowly."""

LARGER_LAYER = NET.replace("Second(WIDTH), Head", "Second(WIDTH), Second(WIDTH), Head")
"""A further layer between the two parts."""

TWO_NETS = '''
"""Two networks, and what is watched of them."""

from evobench import Cell, Cost, Planned, architecture, suite

WATCHED = ("net_a", "net_b")


def _net(width, classes):
    from torch import nn

    return nn.Sequential(nn.Conv2d(3, width, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, classes))


@architecture(family="Cases", year=2026, paper="none", resolution=64)
def net_a(num_classes: int):
    """The smaller one."""
    return _net(8, num_classes)


@architecture(family="Cases", year=2026, paper="none", resolution=64)
def net_b(num_classes: int):
    """The larger one."""
    return _net(16, num_classes)


@suite(title="What is watched")
def watched(setting):
    """The parameters of each network."""
    for name in WATCHED:
        yield Planned(Cell(name, "parameters", Cost(mode="infer", resolution=64)), sampling=1.0)
'''

OF_A_PACKAGE = '''
"""A network whose width an installed package says, where there is one."""

from evobench import architecture

try:
    from gate_case_width import WIDTH
except ImportError:
    WIDTH = 32


@architecture(family="Cases", year=2026, paper="none", resolution=64)
def my_net(num_classes: int):
    """A convolution of WIDTH, and a classifier."""
    from torch import nn

    pool = nn.AdaptiveAvgPool2d(1)
    return nn.Sequential(nn.Conv2d(3, WIDTH, 3), pool, nn.Flatten(), nn.Linear(WIDTH, num_classes))
'''

OF_A_VERSION = OF_A_PACKAGE.replace(
    "try:\n    from gate_case_width import WIDTH\nexcept ImportError:\n    WIDTH = 32",
    "from gate_case_package import WIDTH",
)
"""The width comes from a package of the repository."""

BACKEND = '''
"""Builds the package, and writes its version file on the way, as setuptools-scm and others do."""

import pathlib
import zipfile

NAME = "gate_case_package"


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    package = pathlib.Path("src", NAME)
    (package / "_version.py").write_text('WIDTH = 32\\n')
    about, file = f"{NAME}-1.0.dist-info", f"{NAME}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(wheel_directory, file), "w") as wheel:
        for path in sorted(package.glob("*.py")):
            wheel.write(path, f"{NAME}/{path.name}")
        wheel.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\\nName: {NAME}\\nVersion: 1.0\\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{about}/RECORD", "")
    return file
'''
"""A backend that needs nothing from an index."""
