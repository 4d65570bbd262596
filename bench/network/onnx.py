"""ONNX: a network as a file that runs without torch, checked against torch, and run by onnxruntime."""

from __future__ import annotations

import logging
import re
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version as version_of
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.cell import Cost
from bench.errors import EvobenchError, Unsupported
from bench.lazy import lazy, load
from bench.machine.oom import is_out_of_memory
from bench.network.onnx_session import LONGEST, RUNTIME, OnnxSession, provider_of
from bench.network.outputs import tensors_of
from bench.words import listed, shortened

if TYPE_CHECKING:
    import torch
    from torch import nn
else:
    torch = lazy("torch")

INPUT = "images"
"""Name of the input in the file: B x C x H x W."""
SCORES = "scores"
"""Name of the output; where there are several, they are `output_0`, `output_1`, ..."""
BATCH = "batch"
"""Name of the input's first axis where a file takes any number of images."""
TOLERANCE = 1e-4
"""Largest difference of an output in float32 from torch's, as a share of the largest magnitude of the latter."""
_EXPORTER = ("onnx", "onnxscript")
"""Packages that torch's exporter imports."""
_NOTHING, _SOMETHING = 1e-4, 0.02
"""Largest magnitude of a parameter that hides what it multiplies, such as a head or a scale of zeros, and standard
deviation of the noise added to it."""
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Mismatch(EvobenchError):
    """onnxruntime's outputs differ from torch's."""


def require_onnx() -> None:
    """Make sure that networks can be exported and run.

    Raises:
        Unsupported: a package is missing; the message says how to install it.
    """
    missing = [name for name in (RUNTIME, *_EXPORTER) if find_spec(name) is None]
    if missing:
        raise Unsupported(f"ONNX needs {listed(missing)}: pip install 'evobench[onnx]'")


def require_session(cost: Cost) -> None:
    """Make sure that onnxruntime can execute a scenario here.

    Raises:
        Unsupported: it cannot; the message says why.
    """
    if cost.mode == "train":
        raise Unsupported("onnxruntime infers: there is no training under the execution onnx")
    if cost.precision != "fp32":
        raise Unsupported(f"the execution onnx computes in float32: choose fp32 instead of {cost.precision}")
    if cost.memory_format != "contiguous":
        raise Unsupported("onnxruntime orders memory as it likes: choose the memory format contiguous")
    require_onnx()
    provider_of(cost.device.partition(":")[0])


