"""A bare loop around a model after timm's protocol, without the harness's clock, subject and measures.

10 passes to warm up, then 40 that are timed, synchronised once a pass. Each request on stdin (one line of JSON) is
answered by a fresh fork, so that its context, its caches and its place in the order of processes are like those of
the harness's cells, without the seconds that importing torch takes. Nothing here touches CUDA before the fork.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import asdict, dataclass
from typing import Any

from bench.declare.catalog import ARCHITECTURES, load_catalogs
from bench.lazy import load

WARM_UP, TIMED = 10, 40
"""Passes, as timm's benchmark takes them."""
START = 90.0
"""Seconds in which the process must stand: it imports torch and the catalogues."""


@dataclass(frozen=True)
class Asked:
    """Conditions of a loop, in the harness's words."""

    architecture: str
    batch: int
    resolution: int
    precision: str
    memory_format: str
    device: str
    threads: int
    autotune: bool = False
    """Whether cuDNN tries its convolutions and keeps the fastest."""
    pipelined: bool = False
    """Whether no pass is waited for, and the device's own clock times all of them."""


class Bare:
    """The process of bare loops; begun when it is first asked, and again after one that was too slow."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def seconds(self, asked: Asked, limit: float) -> list[float]:
        """Seconds of each timed pass; of pipelined passes their mean, as CUDA's events tell it.

        Raises:
            TimeoutError: the loop did not end within `limit` seconds.
            OSError: it failed; the text says how.
        """
        return [float(value) for value in self._answer(asdict(asked), limit)["seconds"]]

    def start(self, device: str, limit: float) -> tuple[float, float]:
        """Seconds that a fresh process takes for the device's context, and for its first convolution and product.

        Raises:
            TimeoutError, OSError: as of `seconds`.
        """
        context, first = self._answer({"start": device}, limit)["seconds"]
        return float(context), float(first)

    def close(self) -> None:
        """End the process and the loop that it runs."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.communicate()
            self._process = None

    def _answer(self, request: dict[str, Any], limit: float) -> dict[str, Any]:
        process = self._process or self._begun()
        assert process.stdin is not None
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._line(process, limit))
        if "error" in answer:
            raise OSError(f"the bare loop failed: {answer['error']}")
        return answer

    def _begun(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.gpu_check.bare"]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        self._line(self._process, START)
        return self._process

    def _line(self, process: subprocess.Popen[str], limit: float) -> str:
        assert process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            answered = bool(selector.select(limit))
        line = process.stdout.readline() if answered else ""
        if not line:
            self.close()
        if not answered:
            raise TimeoutError(f"the bare loop did not answer within {limit:.0f} s")
        if not line:
            raise OSError("the process of bare loops has ended")
        return line


def main() -> None:
    """Answer each line of stdin until it closes."""
    load_catalogs(["suites"])  # named, for a checkout that is not installed
    for module in ("torch", "torchvision.models"):
        load(module)  # the forks have it

    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        process = os.fork()
        if process == 0:
            answer: dict[str, Any]
            try:
                answer = {"seconds": _answered(json.loads(line))}
            except Exception as error:  # noqa: BLE001 - the other side is told, whatever it was
                answer = {"error": " ".join(f"{type(error).__name__}: {error}".split())[:300]}
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()
            os._exit(0)
        _, status = os.waitpid(process, 0)
        if status:
            sys.stdout.write(json.dumps({"error": f"its process ended with status {status}"}) + "\n")
            sys.stdout.flush()


def _answered(request: dict[str, Any]) -> list[float]:
    import torch

    if "start" in request:
        return [
            _took(lambda: torch.ones(1, device=request["start"]).item()),
            _took(lambda: _first(request["start"])),
        ]
    return _loop(Asked(**request))


def _first(device: str) -> None:
    """A small convolution and a product: libraries are loaded, and what they keep is laid out."""
    import torch

    images = torch.ones(1, 8, 8, 8, device=device)
    features = torch.nn.functional.conv2d(images, torch.ones(8, 8, 3, 3, device=device))
    (features.flatten(1) @ torch.ones(features[0].numel(), 8, device=device)).sum().item()


def _took(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _loop(asked: Asked) -> list[float]:
    import torch

    item, cuda = ARCHITECTURES.get(asked.architecture), asked.device.startswith("cuda")
    torch.set_num_threads(asked.threads)
    if cuda:
        torch.cuda.set_device(asked.device)
    # the same arithmetic as the harness's: cuDNN alone would take TF32 for fp32
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = asked.precision == "tf32"
    torch.backends.cudnn.benchmark = asked.autotune
    layout = torch.channels_last if asked.memory_format == "channels_last" else torch.contiguous_format
    with torch.device(asked.device):
        model = item.build(10 if item.channels == 1 else 1000)
        images = torch.randn(asked.batch, item.channels, asked.resolution, asked.resolution)
    name, once, _ = asked.precision.partition("_weights")
    kind = {"bf16": torch.bfloat16, "fp16": torch.float16}.get(name)
    cast = kind if once else None
    move: Callable[..., Any] = model.eval().to  # its stub lacks memory_format
    model = move(dtype=cast, memory_format=layout)
    images = images.to(dtype=cast or images.dtype, memory_format=layout)

    def forward() -> None:
        with torch.autocast(asked.device.partition(":")[0], kind) if kind and not once else nullcontext():
            model(images)

    def whole() -> None:
        forward()
        if cuda:
            torch.cuda.synchronize(asked.device)

    with torch.inference_mode():
        waited = [_took(whole) for _ in range(WARM_UP + TIMED)]
        return [_on_device(forward)] if asked.pipelined else waited[WARM_UP:]


def _on_device(forward: Callable[[], None]) -> float:
    """Mean seconds of a pass between two events of the device's stream, the passes queued one behind the other."""
    import torch

    first, last = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    first.record()
    for _ in range(TIMED):
        forward()
    last.record()
    last.synchronize()
    return float(first.elapsed_time(last)) / 1e3 / TIMED  # it tells milliseconds


if __name__ == "__main__":
    main()
