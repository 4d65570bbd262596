"""Energy counter and per-process memory of a GPU, from NVIDIA's management library (NVML)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from bench.errors import Unsupported
from bench.lazy import lazy

torch = lazy("torch")
pynvml = lazy("pynvml")

SLICE = "this device is a slice of a GPU (MIG), and NVML tells of the whole GPU alone"


def uuid_of(device: str) -> str:
    """NVML's name of torch's device `cuda` or `cuda:INDEX`; its index may differ (CUDA_VISIBLE_DEVICES).

    It makes no CUDA context.

    Raises:
        Unsupported: torch sees no CUDA device, or it is built for AMD's.
    """
    if torch.version.hip:
        raise Unsupported("this torch is built for ROCm, whose GPUs NVML does not know")
    if not torch.cuda.is_available():
        raise Unsupported("torch sees no CUDA device")
    return f"GPU-{torch.cuda.get_device_properties(device).uuid}"


def handle_of(uuid: str, nvml: Any = pynvml) -> Any:
    """NVML's handle of a whole GPU.

    Args:
        uuid: name of the GPU, as `uuid_of` gives it.
        nvml: the module `pynvml`.

    Raises:
        Unsupported: the device is a slice of a GPU.
        Exception: what NVML raises where there is no driver, or it does not know the GPU.
    """
    nvml.nvmlInit()
    try:
        handle = nvml.nvmlDeviceGetHandleByUUID(uuid)
    except Exception as error:
        # CUDA may give a slice the name of its own, which NVML has with another beginning
        if _answer(lambda: nvml.nvmlDeviceGetHandleByUUID(uuid.replace("GPU-", "MIG-", 1))) is None:
            raise
        raise Unsupported(SLICE) from error
    current, _ = _answer(lambda: nvml.nvmlDeviceGetMigMode(handle)) or (0, 0)
    if current:  # or that of the whole GPU, whose state is not the slice's
        raise Unsupported(SLICE)
    return handle


def _answer(question: Callable[[], Any]) -> Any:
    """An answer of NVML, or None where it has none, as for the slices of a GPU that cannot be sliced."""
    try:
        return question()
    except Exception:  # noqa: BLE001 - NVML's errors are made by its module, which may be a newer one
        return None


class NvmlGpu:
    """One GPU, as NVML sees it."""

    def __init__(self, uuid: str, nvml: Any = pynvml) -> None:
        """Look up the GPU.

        Args:
            uuid: name of the GPU, as `uuid_of` gives it. An index would not do: NVML's order is not CUDA's.
            nvml: the module `pynvml`.

        Raises:
            Unsupported: there is no driver, or NVML does not know the GPU, or the device is a slice of one.
        """
        self._nvml = nvml
        with self._answer("find the GPU"):
            self._handle = handle_of(uuid, nvml)

    def joules(self) -> float:
        """Energy of the whole GPU since its driver was loaded; it steps every 20 to 100 ms.

        Raises:
            Unsupported: the counter cannot be read: GPUs before Volta and some drivers have none.
        """
        with self._answer("read the GPU's energy"):
            return float(self._nvml.nvmlDeviceGetTotalEnergyConsumption(self._handle)) / 1000  # it gives mJ

    def celsius(self) -> int | None:
        """Temperature of the GPU in degrees Celsius; None where NVML does not report it, as for a slice."""
        try:
            return int(self._nvml.nvmlDeviceGetTemperature(self._handle, self._nvml.NVML_TEMPERATURE_GPU))
        except self._nvml.NVMLError:
            return None

    def bytes_of(self, pid: int) -> int:
        """GPU memory that a process holds now: context, kernels and the allocator's blocks.

        Raises:
            Unsupported: NVML cannot tell, as in containers, which number processes in their own way.
        """
        with self._answer("list the GPU's processes"):
            processes = self._nvml.nvmlDeviceGetComputeRunningProcesses(self._handle)
        found = [process.usedGpuMemory for process in processes if process.pid == pid]
        if not found:
            raise Unsupported("NVML lists no process of this id, as in a container, which has ids of its own")
        if found[0] is None:
            raise Unsupported("NVML lists this process without its memory")
        return int(found[0])

    @contextmanager
    def _answer(self, question: str) -> Iterator[None]:
        try:
            yield
        except self._nvml.NVMLError as error:
            raise Unsupported(f"NVML cannot {question}: {error}") from error
