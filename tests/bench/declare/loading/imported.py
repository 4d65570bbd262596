"""Measures cells in this very process and prints which modules of ours it has loaded. Not a test: one runs it.

Arguments: a folder for artifacts, the modules that declare the measures, the cells as JSON.
"""

import json
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[4]
# the package itself hands on the names of all rooms to catalogues: here only what is needed shall be loaded
door = ModuleType("bench")
door.__path__ = [str(ROOT / "bench")]
sys.modules["bench"] = door
sys.path.insert(0, str(ROOT))

from bench.cell import Cell  # noqa: E402 - after the door
from bench.declare.artifact import in_order  # noqa: E402
from bench.declare.catalog import MEASURES, architecture, dataset  # noqa: E402
from bench.declare.declarations import Images  # noqa: E402
from bench.execute.jobs import Given, Make, Measure  # noqa: E402
from bench.execute.work import measuring  # noqa: E402

if TYPE_CHECKING:
    from torch import nn


@architecture(family="Tiny", year=2026, paper="none", resolution=32, channels=3)
def tiny(num_classes: int) -> "nn.Module":
    """One convolution."""
    from torch import nn

    pooled = (nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, num_classes))
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), *pooled)


@dataset(name="dots", classes=2, channels=3, resolution=32, licence="none", source="noise")
def dots() -> Images:
    """Dark and bright noise."""
    import numpy as np

    labels = np.arange(80) % 2
    pixels = np.random.default_rng(0).integers(0, 120, (80, 32, 32, 3), dtype=np.uint8)
    split = np.repeat(["train", "val", "test"], [40, 20, 20])
    return Images((pixels + labels[:, None, None, None] * 120).astype(np.uint8), labels.astype(np.int64), split)


def loaded() -> list[str]:
    """Files of our modules, this one left out."""
    files = [
        getattr(module, "__file__", None) for name, module in sys.modules.items() if name.startswith("bench.")
    ]
    return sorted(file for file in files if file)


def main(shelf: str, modules: str, cells: str) -> None:
    """Make the artifacts of all cells, then measure each."""
    for module in modules.split(","):
        import_module(module)
    found = [Cell.from_dict(cell) for cell in json.loads(cells)]
    given = Given(Path(shelf))
    for artifact in in_order(a for cell in found for a in MEASURES.get(cell.measure).artifacts(cell)):
        measuring.make(Make(artifact, 1, given), lambda _: None)
    made = loaded()
    for cell in found:
        measuring.measure(Measure(cell, 0.2, given), lambda _: None)
    sys.stdout.write(json.dumps({"made": made, "measured": loaded()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