def export(model: nn.Module, images: torch.Tensor, path: Path, *, dynamic: bool = False) -> int:
    """Write a network as an ONNX file with its weights; returns the version of ONNX's operators (opset).

    A network of more than 1.5 GB lays its weights beside the file, as `path` with `.data` behind it.

    Args:
        model: model in eval mode, of float32.
        images: an example, B x C x H x W, on the model's device.
        path: path of the file.
        dynamic: whether the file takes any number of images; else it takes as many as the example has.

    Raises:
        Unsupported: a package is missing, or the network has no form in ONNX; the message has the exporter's
            words.
    """
    require_onnx()
    load("torchvision")  # the exporter looks for its operators
    with torch.inference_mode():
        outputs = list(tensors_of(model(images)))
    if dynamic and len(images) == 1:  # of one image the exporter takes for granted that it is always one
        images = torch.cat([images, images])
    names = [SCORES] if len(outputs) == 1 else [f"output_{index}" for index in range(len(outputs))]
    try:
        with _silent(), torch.no_grad():
            program: Any = torch.onnx.export(
                _with_tensors(model),
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
        words = shortened(f"{type(cause).__name__}: {first}", LONGEST)
        raise Unsupported(f"it cannot be exported to ONNX: {words}") from error
    return int(program.model.opset_imports[""])


def check(model: nn.Module, images: torch.Tensor, path: Path, tolerance: float = TOLERANCE) -> float:
    """Compare the outputs of a file, run on the CPU, with those of the network that it was exported from.

    Args:
        model: model in eval mode.
        images: input of both, B x C x H x W, on the model's device.
        path: path of the file.
        tolerance: largest difference, as a share of the largest magnitude of torch's output.

    Returns:
        The largest difference that there is, as such a share.

    Raises:
        Mismatch: the difference is larger, or an output is not finite.
        Unsupported: onnxruntime is missing, or does not run the file.
    """
    require_onnx()
    session = OnnxSession(path, images.cpu())
    session.run()
    return _difference(model, images, session.answers(), tolerance)


class Exported:
    """A pass of a network by onnxruntime; it is exported and checked against torch at the first call."""

    def __init__(self, model: nn.Module, images: torch.Tensor, cost: Cost, told: dict[str, Any]) -> None:
        """Store the network; nothing is exported yet.

        Args:
            model: model in eval mode, of float32.
            images: images of each pass, on the model's device.
            cost: conditions of the execution.
            told: is given under `onnx` the version of onnxruntime, that of the operators, the provider, how far
                the outputs are from torch's, and how many parameters were `filled`: those that are next to zero
                throughout, behind which no difference would show, get small random values.
        """
        self._model, self._images, self._cost, self._told = model, images, cost, told
        self._session: OnnxSession | None = None

    def __call__(self) -> None:
        """Run one pass.

        Raises:
            Mismatch: the outputs are not those of torch.
            Unsupported: the model cannot be exported or loaded; the message has the words of what refuses it.
        """
        if self._session is None:
            self._session = self._checked()
        self._session.run()

    def _checked(self) -> OnnxSession:
        with tempfile.TemporaryDirectory(prefix="evobench-onnx-") as folder:
            path = Path(folder) / "network.onnx"
            filled = _with_nothing_hidden(self._model)
            opset = export(self._model, self._images, path)
            session = OnnxSession(path, self._images, self._cost.threads, autotune=self._cost.autotune)
        session.run()
        self._told["onnx"] = {
            RUNTIME: version_of(RUNTIME),
            "opset": opset,
            "provider": session.provider,
            "difference": _difference(self._model, self._images, session.answers(), TOLERANCE),
            "tolerance": TOLERANCE,
            "filled": filled,
        }
        return session


def _difference(model: nn.Module, images: torch.Tensor, found: Sequence[torch.Tensor], tolerance: float) -> float:
    """Largest difference of outputs from those of the network, in the unit of `check`."""
    with torch.inference_mode():
        expected = [tensor.double().cpu() for tensor in tensors_of(model(images))]
    shapes = [[tuple(tensor.shape) for tensor in tensors] for tensors in (expected, found)]
    if shapes[0] != shapes[1]:
        raise Mismatch(f"onnxruntime gives outputs of {shapes[1]} where torch gives {shapes[0]}")
    if not all(tensor.isfinite().all() for tensor in (*expected, *found)):
        raise Mismatch("an output is not finite, so that onnxruntime cannot be checked against torch")
    off = [
        float((tensor.double() - right).abs().max()) / (float(right.abs().max()) or 1.0)
        for right, tensor in zip(expected, found, strict=True)
    ]
    if (largest := max(off)) > tolerance:
        raise Mismatch(
            f"onnxruntime's outputs are up to {largest:.2g} of the largest one away from torch's,"
            f" where {tolerance:g} is tolerated"
        )
    return largest


def _with_nothing_hidden(model: nn.Module) -> int:
    """Fill the parameters that are next to zero throughout with small random values; returns how many."""
    chance = torch.Generator().manual_seed(0)
    hiding = [p for p in model.parameters() if p.numel() and float(p.detach().abs().max()) <= _NOTHING]
    with torch.no_grad():
        for parameter in hiding:
            noise = torch.randn(parameter.shape, generator=chance) * _SOMETHING
            parameter.add_(noise.to(parameter.device))
    return len(hiding)


def _with_tensors(model: nn.Module) -> nn.Module:
    """The network with its tensors alone as outputs, since only those can be named in a file."""

    class Tensors(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, ...]:
            return tuple(tensors_of(self.model(images)))

    return Tensors()


@contextmanager
def _silent() -> Iterator[None]:
    """Context in which the exporter's warnings and log messages are dropped: real faults are raised."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
