"""Import of torchvision that also works where PyPI's wheel stands beside a CPU build of torch.

torchvision's wheel carries C++ operators linked against the CUDA libraries. Beside a CPU build they cannot
load, and `import torchvision` ends with `operator torchvision::nms does not exist`, because it registers
fake kernels for operators that nobody defined. The classification models use none of them, so that their
schemas are enough; calling them still raises, as it should.

Whether the library loads, and what its file is called, is torchvision's own affair: nothing is defined before
an import has failed in just that way. Operators defined beside a library that loads end the process.
"""

from __future__ import annotations

import importlib
import re
import sys

_DETECTIONS = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
_SCHEMAS = {"nms": _DETECTIONS, "qnms": _DETECTIONS}
"""Schemas, by operator name, of the operators that torchvision registers fake kernels for."""
_UNDEFINED = re.compile(r"operator torchvision::(\w+) does not exist")
_defined: dict[str, object] = {}
"""Libraries of the operators defined here: torch forgets a definition whose library is collected."""


def import_torchvision() -> tuple[str, ...]:
    """Import torchvision; returns the names of the operators that had to be defined for it in this process.

    Raises:
        ImportError: it is not installed.
        RuntimeError: its import fails for another reason than an operator with a known schema.
    """
    loaded = set(sys.modules)
    try:
        importlib.import_module("torchvision")
        return tuple(_defined)
    except RuntimeError as error:
        found = _UNDEFINED.search(str(error))
        if found is None or found[1] not in _SCHEMAS or _defined:
            raise
    _define()
    # the failed import leaves parts behind that believe the package to be loaded
    for name in set(sys.modules) - loaded:
        if name.partition(".")[0] == "torchvision":
            del sys.modules[name]
    importlib.import_module("torchvision")
    return tuple(_defined)


def _define() -> None:
    """Define all at once: torch before 2.13 lets no import register the fake kernel of an operator twice."""
    import torch

    for name, schema in _SCHEMAS.items():
        library = torch.library.Library("torchvision", "FRAGMENT")
        library.define(name + schema)
        _defined[name] = library
