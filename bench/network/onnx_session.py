"""An ONNX file in onnxruntime on one device, ready to be run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.errors import Unsupported
from bench.lazy import lazy, load
from bench.machine.oom import is_out_of_memory
from bench.words import shortened

if TYPE_CHECKING:
    import numpy as np
    import torch
else:
    np, torch = lazy("numpy"), lazy("torch")

RUNTIME = "onnxruntime"
"""Module of onnxruntime, named by a variable so that `loading.imports` does not see it: no kept figure depends on
it, so that installing it makes none stale."""
_UNTOLD = "ORT_DISABLE_TELEMETRY"
"""Variable without which onnxruntime tells its maker of each import, and writes to the home folder for it."""
LONGEST = 300
"""Most characters of others' messages that a reason repeats."""


class OnnxSession:
    """A file in onnxruntime on one device, with its input images."""

    def __init__(self, path: Path, images: torch.Tensor, threads: int = 1, *, autotune: bool = False) -> None:
        """Load the file on the device of the images.

        Args:
            path: path of the file.
            images: B x C x H x W, float32.
            threads: threads that share an operator on a CPU; operators run one after the other.
            autotune: whether cuDNN tries its kernels and keeps the fastest.

        Raises:
            Unsupported: onnxruntime does not load it, or not on the device; the message has its words.
        """
        os.environ.setdefault(_UNTOLD, "1")
        runtime: Any = load(RUNTIME)
        options = runtime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        # threads that wait for work by spinning take the cores of whatever else runs, and of their own network
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3  # errors alone, which it raises as well
        place = images.device.type, images.device.index or 0
        self.provider = provider_of(images.device.type)
        search = "EXHAUSTIVE" if autotune else "HEURISTIC"
        of_cuda = {"device_id": place[1], "use_tf32": 0, "cudnn_conv_algo_search": search}
        settings = of_cuda if images.is_cuda else {}
        try:
            session = runtime.InferenceSession(path, options, providers=[(self.provider, settings)])
        except Exception as error:
            if isinstance(error, OSError) or is_out_of_memory(error):
                raise
            raise Unsupported(f"onnxruntime cannot load it: {shortened(str(error), LONGEST)}") from error
        if self.provider not in session.get_providers():  # it would go on on the CPU
            raise Unsupported(f"onnxruntime cannot start its {self.provider}: libraries of CUDA do not load")
        self._session, self._images, self._binding = session, images.contiguous(), session.io_binding()
        shape, at = tuple(images.shape), self._images.data_ptr()
        self._binding.bind_input(session.get_inputs()[0].name, *place, np.float32, shape, at)
        for output in session.get_outputs():
            self._binding.bind_output(output.name, *place)

    def run(self) -> None:
        """Run one pass; its outputs stay on the device."""
        self._session.run_with_iobinding(self._binding)

    def answers(self) -> list[torch.Tensor]:
        """Outputs of the last pass, in their order, on the CPU."""
        return [torch.from_numpy(array) for array in self._binding.copy_outputs_to_cpu()]


def provider_of(kind: str) -> str:
    """Name of onnxruntime's execution provider for a kind of device.

    Raises:
        Unsupported: this onnxruntime has nothing for it.
    """
    name = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}.get(kind)
    if name is None:
        raise Unsupported(f"the execution onnx runs on cpu and cuda, not on {kind}")
    if name not in load(RUNTIME).get_available_providers():
        raise Unsupported(f"this {RUNTIME} has no {name}: pip install onnxruntime-gpu in its place")
    return name
