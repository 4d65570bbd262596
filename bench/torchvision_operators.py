"""Make PyPI's torchvision importable beside a CPU build of torch.

torchvision's wheel carries C++ operators linked against the CUDA libraries. Beside a CPU build they cannot
load, and `import torchvision` ends with `operator torchvision::nms does not exist`, because it registers
fake kernels for operators that nobody defined. The classification models use none of them, so that two
schemas are enough; calling them still raises, as it should.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

_SCHEMAS = {
    "nms": "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms": "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
}
_libraries: list[object] = []


def define_missing() -> tuple[str, ...]:
    """Define the operator schemas that torchvision's own library did not; returns their names.

    Call it before torchvision is imported. Where the library loads, or after a first call, it does nothing.
    """
    import torch

    _load_library()
    missing = tuple(name for name in _SCHEMAS if not hasattr(torch.ops.torchvision, name))
    if missing:
        library = torch.library.Library("torchvision", "FRAGMENT")
        for name in missing:
            library.define(_SCHEMAS[name])
        _libraries.append(library)
    return missing


def _load_library() -> None:
    """Load torchvision's operators where they can be: a CUDA build must keep its real ones."""
    import torch

    spec = importlib.util.find_spec("torchvision")
    if spec is None or spec.origin is None:
        return
    for path in Path(spec.origin).parent.glob("_C.*"):
        try:
            torch.ops.load_library(str(path))
        except OSError:
            return
