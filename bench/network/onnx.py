"""ONNX: a network as a file that runs without torch, checked against torch, and run by onnxruntime."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from bench.errors import EvobenchError, Unsupported
from bench.lazy import load
from bench.machine.oom import is_out_of_memory
from bench.network.outputs import tensors_of
from bench.words import shortened

INPUT = "images"
"""Name of the input in the file: B x C x H x W."""
SCORES = "scores"
"""Name of the output; where there are several, they are `output_0`, `output_1`, ..."""
BATCH = "batch"
"""Name of the input's first axis where a file takes any number of images."""
TOLERANCE = 1e-4
"""Largest difference of an output in float32 from that of torch, as a share of this one's largest magnitude."""
RUNTIME = "onnxruntime"
_EXPORTER = ("onnx", "onnxscript")
"""What torch's exporter needs. These and the runtime are loaded by variables, which `loading.imports` does not
see: no figure that is kept comes from them, so that installing them makes none stale."""
_LONGEST = 300
"""Characters of others' words that a reason has room for."""
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Mismatch(EvobenchError):
    """onnxruntime gives other outputs than torch."""


def require_onnx() -> None:
    """Make sure that networks can be exported and run.

    Raises:
        Unsupported: a package is missing; the message says how to install it.
    """
    missing = [name for name in (RUNTIME, *_EXPORTER) if find_spec(name) is None]
    if missing:
        raise Unsupported(f"ONNX needs {' and '.join(missing)}: pip install 'evobench[onnx]'")


def export(model: nn.Module, images: torch.Tensor, path: Path, *, dynamic: bool = False) -> int:
    """Write a network as an ONNX file with its weights; returns the version of ONNX's operators (opset).

    A network of more than 1.5 GB lays its weights beside the file, as `path` with `.data` behind it.

    Args:
        model: in eval mode, of float32.
        images: an example, B x C x H x W, on the model's device.
        path: of the file.
        dynamic: whether the file takes any number of images; else it takes as many as the example has.

    Raises:
        Unsupported: a package is missing, or the network has no form in ONNX; the message has the exporter's
            words.
    """
    require_onnx()
    load("torchvision")  # the exporter looks for its operators
    with torch.no_grad():
        outputs = list(tensors_of(model(images)))
    if dynamic and len(images) == 1:  # of one image the exporter takes for granted that it is always one
        images = torch.cat([images, images])
    names = [SCORES] if len(outputs) == 1 else [f"output_{index}" for index in range(len(outputs))]
    try:
        with _silent(), torch.no_grad():
            program: Any = torch.onnx.export(
                _Tensors(model),
                (images,),
                dynamo=True,
                verbose=False,
                input_names=[INPUT],
                output_names=names,
                dynamic_shapes=({0: BATCH},) if dynamic else None,
            )
            program.save(path, external_data=False)
    except Exception as error:
        cause = error.__cause__ if isinstance(error.__cause__, Exception) else error
        if isinstance(cause, OSError) or is_out_of_memory(cause):
            raise
        first = _COLOUR.sub("", str(cause)).strip().partition("\n")[0]
        words = shortened(f"{type(cause).__name__}: {first}", _LONGEST)
        raise Unsupported(f"it cannot be exported to ONNX: {words}") from error
    return int(program.model.opset_imports[""])


def check(model: nn.Module, images: torch.Tensor, path: Path, tolerance: float = TOLERANCE) -> float:
    """Compare the outputs of a file, run on the CPU, with those of the network that it is of.

    Args:
        model: in eval mode.
        images: that both are given, B x C x H x W, on the model's device.
        path: of the file.
        tolerance: largest difference, as a share of the largest magnitude of torch's output.

    Returns:
        The largest difference that there is, as such a share.

    Raises:
        Mismatch: it is larger, or an output is not finite.
        Unsupported: onnxruntime is missing, or does not run the file.
    """
    require_onnx()
    with torch.inference_mode():
        expected = list(tensors_of(model(images)))
    found = Session(path, 1)(images.cpu())
    largest = 0.0
    if len(expected) != len(found):
        raise Mismatch(f"onnxruntime gives {len(found)} outputs where torch gives {len(expected)}")
    for right, tensor in zip(expected, found, strict=True):
        if right.shape != tensor.shape:
            raise Mismatch(f"onnxruntime gives {tuple(tensor.shape)} where torch gives {tuple(right.shape)}")
        if not (right.isfinite().all() and tensor.isfinite().all()):
            raise Mismatch("an output is not finite, so that onnxruntime cannot be checked against torch")
        wanted = right.double().cpu()
        off = float((tensor.double().cpu() - wanted).abs().max())
        largest = max(largest, off / (float(wanted.abs().max()) or 1.0))
    if largest > tolerance:
        raise Mismatch(
            f"onnxruntime's outputs are up to {largest:.2g} of the largest one away from torch's,"
            f" where {tolerance:g} is tolerated"
        )
    return largest


class Session:
    """A file in onnxruntime on the CPU."""

    def __init__(self, path: Path, threads: int) -> None:
        """Load it.

        Args:
            path: of the file.
            threads: that share an operator; operators run one after the other.

        Raises:
            Unsupported: onnxruntime does not load it; the message has its words.
        """
        runtime: Any = load(RUNTIME)
        options = runtime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        # threads that wait for work by spinning take the cores of whatever else runs, and of their own network
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3  # errors alone, which it raises as well
        try:
            self._session = runtime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        except Exception as error:
            if isinstance(error, OSError) or is_out_of_memory(error):
                raise
            raise Unsupported(f"onnxruntime cannot load it: {shortened(str(error), _LONGEST)}") from error

    def __call__(self, images: torch.Tensor) -> list[torch.Tensor]:
        """The outputs, in their order, of images on the CPU."""
        found: list[np.ndarray] = self._session.run(None, {INPUT: images.numpy()})
        return [torch.from_numpy(array) for array in found]


class _Tensors(nn.Module):
    """A network that answers with its tensors alone: what can be named in a file."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return tuple(tensors_of(self.model(images)))


@contextmanager
def _silent() -> Iterator[None]:
    """Context in which the exporter's warnings and log messages are dropped: what is wrong with it is raised."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
